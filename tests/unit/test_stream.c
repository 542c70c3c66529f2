/* Streams: what is written comes back, a cut at any byte and a flip of any byte
 * is refused in one line, hostile lengths cost nothing. */
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/stream/stream.h"
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
	record->label = i == 1 ? -1 : 1;
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
	const struct hmm_step step = {"program", "0.1", "3", "x=1", "0123"};
	struct hmm_record record = {0};
	FILE *file = tmpfile();
	struct hmm_writer *writer = hmm_writer_open(file, "test", HMM_FEATURES, &step);
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
	const struct hmm_step *steps;
	CHECK(hmm_reader_history(reader, &steps) == 1);
	CHECK(!strcmp(steps[0].program, "program") && !strcmp(steps[0].version, "0.1"));
	CHECK(!strcmp(steps[0].numerics, "3") && !strcmp(steps[0].options, "x=1"));
	CHECK(!strcmp(steps[0].weights, "0123"));
	for (long i = 0; i < 3; i++) {
		fill(&want, i);
		CHECK(hmm_reader_next(reader, &have) == 1);
		CHECK(!strcmp(have.subject, want.subject) && !strcmp(have.modality, want.modality));
		CHECK(have.label == want.label && have.index == want.index && have.count == -1);
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

int
main(void)
{
	size_t size;
	char *bytes = make_stream(&size);
	check_roundtrip(bytes, size);
	check_concatenation(bytes, size);
	check_faults(bytes, size);
	check_hostile();
	free(bytes);
	return test_end();
}
