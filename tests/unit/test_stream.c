/* Streams: what is written comes back, a cut at any byte and a flip of any byte
 * is refused in one line, hostile lengths cost nothing. */
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/stream/writer.h"
#include "ref.h"
#include "refuse.h"
#include "test.h"

static void
fill(struct hmm_record *record, long i)
{
	const size_t shape[3] = {2, 3, 1 + (size_t)i};
	hmm_record_clear(record);
	hmm_record_set(record->subject, sizeof(record->subject), "subject", "sub-\xc3\xa4 1\n");
	hmm_record_set(record->modality, sizeof(record->modality), "modality", i ? "PET" : "MRI");
	hmm_record_label(record, i == 0 ? "1" : i == 1 ? NULL : "a class");
	record->event = i == 2 ? 0 : -1;
	record->index = i;
	hmm_tensor_resize(&record->x, HMM_F32, shape, 3);
	ref_random(record->x.data, 6 * shape[2], (unsigned)i + 1);
}

/* Whether reading fails with exactly one line. */
#define REFUSED(condition)                                                                         \
	do {                                                                                           \
		refuse_begin();                                                                            \
		const int failed = (condition);                                                            \
		CHECK(failed &&refuse_end("test: "));                                                      \
	} while (0)

/* A stream of three records, to free(). */
static char *
make_stream(size_t *size)
{
	char *bytes = NULL;
	const struct hmm_step step = {"program", "0.1", "3", "x=1", "y=2", "0123"};
	struct hmm_record record = {0};
	FILE *file = tmpfile();
	struct hmm_writer *writer = hmm_writer_open(file, "test", HMM_FEATURES);
	hmm_writer_step(writer, &step);
	for (long i = 0; i < 3; i++) {
		fill(&record, i);
		CHECK(hmm_writer_put(writer, &record) == 0);
	}
	CHECK(hmm_writer_end(writer) == 0);
	hmm_writer_close(writer);
	hmm_record_free(&record);
	*size = (size_t)ftell(file);
	rewind(file);
	bytes = hmm_alloc(*size, 1);
	CHECK(fread(bytes, 1, *size, file) == *size);
	fclose(file);
	return bytes;
}

/* Read all there is: the number of records, or -1. */
static long
read_all(const char *bytes, size_t size, struct hmm_record *record)
{
	FILE *file = size ? fmemopen((void *)bytes, size, "rb") : fopen("/dev/null", "rb");
	struct hmm_reader *reader = hmm_reader_open_any(file, "test");
	int more = reader ? 1 : -1;
	while (more == 1)
		more = hmm_reader_next(reader, record);
	const long count = more < 0 ? -1 : hmm_reader_number(reader);
	hmm_reader_close(reader);
	fclose(file);
	return count;
}

static void
check_roundtrip(const char *bytes, size_t size)
{
	struct hmm_record have = {0}, want = {0};
	FILE *file = fmemopen((void *)bytes, size, "rb");
	struct hmm_reader *reader = hmm_reader_open(file, "test", HMM_FEATURES);
	const struct hmm_history *history = hmm_reader_history(reader);
	CHECK(history->chains == 1 && history->chain[0].count == 1 && !history->chain[0].modality);
	const struct hmm_step *steps = history->chain[0].step;
	CHECK(!strcmp(steps[0].program, "program") && !strcmp(steps[0].version, "0.1"));
	CHECK(!strcmp(steps[0].numerics, "3") && !strcmp(steps[0].options, "x=1"));
	CHECK(!strcmp(steps[0].weights, "0123") && !strcmp(steps[0].notes, "y=2"));
	for (long i = 0; i < 3; i++) {
		fill(&want, i);
		CHECK(hmm_reader_next(reader, &have) == 1);
		CHECK(!strcmp(have.subject, want.subject) && !strcmp(have.modality, want.modality));
		CHECK(!strcmp(have.label, want.label) && have.event == want.event &&
		      have.index == want.index && have.count == -1);
		CHECK(hmm_tensor_is(&have.x, want.x.shape, 3));
		CHECK(!memcmp(have.x.data, want.x.data, 24 * (1 + (size_t)i)));
	}
	CHECK(hmm_reader_next(reader, &have) == 0);
	hmm_reader_close(reader);
	fclose(file);
	hmm_record_free(&have);
	hmm_record_free(&want);
}

