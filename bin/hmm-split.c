/* hmm-manifest --bids adni --label ad | hmm-split --ratio 6:1:3 -s 1 >manifest.tsv */
#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/data/column.h"
#include "hmm/data/manifest.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/data/split.h"

static const char *ratio;
static enum { BY_GROUP, BY_SUBJECT } by = BY_GROUP;
static long seed, repeat, folds, fold;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        0, "ratio", &ratio, "TRAIN:[VAL:]TEST", "whole numbers, such as 6:1:3 or 8:2", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "folds", &folds, "K", "K-fold cross-validation instead", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "fold", &fold, "I", "which fold, from 1, is the test part", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "by", &by, "group|subject", "what is never divided", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of the random choice (default: 0)", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        0, "repeat", &repeat, "N", "another choice with the same seed (default: 0)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "--ratio 6:1:3 [OPTION]... [MANIFEST] >manifest\n"
    "       hmm-split --folds K --fold I [OPTION]... [MANIFEST] >manifest",
    "Divide a manifest's patients into train, val and test.", options, HMM_COUNT_OF(options)};

static void
check_options(long parts[HMM_PARTS])
{
	if (!ratio == !folds)
		hmm_option_misuse("want either --ratio or --folds and --fold");
	if (ratio && fold)
		hmm_option_misuse("--fold goes with --folds");
	if (folds && (folds < 3 || folds > 1000000))
		hmm_option_misuse("--folds: found %ld, want 3 or more: train, val and test", folds);
	if (folds && (fold < 1 || fold > folds))
		hmm_option_misuse("--fold: found %ld, want 1 to %ld", fold, folds);
	if (repeat > (long)UINT32_MAX)
		hmm_option_misuse("--repeat: found %ld, want at most %u", repeat, UINT32_MAX);
	if (ratio && hmm_split_parse(parts, ratio))
		hmm_option_misuse(
		    "--ratio: found '%s', want two or three whole numbers, such as 6:1:3", ratio);
}

/* The groups as units with their labels' stratum, to free(); NULL, reported. */
static struct hmm_split_unit *
make_units(const struct hmm_table *table, const struct hmm_column *groups)
{
	static const enum hmm_stratum strata[] = {HMM_UNKNOWN, HMM_ALL_0, HMM_ALL_1, HMM_MIXED};
	const int label = hmm_table_find(table, "label");
	struct hmm_split_unit *units = hmm_alloc(groups->names.count, sizeof(*units));
	unsigned *seen =
	    hmm_alloc(groups->names.count, sizeof(*seen)); /* bit 0: label 0, bit 1: label 1 */
	for (size_t row = 0; seen && row < table->rows; row++) {
		const int value = hmm_table_label(table, row, label);
		seen[groups->of[row]] |= value < 0 ? 0u : 1u << value;
	}
	for (size_t i = 0; units && seen && i < groups->names.count; i++)
		units[i] = (struct hmm_split_unit){
		    .name = groups->names.name[i], .stratum = strata[seen[i]], .index = i};
	if (!seen) {
		free(units);
		units = NULL;
	}
	free(seen);
	return units;
}

/* With --by subject a group may come apart: say so. */
static void
warn_straddling(const struct hmm_table *table, char *const *parts)
{
	struct hmm_column groups;
	const int group = hmm_table_find(table, "group");
	size_t straddling = 0;
	if (group < 0 || hmm_column_open(&groups, table, group, hmm_table_find(table, "subject")))
		return;
	char *apart = hmm_alloc(groups.names.count, 1);
	for (size_t row = 0; apart && row < table->rows; row++) {
		const size_t of = groups.of[row];
		if (parts[row] != parts[hmm_column_first(&groups, of)] && !apart[of]++)
			straddling++;
	}
	free(apart);
	hmm_column_close(&groups);
	if (straddling)
		hmm_warn(
		    "%s: %zu groups are in more than one part (--by subject)", table->name, straddling);
}

/* The part of each row into `parts`. 0, or -1 reported. */
static int
split(const struct hmm_table *table, char **parts, const long shares[HMM_PARTS])
{
	static char names[HMM_PARTS][8];
	struct hmm_column groups;
	const int subject = hmm_table_find(table, "subject");
	const int unit = by == BY_GROUP ? hmm_table_find(table, "group") : -1;
	if (hmm_column_open(&groups, table, unit < 0 ? subject : unit, subject))
		return -1;
	struct hmm_split_unit *units = make_units(table, &groups);
	char **part_of = hmm_alloc(groups.names.count, sizeof(*part_of));
	int bad = !units || !part_of;
	if (!bad)
		bad = folds ? hmm_split_fold(
		                  units, groups.names.count, folds, fold, (uint64_t)seed, (uint32_t)repeat)
		            : hmm_split_ratio(
		                  units, groups.names.count, shares, (uint64_t)seed, (uint32_t)repeat);
	for (int p = 0; p < HMM_PARTS; p++)
		snprintf(names[p], sizeof(names[p]), "%s", hmm_part_names[p]);
	for (size_t i = 0; i < groups.names.count && !bad; i++)
		part_of[units[i].index] = names[units[i].part];
	for (size_t row = 0; row < table->rows && !bad; row++)
		parts[row] = part_of[groups.of[row]];
	free(units);
	free(part_of);
	hmm_column_close(&groups);
	return bad ? -1 : 0;
}

int
main(int argc, char **argv)
{
	static const char *const agree[] = {"label", "group"};
	long shares[HMM_PARTS] = {0};
	const int first = hmm_option_parse(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one manifest wanted, found %d", argc - first);
	check_options(shares);

	struct hmm_output output;
	struct hmm_table *table = hmm_table_read(first < argc ? argv[first] : "-", '\t');
	char **parts = table ? hmm_alloc(table->rows, sizeof(*parts)) : NULL;
	int bad = !parts || hmm_manifest_check(table, agree, HMM_COUNT_OF(agree)) ||
	          split(table, parts, shares);
	if (!bad && by == BY_SUBJECT)
		warn_straddling(table, parts);

	bad = bad || hmm_table_set_column(table, "split", parts) || hmm_output_open(&output, NULL);
	if (!bad) {
		hmm_table_print(output.file, table, NULL);
		bad = hmm_output_finish(&output);
	}

	hmm_table_free(table);
	free(parts);
	return bad ? 1 : 0;
}
