/* Histories: what a chain is compared by, what a set's is made of, and the ways to a header and to
 * JSON and back. */
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/learn/model.h"
#include "hmm/stream/writer.h"
#include "refuse.h"
#include "test.h"

static const struct hmm_step slice = {"hmm-slice", "1", "4", "axis=axial resize=256", "", ""};
static const struct hmm_step vgg = {"hmm-vgg", "1", "4", "", "", "0123456789abcdef"};
static const struct hmm_step gan = {"hmm-gan", "1", "4", "from=T1w to=PET", "", "aaaa"};
static const struct hmm_step gather = {"hmm-gather", "1", "", "", "", ""};

/* A chain of these steps is told from slice, vgg in those words, or not at all (NULL). */
static void
differs(const struct hmm_step *step, size_t count, const char *have, const char *want)
{
	struct hmm_step own[] = {slice, vgg};
	struct hmm_step other[4];
	char a[HMM_DIFFERENCE], b[HMM_DIFFERENCE];
	struct hmm_difference difference;
	for (size_t i = 0; i < count; i++)
		other[i] = step[i];
	const struct hmm_chain is = {NULL, other, count}, wants = {NULL, own, 2};
	const int found = hmm_history_differ(&difference, &is, &wants);
	CHECK(found == (have != NULL));
	if (!found || !have)
		return;
	hmm_history_tell(a, b, &difference);
	CHECK(!strcmp(a, have));
	CHECK(!strcmp(b, want));
}

static void
check_differences(void)
{
	struct hmm_step s[4] = {slice, vgg, gather, gather};
	differs(s, 2, NULL, NULL);
	differs(s, 4, NULL, NULL); /* what passes data on decides nothing */
	strcpy(s[0].version, "2");
	strcpy(s[1].notes, "any-history");
	differs(s, 2, NULL, NULL);
	strcpy(s[0].options, "axis=sagittal resize=256");
	differs(s, 2, "made by hmm-slice with axis=sagittal", "made with axis=axial");
	strcpy(s[0].options, "axis=axial resize=256 fit");
	differs(s, 2, "made by hmm-slice with fit", "made without fit");
	strcpy(s[0].options, "axis=axial");
	differs(s, 2, "made by hmm-slice without resize", "made with resize=256");
	strcpy(s[0].options, "axis=axial resize=25");
	differs(s, 2, "made by hmm-slice with resize=25", "made with resize=256");
	strcpy(s[0].options, "axis=axial resize=256 size=256");
	differs(s, 2, "made by hmm-slice with size=256", "made without size");
	strcpy(s[0].options, "resize=256 axis=axial");
	differs(s, 2, "made by hmm-slice with resize=256", "made with resize=256");
	s[0] = slice;
	strcpy(s[0].numerics, "5");
	differs(s, 2, "made by hmm-slice with numerics=5", "made with numerics=4");
	strcpy(s[0].options, "axis=axial resize=25"); /* says more */
	differs(s, 2, "made by hmm-slice with resize=25", "made with resize=256");
	s[0] = slice;
	strcpy(s[1].weights, "fedcba9876543210");
	differs(s, 2, "made by hmm-vgg with weights=fedcba987654", "made with weights=0123456789ab");
	differs(s, 1, "made without hmm-vgg", "made by hmm-vgg");
	differs(s, 0, "made without hmm-slice", "made by hmm-slice");
	strcpy(s[0].program, "hmm-show");
	differs(s, 2, "made by hmm-show", "made by hmm-slice");
	const struct hmm_step more[] = {slice, gather, vgg, vgg};
	differs(more, 4, "made by hmm-vgg", "made without hmm-vgg");
	differs(more, 3, NULL, NULL);
	const struct hmm_step imputed[] = {slice, gan, vgg, gather};
	differs(imputed, 4, "made by hmm-gan", "made without hmm-gan");
	const struct hmm_step other[] = {gan, gan, vgg};
	differs(other, 3, "made by hmm-gan", "made by hmm-slice"); /* either lacks the other's */
}