static void
check_concatenation(const char *bytes, size_t size)
{
	struct hmm_record record = {0};
	char *twice = hmm_alloc(2, size);
	memcpy(twice, bytes, size);
	memcpy(twice + size, bytes, size);
	CHECK(read_all(twice, 2 * size, &record) == 6);
	free(twice);
	hmm_record_free(&record);
}

static void
check_faults(const char *bytes, size_t size)
{
	struct hmm_record record = {0};
	char *broken = hmm_alloc(size, 1);
	for (size_t cut = 0; cut < size; cut++)
		REFUSED(read_all(bytes, cut, &record) < 0);
	for (size_t at = 0; at < size; at++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(broken, bytes, size);
			broken[at] = (char)(broken[at] ^ 1 << bit);
			REFUSED(read_all(broken, size, &record) < 0);
		}
	free(broken);
	hmm_record_free(&record);
}

/* Headers that promise the world. */
static void
check_hostile(void)
{
	static const struct {
		const char *bytes;
		size_t size;
	} streams[] = {
	    {"\xdf\xff\xff\xff\xff", 5},                            /* a map of 2^32 pairs */
	    {"\x83\xa3hmm\x02", 6},                                 /* an unknown version */
	    {"\x82\xa3hmm\x01\xa4kind\xa6nosuch", 18},              /* an unknown kind */
	    {"\x82\xa3hmm\x01\xa4kind\xdb\xff\xff\xff\xff", 16},    /* a string of 4 GB */
	    {"\x82\xa3hmm\x01\xa7history\xdd\xff\xff\xff\xff", 19}, /* 2^32 entries */
	    {"\x82\xa3hmm\x01\xa4kind\xa4sets\x81\xa1x\x81\xa4"
	     "data\xc6\x7f\xff\xff\xff",
	        31},
	    {"\x82\xa3hmm\x01\xa4kind\xa4sets\x81\xa1x\x81\xa5shape\xdd\xff\xff\xff\xff", 32},
	    {"\x82\xa3hmm\x01\xa1z\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x90", 21},
	    {"not a stream", 12},
	};
	struct hmm_record record = {0};
	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++)
		REFUSED(read_all(streams[i].bytes, streams[i].size, &record) < 0);
	hmm_record_free(&record);
}

static int
count_one(void *count, struct hmm_reader *reader, struct hmm_record *record)
{
	(void)reader;
	(void)record;
	++*(long *)count;
	return 0;
}

static int
count_stream(void *count)
{
	*(long *)count += 100;
	return 0;
}

/* Each record and each stream's end, once. */
static void
check_each(const char *bytes, size_t size)
{
	struct hmm_record record = {0};
	char *twice = hmm_alloc(2, size);
	long count = 0;
	memcpy(twice, bytes, size);
	memcpy(twice + size, bytes, size);
	FILE *file = fmemopen(twice, 2 * size, "rb");
	struct hmm_reader *reader = hmm_reader_open_any(file, "test");
	CHECK(hmm_reader_each(reader, &record, count_one, count_stream, &count) == 0 && count == 206);
	hmm_reader_close(reader);
	fclose(file);
	for (int cut = 0; cut < 2; cut++) { /* its last byte is not there, or another one */
		count = 0;
		twice[2 * size - 1] = (char)(twice[2 * size - 1] ^ 1);
		file = fmemopen(twice, 2 * size - (size_t)cut, "rb");
		reader = hmm_reader_open_any(file, "test");
		REFUSED(hmm_reader_each(reader, &record, count_one, count_stream, &count) < 0);
		CHECK(count == 106 && hmm_reader_proven(reader));
		hmm_reader_close(reader);
		fclose(file);
	}
	free(twice);
	hmm_record_free(&record);
}

