/* Weights: PyTorch's checkpoints in both forms against their tensors, and every
 * cut and many mutations of .pth and safetensors files: one line or success,
 * never a crash. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/memory.h"
#include "hmm/file/output.h"
#include "hmm/file/pth.h"
#include "hmm/base/random.h"
#include "hmm/file/safetensors.h"
#include "hmm/file/weights_file.h"
#include "ref.h"
#include "refuse.h"
#include "test.h"

static char scratch[] = "/tmp/test_weights.XXXXXX";

/* A checkpoint's tensors against those of a safetensors file. */
static void
check_checkpoint(const char *path, const char *expected, const char *entry)
{
	struct hmm_checkpoint *checkpoint = hmm_checkpoint_open(path, NULL);
	struct hmm_weights *golden = hmm_weights_open(expected);
	struct hmm_tensor x = {0};
	size_t count = 0, elements = 0;
	CHECK(checkpoint && golden);
	if (!checkpoint || !golden)
		return;
	CHECK(!strcmp(hmm_checkpoint_entry(checkpoint), entry));
	const struct hmm_weight *have = hmm_checkpoint_weights(checkpoint, &count);
	CHECK(count == golden->count && count > 0);
	for (size_t i = 0; i < count; i++) {
		const struct hmm_weight *want =
		    hmm_weight_find(golden->weight, golden->count, have[i].name);
		CHECK(hmm_checkpoint_read(checkpoint, i, &x) == 0);
		CHECK(want && want->x.dtype == have[i].x.dtype && want->x.dtype == x.dtype);
		CHECK(want && hmm_tensor_is(&have[i].x, want->x.shape, want->x.dimensions));
		CHECK(want && hmm_tensor_is(&x, want->x.shape, want->x.dimensions));
		hmm_tensor_count(&x, &elements);
		CHECK(want && !memcmp(want->x.data, x.data, elements * hmm_dtype_size(x.dtype)));
	}
	hmm_tensor_free(&x);
	hmm_checkpoint_close(checkpoint);
	hmm_weights_close(golden);
}

/* torchvision's names, in the forms of before 0.4 and of Python 2: the digits in the names are
 * their own, and the features alone can be had of each. */
static void
check_torchvision(void)
{
	glob_t found;
	CHECK(glob("tests/golden/vgg1[1369]-*.pth", 0, NULL, &found) == 0 && found.gl_pathc == 4);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char expected[64];
		struct hmm_weights_file file;
		const struct hmm_weights_choice features = {.features = 1};
		snprintf(expected, sizeof(expected), "tests/golden/pth_%.5s.safetensors",
		    strrchr(found.gl_pathv[i], '/') + 1);
		check_checkpoint(found.gl_pathv[i], expected, "");
		CHECK(hmm_weights_file_open(&file, found.gl_pathv[i], &features) == 0);
		CHECK(file.count >= 16 && !strncmp(file.weight[0].name, "features.0.", 11));
		hmm_weights_file_close(&file);
	}
	globfree(&found);
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
	struct hmm_checkpoint *checkpoint = hmm_checkpoint_open(scratch, NULL);
	struct hmm_tensor x = {0};
	size_t count = 0;
	int bad = !checkpoint;
	if (checkpoint)
		hmm_checkpoint_weights(checkpoint, &count);
	for (size_t i = 0; i < count && !bad; i++)
		bad = hmm_checkpoint_read(checkpoint, i, &x);
	hmm_tensor_free(&x);
	hmm_checkpoint_close(checkpoint);
	return bad ? -1 : 0;
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

/* Pickles of one opcode after the other: what each of protocol 2 to 5 may stand beside a tensor
 * without being read, and what is no pickle. */