/* A model of real images of one axis that are imputed too, by a generator or two. */
static void
check_imputed(void)
{
	struct hmm_step real[] = {slice, vgg}, imputed[] = {slice, gan, vgg};
	struct hmm_history learned = {0}, history = {0};
	struct hmm_record record = {.modality = "PET"};
	CHECK(!hmm_history_add(&learned, "PET", real, 2));
	CHECK(!hmm_history_add(&history, NULL, imputed, 3));
	refuse_begin();
	CHECK(hmm_model_fits(&learned, "phi", &history, &record, 1) == -1);
	CHECK(refuse_end("PET was made by hmm-gan, but phi was trained on data made without hmm-gan"));
	CHECK(!hmm_model_note(&learned, &history, &record) && learned.chains == 2);
	CHECK(!hmm_model_fits(&learned, "phi", &history, &record, 1));
	struct hmm_history other = {0}; /* nearer to the real ones, with which it begins */
	strcpy(real[1].weights, "bbbb");
	CHECK(!hmm_history_add(&other, NULL, real, 2));
	refuse_begin();
	CHECK(hmm_model_fits(&learned, "phi", &other, &record, 1) == -1);
	CHECK(refuse_end("PET was made by hmm-vgg with weights=bbbb, but phi was trained on data made "
	                 "with weights=0123"));
	hmm_history_free(&other);
	real[1] = vgg;
	refuse_begin();
	hmm_model_warn(&learned); /* that they were imputed was asked for */
	hmm_warn_flush();
	CHECK(refuse_nothing());
	strcpy(imputed[1].weights, "bbbb");
	CHECK(!hmm_history_add(&learned, "PET", imputed, 3));
	refuse_begin();
	hmm_model_warn(&learned);
	hmm_warn_flush();
	CHECK(
	    refuse_end("PET: some was made by hmm-gan with weights=aaaa, some made with weights=bbbb"));
	hmm_history_free(&learned);
	CHECK(!hmm_history_add(&learned, "PET", real, 2));
	strcpy(imputed[0].options, "axis=coronal resize=256");
	CHECK(!hmm_history_add(&learned, "PET", imputed, 3));
	refuse_begin();
	hmm_model_warn(&learned);
	hmm_warn_flush();
	CHECK(
	    refuse_end("PET: some was made by hmm-slice with axis=axial, some made with axis=coronal"));
	hmm_history_free(&learned);
	hmm_history_free(&history);
}

/* T1w axial; PET coronal, and in one of its images resized otherwise. */
static void
make_mixed(struct hmm_history *history)
{
	struct hmm_step pet[] = {slice, vgg};
	const struct hmm_step t1w[] = {slice, vgg};
	*history = (struct hmm_history){0};
	CHECK(!hmm_history_add(history, "T1w", t1w, 2));
	strcpy(pet[0].options, "axis=coronal resize=256");
	CHECK(!hmm_history_add(history, "PET", pet, 2));
	CHECK(!hmm_history_add(history, "PET", pet, 2)); /* is there */
	strcpy(pet[0].options, "axis=coronal resize=224");
	CHECK(!hmm_history_add(history, "PET", pet, 2));
	CHECK(history->chains == 3);
}

static void
check_sets(void)
{
	struct hmm_history mixed, part = {0};
	make_mixed(&mixed);
	CHECK(!hmm_history_take(&part, &mixed, "PET") && part.chains == 2);
	CHECK(!hmm_history_take(&part, &mixed, "PET") && part.chains == 2);
	CHECK(!hmm_history_same(&part, &mixed));
	hmm_history_simplify(&part);
	CHECK(part.chains == 2 && part.chain[0].modality); /* they differ */
	hmm_history_free(&part);
	CHECK(!hmm_history_take(&part, &mixed, "T1w") && part.chains == 1);
	hmm_history_simplify(&part);
	CHECK(part.chains == 1 && !part.chain[0].modality);
	/* of all modalities is of this one too */
	struct hmm_history other = {0};
	CHECK(!hmm_history_take(&other, &part, "CT") && !strcmp(other.chain[0].modality, "CT"));
	CHECK(!hmm_history_take(&other, &part, "MR") && other.chains == 2);
	hmm_history_simplify(&other);
	CHECK(hmm_history_same(&other, &part));
	hmm_history_free(&other);
	hmm_history_free(&part);
	hmm_history_free(&mixed);
}

static void
check_json(void)
{
	struct hmm_history mixed, back = {0};
	make_mixed(&mixed);
	char *text = hmm_history_json(&mixed);
	CHECK(text && !hmm_history_parse(&back, text, "test") && hmm_history_same(&mixed, &back));
	hmm_history_free(&back);
	free(text);
	static const char *const wrong[] = {"", "{}", "[{}]", "[1]", "[{\"history\":{}}]",
	    "[{\"history\":[{\"numerics\":\"0123456789abcdefg\"}]}]", "[{\"history\":1}]"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		refuse_begin();
		CHECK(hmm_history_parse(&back, wrong[i], "test") < 0 && refuse_end("test: "));
		hmm_history_free(&back);
	}
	hmm_history_free(&mixed);
}

