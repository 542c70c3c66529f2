/* hmm-manifest --bids adni --label diagnosis --positive AD | hmm-split --ratio 6:1:3 -s 1 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/memory.h"
#include "hmm/option.h"
#include "hmm/output.h"
#include "hmm/split.h"
#include "hmm/table.h"

static const char *ratio_text = "6:1:3", *by = "group";
static long seed, repeat, folds, fold;

static const struct hmm_option options[] = {
    {0, "ratio", HMM_STRING, &ratio_text, "A:B:C", "train:val:test, or A:C for train:test", 0},
    {0, "folds", HMM_COUNT, &folds, "K", "K-fold cross-validation instead", 0},
    {0, "fold", HMM_COUNT, &fold, "I", "the fold, from 1, that is the test; the next is val", 0},
    {0, "by", HMM_CHOICE, &by, "group|subject", "the column that must not be split", 0},
    {'s', "seed", HMM_COUNT, &seed, "N", "of the draw", 0},
    {0, "repeat", HMM_COUNT, &repeat, "R", "another draw with the same seed", 0},
};
static const struct hmm_usage usage = {"[OPTION]... [MANIFEST] >manifest",
    "Assign train, val and test by group, stratified on the label.", options,
    HMM_COUNT_OF(options)};

static const char *const names[] = {"train", "val", "test"};

/* The split of each part; returns the number of parts. */
static int
parse_parts(double *ratio, const char **part_names)
{
	char extra;
	if (folds) {
		if (folds < 3 || folds > HMM_MAX_PARTS || fold < 1 || fold > folds)
			hmm_option_misuse("--folds %ld --fold %ld: want 3 to %d folds and one of them", folds,
			    fold, HMM_MAX_PARTS);
		for (int i = 0; i < folds; i++) {
			ratio[i] = 1;
			part_names[i] = i == fold - 1 ? "test" : i == fold % folds ? "val" : "train";
		}
		return (int)folds;
	}
	int parts = sscanf(ratio_text, "%lf:%lf:%lf%c", &ratio[0], &ratio[1], &ratio[2], &extra);
	double sum = 0;
	if (parts == 2) {
		ratio[2] = ratio[1];
		ratio[1] = 0;
		parts = 3;
	}
	for (int i = 0; i < 3; i++) {
		if (parts != 3 || !(ratio[i] >= 0) || !(ratio[i] <= 1e6))
			hmm_option_misuse("--ratio: found '%s', want numbers such as 6:1:3 or 8:2", ratio_text);
		sum += ratio[i];
		part_names[i] = names[i];
	}
	if (!(sum > 0))
		hmm_option_misuse("--ratio: found '%s', want something above 0", ratio_text);
	return 3;
}

/* What is split: the groups and labels of the manifest's rows. */
static struct hmm_member *
read_members(const struct hmm_table *manifest)
{
	struct hmm_member *members = hmm_alloc(manifest->rows, sizeof(*members));
	const int subject = hmm_table_want(manifest, "subject"),
	          label = hmm_table_find(manifest, "label");
	const int group = by[0] == 'g' ? hmm_table_find(manifest, "group") : -1;
	int bad = !members || subject < 0;
	for (size_t row = 0; row < manifest->rows && !bad; row++) {
		const char *name = hmm_table_cell(manifest, row, group);
		name = name ? name : hmm_table_cell(manifest, row, subject);
		members[row] = (struct hmm_member){name, hmm_table_label(manifest, row, label), 0};
		if (!name)
			bad = hmm_error("%s: row %zu: no subject", manifest->name, row + 1);
		bad = bad || members[row].label < -1;
	}
	if (!bad)
		return members;
	free(members);
	return NULL;
}

int
main(int argc, char **argv)
{
	const int operand = hmm_option_parse(argc, argv, &usage);
	double ratio[HMM_MAX_PARTS];
	const char *part_names[HMM_MAX_PARTS];
	const int parts = parse_parts(ratio, part_names);
	if (argc - operand > 1)
		hmm_option_misuse("want at most one manifest");

	struct hmm_table *manifest = hmm_table_read(operand < argc ? argv[operand] : "-", '\t');
	struct hmm_member *members = manifest ? read_members(manifest) : NULL;
	char **split = members ? hmm_alloc(manifest->rows, sizeof(*split)) : NULL;
	int bad = !split || hmm_split(members, manifest->rows, ratio, parts, (uint64_t)seed,
	                        (uint32_t)repeat) < 0;

	for (size_t row = 0; !bad && row < manifest->rows; row++)
		split[row] = (char *)part_names[members[row].part];
	bad = bad || hmm_table_set_column(manifest, "split", split);

	struct hmm_output output;
	if (!bad && !(bad = hmm_output_open(&output, NULL))) {
		hmm_table_print(output.file, manifest, NULL);
		bad = hmm_output_finish(&output);
	}
	free(split);
	free(members);
	hmm_table_free(manifest);
	return bad ? 1 : 0;
}