static void
check_forms(void)
{
	static const struct {
		const char *bytes;
		size_t size;
		const char *says; /* NULL: it is read */
	} forms[] = {
#define FORM(text, says) {text, sizeof(text) - 1, says}
	    FORM("N", NULL),
	    FORM("\x8b\x0c\0\0\0abcdefghijkl", NULL), /* LONG4 */
	    FORM("I123456789012345\n", NULL),
	    FORM("I99999999999999999999999999999999999999\n", NULL),
	    FORM("C\3abc", NULL), /* bytes */
	    FORM("B\3\0\0\0abc", NULL),
	    FORM("\x8e\3\0\0\0\0\0\0\0abc", NULL),
	    FORM("\x96\3\0\0\0\0\0\0\0abc", NULL),
	    FORM("\x8d\3\0\0\0\0\0\0\0abc", NULL), /* BINUNICODE8 */
	    FORM("\x8d\3\0\0\0\0\0\0\xff", "truncated"),
	    FORM("\x8c\3abc", NULL),
	    FORM("U\3a\0c", NULL),             /* a zero within */
	    FORM("\x8f(K\1K\2\x90", NULL),     /* a set */
	    FORM("(K\1K\2\x91", NULL),         /* a frozenset */
	    FORM("cos\nsystem\n)\x81", NULL),  /* NEWOBJ */
	    FORM("cos\nsystem\n)}\x92", NULL), /* NEWOBJ_EX */
	    FORM("(cos\nsystem\nK\1o", NULL),  /* OBJ */
	    FORM("(o", "an object without a class"),
	    FORM("cos\nsystem\n)R(K\1K\2u", NULL),      /* items of an object */
	    FORM("\x8c\2os\x8c\6system\x93)R}b", NULL), /* STACK_GLOBAL, BUILD */
	    FORM("K\1K\2\x93", "a global without a name"),
	    FORM("\x82\1)R", NULL),       /* EXT1 */
	    FORM("K\1K\2\x30", NULL),     /* POP */
	    FORM("N(K\1K\2\x31", NULL),   /* POP_MARK */
	    FORM("K\1\x32\x86", NULL),    /* DUP */
	    FORM("K\1\x94\x30h\0", NULL), /* MEMOIZE */
	    FORM("h\7", "never set"),
	    FORM("Nr\xff\xff\xff\xff", "out of range"),
	    FORM("K\1Q", NULL), /* a persistent id that is no storage */
	    FORM("\x97", "no opcode"),
	    FORM("(K\1K\2u", "stack is empty"),
	    FORM("K\1(K\1K\2u", "neither list nor dict"),
	    FORM("R", "stack is empty"),
	    FORM("e", "no mark"),
#undef FORM
	};
	size_t size;
	unsigned char *plain = read_file("tests/golden/pth_inner.pth", &size);
	/* behind magic, protocol and system the object begins with a global */
	const unsigned char *object = plain;
	while (memcmp(object, "\x80\2ccollections", 14))
		object++;
	const size_t before = (size_t)(object - plain);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		unsigned char bytes[4096];
		size_t used = before + 2;
		memcpy(bytes, plain, used);
		memcpy(bytes + used, forms[i].bytes, forms[i].size);
		used += forms[i].size;
		if (!forms[i].says)
			bytes[used++] = '0'; /* POP */
		memcpy(bytes + used, object + 2, size - before - 2);
		write_file(bytes, used + size - before - 2);
		refuse_begin();
		const int bad = read_scratch(0);
		CHECK(forms[i].says ? bad && refuse_end(forms[i].says) : !bad);
		if (bad && !forms[i].says)
			refuse_end("nothing");
	}
	free(plain);
}

/* A legacy file of so many tensors that only a reader that is linear in them comes to an end. */
static void
check_many(void)
{
	enum { TENSORS = 20000 };
	static const unsigned char magic[] = {
	    0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};
	FILE *file = fopen(scratch, "wb");
	fwrite(magic, 1, sizeof(magic), file);
	fputs("\x80\2M\xe9\3.\x80\2}.\x80\2}(", file);
	for (int i = 0; i < TENSORS; i++)
		fprintf(file,
		    "U\5%05dctorch._utils\n_rebuild_tensor\n((U\7storagectorch\nFloatStorage\n"
		    "U\5%05dU\3cpuK\1tQI0\nK\1\x85K\1\x85tR",
		    i, i);
	fputs("u.\x80\2](", file);
	for (int i = TENSORS; i-- > 0;)
		fprintf(file, "U\5%05d", i);
	fputs("e.", file);
	for (int i = TENSORS; i-- > 0;) {
		const int64_t one = 1;
		const float value = (float)i;
		fwrite(&one, sizeof(one), 1, file);
		fwrite(&value, sizeof(value), 1, file);
	}
	fclose(file);
	struct hmm_checkpoint *checkpoint = hmm_checkpoint_open(scratch, NULL);
	struct hmm_tensor x = {0};
	size_t count = 0;
	CHECK(checkpoint);
	if (!checkpoint)
		return;
	const struct hmm_weight *weight = hmm_checkpoint_weights(checkpoint, &count);
	CHECK(count == TENSORS);
	for (size_t i = 0; i < count; i++) {
		CHECK(hmm_checkpoint_read(checkpoint, i, &x) == 0);
		CHECK(*(float *)x.data == (float)i && atoi(weight[i].name) == (int)i);
	}
	hmm_tensor_free(&x);
	hmm_checkpoint_close(checkpoint);
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
	    {"{}", "16 bytes behind its last tensor"},
	    {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
	        "8 bytes behind its last tensor"},
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
	refuse_begin();
	CHECK(!hmm_checkpoint_open("tests/golden/pth_hostile.pth", NULL));
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
	weights->weight[0].x.dtype = HMM_I32;
	refuse_begin();
	CHECK(!hmm_weight_floats(weights->weight, weights->count, weights->weight[0].name, one, 1));
	CHECK(refuse_end("is of type I32, want one of floats") && strstr(refuse_text, scratch));
	hmm_weights_close(weights);
}