/* By modality into a header and out of it, own step behind each chain. */
static void
check_header(void)
{
	struct hmm_history mixed;
	const struct hmm_step setsum = {"hmm-setsum", "1", "4", "reduce=mean", "", ""};
	FILE *file = tmpfile();
	struct hmm_writer *writer = hmm_writer_open(file, "test", HMM_SETS);
	make_mixed(&mixed);
	hmm_writer_step(writer, &setsum);
	hmm_writer_follow(writer, &mixed);
	CHECK(!hmm_writer_end(writer));
	hmm_writer_close(writer);
	rewind(file);
	struct hmm_reader *reader = hmm_reader_open(file, "test", HMM_SETS);
	const struct hmm_history *have = hmm_reader_history(reader);
	CHECK(have->chains == 3);
	for (size_t i = 0; i < 3; i++) {
		CHECK(!strcmp(have->chain[i].modality, mixed.chain[i].modality));
		CHECK(have->chain[i].count == 3 && !strcmp(have->chain[i].step[2].program, "hmm-setsum"));
		CHECK(!memcmp(have->chain[i].step, mixed.chain[i].step, 2 * sizeof(struct hmm_step)));
	}
	hmm_reader_close(reader);
	fclose(file);
	hmm_history_free(&mixed);
}

/* Headers that claim too much, or several histories of everything. */
static void
check_hostile(void)
{
	static const struct {
		const char *bytes;
		size_t size;
	} headers[] = {
#define HEADER "\x83\xa3hmm\x01\xa4kind\xa4sets\xa9histories"
#define BYTES(text) {text, sizeof(text) - 1}
	    BYTES(HEADER "\xdd\xff\xff\xff\xff"), BYTES(HEADER "\x91\xa1x"), BYTES(HEADER "\x91\x80"),
	    BYTES(HEADER "\x91\x81\xa8modality\xa1x"), BYTES(HEADER "\x91\x82\xa7history\x90"),
	    BYTES(HEADER "\x91\x82\xa8modality\xa1x\xa7history\xdd\xff\xff\xff\xff"),
	    BYTES(HEADER "\x91\x83\xa8modality\xa1x\xa7history\x90\xa1y\x01"),
	    BYTES("\x84\xa3hmm\x01\xa4kind\xa4sets\xa7history\x91\x80\xa7history\x92\x80\x80"),
	    BYTES("\x84\xa3hmm\x01\xa4kind\xa4sets\xa7history\x91\x80\xa9histories\x91\x82\xa8modality"
	          "\xa1x\xa7history\x90")};
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		FILE *file = fmemopen((void *)headers[i].bytes, headers[i].size, "rb");
		refuse_begin();
		struct hmm_reader *reader = hmm_reader_open_any(file, "test");
		CHECK(!reader && refuse_end("test: "));
		hmm_reader_close(reader);
		fclose(file);
	}
}

/* What a model takes of what it has learned from. */
static void
check_models(void)
{
	struct hmm_history mixed, learned = {0}, other = {0};
	struct hmm_record record = {.subject = "sub-1", .modality = "PET+T1w"};
	make_mixed(&mixed);
	CHECK(!hmm_model_note(&learned, &mixed, &record) && learned.chains == 3);
	CHECK(!hmm_model_note(&learned, &mixed, &record) && learned.chains == 3);
	CHECK(!hmm_model_fits(&learned, "m", &mixed, &record, 1));
	strcpy(record.modality, "T1w");
	CHECK(!hmm_model_fits(&learned, "m", &mixed, &record, 1));
	refuse_begin();
	strcpy(record.modality, "CT");
	CHECK(!hmm_history_add(&other, NULL, mixed.chain[0].step, 2));
	CHECK(hmm_model_fits(&learned, "m", &other, &record, 1) < 0 &&
	      refuse_end(
	          "test: record 1 (sub-1 CT): modality 'CT', but m was trained on PET, T1w alone"));
	refuse_begin();
	strcpy(record.modality, "PET");
	CHECK(hmm_model_fits(&learned, "m", &other, &record, 0) < 0 &&
	      refuse_end("test: subject sub-1: PET was made by hmm-slice with axis=axial, but m was "
	                 "trained on data made with axis=coronal"));
	/* versions alone are no reason to keep a chain twice */
	strcpy(mixed.chain[0].step[0].version, "9");
	strcpy(record.modality, "T1w");
	CHECK(!hmm_model_note(&learned, &mixed, &record) && learned.chains == 3);
	/* nothing is known */
	const struct hmm_history none = {0};
	refuse_begin();
	CHECK(
	    hmm_model_fits(&learned, "m", &none, &record, 1) < 0 && refuse_end("no history says how"));
	refuse_begin();
	CHECK(hmm_model_fits(&none, "m", &mixed, &record, 1) < 0 && refuse_end("m has no history"));
	refuse_begin();
	CHECK(hmm_model_note(&learned, &none, &record) < 0 && refuse_end("no history says how T1w"));
	hmm_any_history = 1;
	CHECK(!hmm_model_fits(&none, "m", &none, &record, 1));
	CHECK(!hmm_model_note(&learned, &none, &record) && learned.chains == 3);
	hmm_any_history = 0;
	hmm_history_free(&other);
	hmm_history_free(&learned);
	hmm_history_free(&mixed);
}

int
main(void)
{
	hmm_program = "test";
	check_differences();
	check_imputed();
	check_sets();
	check_json();
	check_header();
	check_hostile();
	check_models();
	return test_end();
}
