/* Weights: PyTorch's checkpoints in both forms against their tensors, and every
 * cut and many mutations of .pth and safetensors files: one line or success,
 * never a crash. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/memory.h"
#include "hmm/file/output.h"
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
	    {"{\"a\":{\"shape\":[4],\"data_offsets\":[0,16]}}", "no dtype"},
	    {"{\"a\":{\"dtype\":\"Q4\",\"shape\":[4],\"data_offsets\":[0,1600]}}", "outside"},
	    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
	     "\"b\":{\"dtype\":\"Q4\",\"shape\":[2],\"data_offsets\":[2,4]},"
	     "\"c\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
	        "overlap"},
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

/* Write to the scratch file. 0, or -1 reported. */
static int
write_weights(const struct hmm_weight *weight, size_t count, const struct hmm_pair *pair)
{
	struct hmm_output output;
	if (hmm_output_open(&output, scratch))
		return -1;
	if (!hmm_weights_write(&output, weight, count, pair, 1))
		return hmm_output_finish(&output);
	hmm_output_abandon(&output);
	return -1;
}

/* What stands beside the tensors that are wanted does not stop a reader. */
static void
check_foreign(void)
{
	static const char header[] =
	    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
	    "\"mask\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[8,11]},"
	    "\"f4\":{\"dtype\":\"F4\",\"shape\":[10],\"data_offsets\":[11,16]}}";
	unsigned char bytes[512] = {sizeof(header) - 1};
	const size_t one[] = {2}, three[] = {3};
	memcpy(bytes + 8, header, sizeof(header) - 1);
	write_file(bytes, 8 + sizeof(header) - 1 + 16);
	struct hmm_weights *weights = hmm_weights_open(scratch);
	CHECK(weights && weights->count == 3);
	if (!weights)
		return;
	float *a = hmm_weight_floats(weights->weight, weights->count, "a", one, 1);
	CHECK(a);
	free(a);
	refuse_begin();
	CHECK(!hmm_weight_floats(weights->weight, weights->count, "mask", three, 1));
	CHECK(refuse_end("'mask' is of type BOOL, which is not read"));
	hmm_weights_close(weights);
}

/* Metadata of a length that histories have, with all that JSON has to escape. */
static void
check_metadata(void)
{
	enum { SIZE = 600000 };
	char *text = hmm_alloc(SIZE + 1, 1);
	float one = 1;
	const struct hmm_pair pair = {"history", text};
	struct hmm_weight weight = {
	    .name = (char *)"a", .x = {.dtype = HMM_F32, .dimensions = 1, .shape = {1}, .data = &one}};
	for (size_t i = 0; i < SIZE; i++)
		text[i] = "[{\"program\":\"a\\b\"}]\n\t\x1b\xc3\xa9 "[i % 28];
	text[SIZE - 1] = '.'; /* not within a character */
	CHECK(write_weights(&weight, 1, &pair) == 0);
	struct hmm_weights *weights = hmm_weights_open(scratch);
	const char *read = weights ? hmm_weights_metadata(weights, "history") : NULL;
	CHECK(read && !strcmp(read, text));
	CHECK(weights && !memcmp(weights->weight[0].x.data, &one, sizeof(one)));
	hmm_weights_close(weights);

	const struct hmm_pair bad = {"modality.0", "T1\xfc"}, good = {"a", "b"};
	refuse_begin();
	CHECK(write_weights(&weight, 1, &bad) == -1);
	CHECK(refuse_end("modality.0 'T1\xfc' is not UTF-8"));
	weight.name = (char *)"__metadata__";
	refuse_begin();
	CHECK(write_weights(&weight, 1, &good) == -1 && refuse_end("cannot be named"));
	free(text);
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
	check_foreign();
	check_metadata();
	unlink(scratch);
	return test_end();
}