/* A tensor without values lies nowhere, whatever its name and its place. */
static void
check_empty(void)
{
	static const char header[] =
	    "{\"z\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},"
	    "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
	    "\"m\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[4,4]},"
	    "\"c\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]},"
	    "\"d\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[16,16]}}";
	unsigned char bytes[512] = {(sizeof(header) - 1) & 255, (sizeof(header) - 1) >> 8};
	memcpy(bytes + 8, header, sizeof(header) - 1);
	write_file(bytes, 8 + sizeof(header) - 1 + 16);
	CHECK(read_scratch(1) == 0);
	float one = 1;
	struct hmm_weight weight[] = {{.name = (char *)"z", .x = {HMM_F32, 2, {0, 3}, NULL, 0, 0}},
	    {.name = (char *)"b", .x = {HMM_F32, 1, {1}, &one, 0, 0}}};
	const struct hmm_pair pair = {"program", "test"};
	CHECK(write_weights(weight, 2, &pair) == 0);
	struct hmm_weights *weights = hmm_weights_open(scratch);
	CHECK(weights && weights->count == 2);
	hmm_weights_close(weights);
}

/* Metadata of a length that histories have, with all that JSON has to escape. */
static void
check_metadata(void)
{
	enum { SIZE = 600000 }; /* whole parts */
	static const char part[] = "[{\"program\":\"a\\b\"}]\n\t\x1b\xc3\xa9 ";
	char *text = hmm_alloc(SIZE + 1, 1);
	float one = 1;
	const struct hmm_pair pair = {"history", text};
	struct hmm_weight weight = {
	    .name = (char *)"a", .x = {.dtype = HMM_F32, .dimensions = 1, .shape = {1}, .data = &one}};
	for (size_t i = 0; i < SIZE; i++)
		text[i] = part[i % (sizeof(part) - 1)];
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
	check_checkpoint("tests/golden/pth_zip.pth", "tests/golden/pth.safetensors", "");
	check_checkpoint("tests/golden/pth_legacy.pth", "tests/golden/pth.safetensors", "");
	check_checkpoint("tests/golden/pth_nested.pth", "tests/golden/pth.safetensors", "state_dict");
	check_checkpoint("tests/golden/pth_protocol5.pth", "tests/golden/pth.safetensors", "");
	check_checkpoint("tests/golden/pth_legacy4.pth", "tests/golden/pth.safetensors", "");
	check_checkpoint(
	    "tests/golden/pth_extras.pth", "tests/golden/pth_small.safetensors", "state_dict");
	check_checkpoint("tests/golden/pth_part.pth", "tests/golden/pth_small.safetensors", "");
	check_torchvision();
	check_forms();
	check_many();
	check_faults("tests/golden/pth_zip.pth", 0);
	check_faults("tests/golden/pth_protocol5.pth", 0);
	check_faults("tests/golden/pth_two_prefixes.pth", 0);
	check_faults("tests/golden/pth_legacy.pth", 0);
	check_faults("tests/golden/pth.safetensors", 1);
	check_hostile();
	check_foreign();
	check_empty();
	check_metadata();
	unlink(scratch);
	return test_end();
}
