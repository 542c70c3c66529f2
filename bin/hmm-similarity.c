/* hmm-gan -w gan.safetensors --to PET <t1.hmm | hmm-similarity -r pet.hmm --inside t1.hmm */
#include <stdio.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/base/progress.h"
#include "hmm/file/output.h"
#include "hmm/image/pair.h"
#include "hmm/learn/model.h"
#include "hmm/score/similarities.h"
#include "hmm/stream/lookup.h"
#include "hmm/stream/reader.h"

static const char *real_path, *inside_path;
static enum hmm_per per = HMM_PER_MODALITY;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('r', "real", &real_path, "FILE",
        "the real slices, each the partner of the same subject, modality and index", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "inside", &inside_path, "FILE",
        "slices that are above 0 inside the brain, of the same subject and index", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "per", &per, "modality|image|slice", "what a row is of", HMM_UNNOTED),
    HMM_OPTION_ANY_HISTORY,
};
static const struct hmm_usage usage = {"-r REAL [OPTION]... <slices >similarity.tsv",
    "How alike slices are to the real ones: SSIM, PSNR and L1, as a table.", options,
    HMM_COUNT_OF(options)};

struct comparison {
	struct hmm_lookup *real, *inside; /* NULL: not asked for */
	struct hmm_record partner, mask;
	struct hmm_pair_room pair;
	struct hmm_similarities all;
	struct hmm_progress progress;
	size_t alone, open; /* slices without a partner; pairs without an inside */
};

/* What belongs to a slice in a file of real ones: 1, or 0 where nothing does, or -1 reported. */
static int
find(struct hmm_lookup *lookup, struct hmm_record *found, const struct hmm_record *record,
    const char *path)
{
	const int has = lookup ? hmm_lookup_find(lookup, found, record) : 0;
	if (has == 1 && found->imputed[0])
		return hmm_error("%s: subject %s: slice %ld of its %s was imputed, want a real one", path,
		    found->subject, found->index, found->modality);
	return has;
}

/* Compare a slice with its partner, if it has one. */
static int
compare(void *self, struct hmm_reader *reader, struct hmm_record *record)
{
	struct comparison *comparison = self;
	struct hmm_similarity sums[2] = {{{0}, {0}, 0, 0, 0}, {{0}, {0}, 0, 0, 0}};
	char name[600], place[700];
	hmm_progress_step(&comparison->progress, hmm_reader_number(reader));
	const int has = find(comparison->real, &comparison->partner, record, real_path);
	comparison->alone += has == 0;
	if (has != 1)
		return has;
	const int bounded = find(comparison->inside, &comparison->mask, record, inside_path);
	if (bounded < 0)
		return -1;
	comparison->open += comparison->inside && !bounded;
	snprintf(place, sizeof(place), "%s: %s", hmm_reader_name(reader),
	    hmm_record_place(name, sizeof(name), record, hmm_reader_number(reader)));
	const struct hmm_history *history = hmm_reader_history(reader);
	if (hmm_model_pairs(record->modality, history, comparison->partner.modality,
	        hmm_lookup_history(comparison->real), place) ||
	    (bounded && hmm_model_pairs(record->modality, history, comparison->mask.modality,
	                    hmm_lookup_history(comparison->inside), place)))
		return -1;
	return hmm_pair_add(&comparison->pair, sums, &record->x, &comparison->partner.x,
	           bounded ? &comparison->mask.x : NULL, place) ||
	               hmm_similarities_add(&comparison->all, record->subject, record->modality,
	                   record->imputed, record->index, sums)
	           ? -1
	           : 0;
}

/* Say what was left out. 0, or -1 reported where nothing was compared. */
static int
tell(const struct comparison *comparison)
{
	const size_t left = hmm_lookup_left(comparison->real);
	if (!comparison->all.count)
		return hmm_error(
		    "no slice has a partner in %s: none of the same subject, modality and index",
		    real_path);
	if (comparison->alone || left)
		hmm_say("%zu slices compared; %zu have no partner in %s, where %zu have none here",
		    comparison->all.count, comparison->alone, real_path, left);
	if (comparison->open)
		hmm_say("%zu of the slices have none of the same subject and index in %s: nothing of them "
		        "is inside",
		    comparison->open, inside_path);
	return 0;
}

int
main(int argc, char **argv)
{
	if (hmm_option_parse(argc, argv, &usage) != argc || !real_path)
		hmm_option_misuse(
		    real_path ? "no operands wanted: slices come on standard input" : "want -r REAL");

	struct comparison comparison = {0};
	struct hmm_record record = {0};
	struct hmm_reader *reader = NULL;
	struct hmm_output output;
	int bad = hmm_output_open(&output, NULL) ||
	          !(comparison.real = hmm_lookup_open(real_path, HMM_SLICES, HMM_BY_MODALITY)) ||
	          (inside_path && !(comparison.inside =
	                                  hmm_lookup_open(inside_path, HMM_SLICES, HMM_BY_SUBJECT))) ||
	          !(reader = hmm_reader_open(stdin, "standard input", HMM_SLICES));

	hmm_progress_start(&comparison.progress, "comparing", 0);
	bad = bad || hmm_reader_each(reader, &record, compare, NULL, &comparison);
	hmm_progress_end(&comparison.progress);
	bad = bad || tell(&comparison) ||
	      hmm_similarities_write(output.file, &comparison.all, per, inside_path != NULL) ||
	      hmm_output_finish(&output);

	hmm_output_abandon(&output);
	hmm_reader_close(reader);
	hmm_lookup_close(comparison.real);
	hmm_lookup_close(comparison.inside);
	hmm_pair_free(&comparison.pair);
	hmm_similarities_free(&comparison.all);
	hmm_record_free(&comparison.partner);
	hmm_record_free(&comparison.mask);
	hmm_record_free(&record);
	return bad ? 1 : 0;
}
