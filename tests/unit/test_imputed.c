/* What is imputed is marked, and the mark is never lost, torn or taken for another. */
#include <stdlib.h>
#include <string.h>

#include "hmm/stream/writer.h"
#include "refuse.h"
#include "test.h"

static const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void
fill(struct hmm_record *record, const char *modality, const char *imputed)
{
	const size_t shape[3] = {1, 1, 1};
	hmm_record_clear(record);
	hmm_record_set(record->subject, sizeof(record->subject), "subject", "s");
	hmm_record_set(record->modality, sizeof(record->modality), "modality", modality);
	hmm_record_set(record->imputed, sizeof(record->imputed), "imputed", imputed);
	hmm_tensor_resize(&record->x, HMM_F32, shape, 3);
	((float *)record->x.data)[0] = 1;
}

/* Write a record, and read it into the same: 0, or -1 where either is refused. */
static int
pass(struct hmm_record *record, enum hmm_kind kind)
{
	FILE *file = tmpfile();
	struct hmm_writer *writer = hmm_writer_open(file, "test", kind);
	struct hmm_reader *reader = NULL;
	int bad = hmm_writer_put(writer, record) || hmm_writer_end(writer);
	rewind(file);
	if (!bad)
		reader = hmm_reader_open(file, "test", kind);
	bad = bad || !reader || hmm_reader_next(reader, record) != 1;
	hmm_reader_close(reader);
	hmm_writer_close(writer);
	fclose(file);
	return bad;
}

static void
check_stream(void)
{
	static const char *const wrong[] = {"1", "yes", "PET",
	    "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"};
	struct hmm_record record = {0}, other = {0};
	for (enum hmm_kind kind = HMM_FEATURES; kind <= HMM_LATENTS; kind++) {
		fill(&record, "PET", digest);
		CHECK(!pass(&record, kind) && !strcmp(record.imputed, digest));
		fill(&record, "PET", "");
		CHECK(!pass(&record, kind) && !record.imputed[0]);
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
			fill(&record, "PET", wrong[i]);
			refuse_begin();
			const int bad = pass(&record, kind);
			CHECK(bad && refuse_end("test: record 1 (s PET): imputed '"));
		}
	}
	fill(&record, "PET", digest);
	hmm_record_copy_fields(&other, &record);
	CHECK(!strcmp(other.imputed, digest));
	hmm_record_clear(&other);
	CHECK(!other.imputed[0]);
	hmm_record_free(&record);
}

/* A set names those of its modalities that were imputed, and no others. */
static void
check_sets(void)
{
	static const char *const right[] = {"", "PET", "T1w", "PET+T1w"};
	static const char *const wrong[] = {"PE", "PET+T2w", "T1w+PET+T1", digest};
	struct hmm_record record = {0};
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		fill(&record, "PET+T1w", right[i]);
		CHECK(!pass(&record, HMM_SETS) && !strcmp(record.imputed, right[i]));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		fill(&record, "PET+T1w", wrong[i]);
		refuse_begin();
		const int bad = pass(&record, HMM_SETS);
		CHECK(bad && refuse_end("want some of its modalities"));
	}
	hmm_record_free(&record);
}

/* The order is total where the generator is all that differs, and keeps an image's slices together.
 */
static void
check_order(void)
{
	struct hmm_record real = {0}, imputed = {0};
	fill(&real, "PET", "");
	fill(&imputed, "PET", digest);
	CHECK(hmm_record_compare(&real, &imputed) < 0 && hmm_record_compare(&imputed, &real) > 0);
	real.index = 1;
	imputed.index = 0;
	CHECK(hmm_record_compare(&real, &imputed) < 0);
	fill(&real, "PET", digest);
	imputed.index = -1;
	CHECK(hmm_record_compare(&real, &imputed) == 0);
	hmm_record_free(&real);
	hmm_record_free(&imputed);
}

int
main(void)
{
	check_stream();
	check_sets();
	check_order();
	return test_end();
}