/* A stream of no records, with these many entries in its history, to free(). */
static char *
make_history(const struct hmm_step *step, int entries, size_t *size, int *refused)
{
	char *bytes = NULL;
	*refused = 0;
	for (int i = 0; i < entries && !*refused; i++) {
		char *before = bytes;
		FILE *in = before ? fmemopen(before, *size, "rb") : NULL;
		struct hmm_reader *reader = in ? hmm_reader_open_any(in, "test") : NULL;
		FILE *out = tmpfile();
		struct hmm_writer *writer = hmm_writer_open(out, "test", HMM_SETS);
		hmm_writer_step(writer, step);
		hmm_writer_follow(writer, reader ? hmm_reader_history(reader) : NULL);
		if (i == 64)
			refuse_begin();
		*refused = hmm_writer_end(writer) < 0;
		CHECK(i < 64 || refuse_end("test: a history of 65 entries"));
		*size = (size_t)ftell(out);
		bytes = hmm_alloc(*size, 1);
		rewind(out);
		CHECK(fread(bytes, 1, *size, out) == *size);
		hmm_writer_close(writer);
		hmm_reader_close(reader);
		fclose(out);
		if (in)
			fclose(in);
		free(before);
	}
	return bytes;
}

/* A writer writes no history that a reader would refuse, and nothing in it is ever cut. */
static void
check_history(void)
{
	struct hmm_step step, back;
	struct hmm_record record = {0};
	size_t size;
	int refused;
	char text[2048], json[4096];
	static const char *option = "", *note = "a";
	static const struct hmm_option options[] = {
	    HMM_OPTION_TEXT(0, "x", &option, "S", "", HMM_BINDING),
	    HMM_OPTION_TEXT(0, "y", &note, "S", "", HMM_NOTED),
	    HMM_OPTION_TEXT(0, "z", &note, "S", "", HMM_UNNOTED)};
	static const struct hmm_usage usage = {"", "", options, 3};
	memset(text, 'y', sizeof(text));
	hmm_program = "test";
	for (size_t length = 1019; length <= 1024; length++) {
		text[length] = '\0';
		option = text;
		if (length <= sizeof(step.options) - 3) /* x= before it, NUL behind */
			CHECK(!hmm_step_make(&step, &usage, NULL) && strlen(step.options) == length + 2 &&
			      !strcmp(step.notes, "y=a"));
		else
			REFUSED(hmm_step_make(&step, &usage, NULL) < 0);
		text[length] = 'y';
	}
	text[100] = '\0';
	REFUSED(hmm_step_make(&step, NULL, text) < 0);
	hmm_program = text;
	refuse_begin();
	CHECK(hmm_step_make(&step, NULL, NULL) < 0);
	CHECK(refuse_end(": program '"));
	hmm_program = "test";
	CHECK(!hmm_step_make(&step, NULL, NULL) && !strcmp(step.program, "test"));
	for (int entries = 63; entries <= 65; entries++) {
		char *bytes = make_history(&step, entries, &size, &refused);
		CHECK(refused == (entries > 64));
		CHECK(refused || read_all(bytes, size, &record) == 0);
		free(bytes);
	}
	snprintf(json, sizeof(json), "{\"program\":\"p\",\"numerics\":\"3\",\"options\":\"%.1023s\"}",
	    text + 101);
	CHECK(!hmm_step_parse(&back, json, "p") && strlen(back.options) == 1023);
	snprintf(json, sizeof(json), "{\"program\":\"p\",\"numerics\":\"3\",\"options\":\"%.1024s\"}",
	    text + 101);
	static const char *const wrong[] = {"", "{}", "[]", "{\"program\":\"p\"}", "no",
	    "{\"program\":\"q\",\"numerics\":\"3\"}", "{\"program\":\"p\",\"numerics\":3}"};
	REFUSED(hmm_step_parse(&back, json, "p") < 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		REFUSED(hmm_step_parse(&back, wrong[i], "p") < 0);
}

/* A history of before, which had no numerics of its own. */
static void
check_old(void)
{
	static const char stream[] =
	    "\x83\xa3hmm\x01\xa4kind\xa4sets\xa7history\x91\x83\xa7program\xa1p\xa7version\xa1v"
	    "\xa7options\xa0";
	FILE *file = fmemopen((void *)stream, sizeof(stream) - 1, "rb");
	struct hmm_reader *reader = hmm_reader_open_any(file, "test");
	CHECK(reader && hmm_reader_history(reader)->chains == 1);
	const struct hmm_step *steps = hmm_reader_history(reader)->chain[0].step;
	CHECK(!strcmp(steps[0].version, "v") && !steps[0].numerics[0]);
	hmm_reader_close(reader);
	fclose(file);
}

/* Every form of a msgpack value is read past where its key is unknown. */
static void
check_forms(void)
{
	static const struct {
		const char *bytes;
		size_t size;
	} forms[] = {{"\xc0", 1}, {"\xc2", 1}, {"\xc3", 1}, {"\xc4\x02yz", 4}, {"\xc5\0\x02yz", 5},
	    {"\xc6\0\0\0\x02yz", 7}, {"\xc7\x03\x01xyz", 6}, {"\xc8\0\x03\x01xyz", 7},
	    {"\xc9\0\0\0\x03\x01xyz", 9},
	    {"\xca"
	     "1234",
	        5},
	    {"\xcb"
	     "12345678",
	        9},
	    {"\xcc"
	     "1",
	        2},
	    {"\xcd"
	     "12",
	        3},
	    {"\xce"
	     "1234",
	        5},
	    {"\xcf"
	     "12345678",
	        9},
	    {"\xd0"
	     "1",
	        2},
	    {"\xd1"
	     "12",
	        3},
	    {"\xd2"
	     "1234",
	        5},
	    {"\xd3"
	     "12345678",
	        9},
	    {"\xd4\x01x", 3}, {"\xd5\x01xy", 4}, {"\xd6\x01wxyz", 6},
	    {"\xd7\x01"
	     "12345678",
	        10},
	    {"\xd8\x01"
	     "1234567812345678",
	        18},
	    {"\xd9\x02yz", 4}, {"\xda\0\x02yz", 5}, {"\xdb\0\0\0\x02yz", 7}, {"\xdc\0\x01\xc0", 4},
	    {"\xdd\0\0\0\x01\xc0", 6}, {"\xde\0\x01\xa1z\xc0", 6}, {"\xdf\0\0\0\x01\xa1z\xc0", 8},
	    {"\xe0", 1}, {"\x7f", 1}, {"\x92\xc0\xc0", 3}, {"\x81\xa1z\xc0", 4}, {"\xa2yz", 3}};
	char stream[64];
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const size_t size = forms[i].size;
		memcpy(stream, "\x83\xa3hmm\x01\xa1z", 8);
		memcpy(stream + 8, forms[i].bytes, size);
		memcpy(stream + 8 + size, "\xa4kind\xa4sets", 10);
		FILE *file = fmemopen(stream, 18 + size, "rb");
		struct hmm_reader *reader = hmm_reader_open(file, "test", HMM_SETS);
		CHECK(reader && getc(file) == EOF);
		hmm_reader_close(reader);
		fclose(file);
	}
}

/* What two records of a subject differ in is named, and nothing else. */
static void
check_agreement(void)
{
	struct hmm_record a = {.subject = "s", .split = "val"}, b = {.subject = "s", .split = "val"};
	CHECK(!hmm_record_agree(&a, &b, "x"));
	snprintf(b.split, sizeof(b.split), "train");
	refuse_begin();
	CHECK(hmm_record_agree(&a, &b, "x"));
	CHECK(refuse_end("x: subject s is in split 'train', want 'val' as before\n"));
	snprintf(a.group, sizeof(a.group), "g");
	refuse_begin();
	CHECK(hmm_record_agree(&a, &b, "x"));
	CHECK(refuse_end("x: subject s is in group '', want 'g' as before\n"));
}

int
main(void)
{
	size_t size;
	char *bytes = make_stream(&size);
	check_roundtrip(bytes, size);
	check_concatenation(bytes, size);
	check_faults(bytes, size);
	check_hostile();
	check_each(bytes, size);
	check_history();
	check_old();
	check_forms();
	check_agreement();
	free(bytes);
	return test_end();
}
