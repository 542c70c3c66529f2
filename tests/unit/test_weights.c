/* Weights: PyTorch's checkpoints in both forms against their tensors, and every
 * cut and many mutations of .pth and safetensors files: one line or success,
 * never a crash. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/memory.h"
#include "hmm/file/pth.h"
#include "hmm/base/random.h"
#include "hmm/file/safetensors.h"
#include "ref.h"
#include "refuse.h"
#include "test.h"

static char scratch[] = "/tmp/test_weights.XXXXXX";

static void
check_checkpoint(const char *path)
{
	struct hmm_checkpoint checkpoint;
	struct hmm_weights *golden = hmm_weights_open("tests/golden/pth.safetensors");
	CHECK(hmm_pth_read(&checkpoint, path) == 0);
	CHECK(golden && checkpoint.count == golden->count && golden->count == 8);
	for (size_t i = 0; golden && i < checkpoint.count; i++) {
		const struct hmm_weight *have = &checkpoint.weight[i];
		const struct hmm_weight *want = hmm_weight_find(golden->weight, golden->count, have->name);
		size_t count = 0;
		CHECK(want && want->x.dtype == have->x.dtype);
		CHECK(want && hmm_tensor_is(&have->x, want->x.shape, want->x.dimensions));
		hmm_tensor_count(&have->x, &count);
		CHECK(want && !memcmp(want->x.data, have->x.data, count * hmm_dtype_size(have->x.dtype)));
	}
	hmm_checkpoint_free(&checkpoint);
	hmm_weights_close(golden);
}

static unsigned char *
read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	unsigned char *bytes = hmm_alloc(1 << 17, 1);
	*size = fread(bytes, 1, 1 << 17, file);
	fclose(file);
	return bytes;
}

static void
write_file(const unsigned char *bytes, size_t size)
{
	FILE *file = fopen(scratch, "wb");
	fwrite(bytes, 1, size, file);
	fclose(file);
}

/* Read the scratch file as either format: 0, or -1. */
static int
read_scratch(int safetensors)
{
	if (safetensors) {
		struct hmm_weights *weights = hmm_weights_open(scratch);
		hmm_weights_close(weights);
		return weights ? 0 : -1;
	}
	struct hmm_checkpoint checkpoint;
	if (hmm_pth_read(&checkpoint, scratch))
		return -1;
	hmm_checkpoint_free(&checkpoint);
	return 0;
}

static void
check_faults(const char *path, int safetensors)
{
	size_t size;
	unsigned char *bytes = read_file(path, &size);
	for (size_t cut = 0; cut < size; cut += 1 + (size - cut > 900 ? cut % 7 : 0)) {
		write_file(bytes, cut);
		refuse_begin();
		CHECK(read_scratch(safetensors) == -1 && refuse_end(scratch));
	}
	for (unsigned seed = 0; seed < 2000; seed++) {
		const struct hmm_place place = {.seed = seed, .stream = 7};
		const size_t at = (size_t)(hmm_random_uniform(place, 0) * (double)size);
		const unsigned char old = bytes[at];
		bytes[at] = (unsigned char)(hmm_random_uniform(place, 1) * 256);
		write_file(bytes, size);
		refuse_begin();
		if (read_scratch(safetensors))
			CHECK(refuse_end(""));
		bytes[at] = old;
	}
	free(bytes);
}

static void
check_hostile(void)
{
	static const struct {
		const char *header, *says;
	} headers[] = {
	    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,16]}}", "fit its shape"},
	    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,1600]}}", "outside"},
	    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16,0]}}", "outside"},
	    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[-16,0]}}", "outside"},
	    {"{\"a\":{\"dtype\":\"Q4\",\"shape\":[4],\"data_offsets\":[0,16]}}", "'Q4'"},
	    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296,4],\"data_offsets\":[0,0]}}",
	        "shape"},
	    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
	     "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
	        "overlap"},
	    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
	     "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
	        "JSON"},
	    {"{\"__metadata__\":{\"a\":1}}", "not a string"},
	    {"[]", "JSON object"},
	};
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		unsigned char bytes[512] = {0};
		const size_t length = strlen(headers[i].header);
		bytes[0] = (unsigned char)length;
		memcpy(bytes + 8, headers[i].header, length);
		write_file(bytes, 8 + length + 16);
		refuse_begin();
		CHECK(read_scratch(1) == -1 && refuse_end(headers[i].says));
	}
	struct hmm_checkpoint checkpoint;
	refuse_begin();
	CHECK(hmm_pth_read(&checkpoint, "tests/golden/pth_hostile.pth") == -1);
	CHECK(refuse_end("posix.system"));
}

int
main(void)
{
	close(mkstemp(scratch));
	check_checkpoint("tests/golden/pth_zip.pth");
	check_checkpoint("tests/golden/pth_legacy.pth");
	check_checkpoint("tests/golden/pth_nested.pth");
	check_faults("tests/golden/pth_zip.pth", 0);
	check_faults("tests/golden/pth_legacy.pth", 0);
	check_faults("tests/golden/pth.safetensors", 1);
	check_hostile();
	unlink(scratch);
	return test_end();
}
