/* hmm-manifest --bids adni --label ad | hmm-split --ratio 6:1:3 -s 1 >manifest.tsv */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/data/manifest.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/data/split.h"

static const char *ratio, *hold_out;
static enum { BY_GROUP, BY_SUBJECT } by = BY_GROUP;
static long seed, repeat, folds, fold;
static int permute, no_val, cal;
static enum hmm_target target = HMM_BINARY;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(0, "ratio", &ratio, "TRAIN:[VAL:[CAL:]]TEST",
        "whole numbers, such as 6:1:3 or 6:1:1:2; 0: no such part", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "hold-out", &hold_out, "COLUMN[=VALUE]",
        "these groups are test, and --ratio TRAIN[:VAL[:CAL]] divides the others", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "folds", &folds, "K", "K-fold cross-validation instead", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        0, "fold", &fold, "I", "which fold, or value of --hold-out, from 1, is test", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "cal", &cal, "folds: one of them is the part cal", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "no-val", &no_val, "folds: no validation part, its groups are train", HMM_UNNOTED),
    HMM_OPTION_TARGET(&target),
    HMM_OPTION_CHOICE(0, "by", &by, "group|subject", "what is never divided", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of the random choice (default: 0)", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        0, "repeat", &repeat, "N", "another choice with the same seed (default: 0)", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "permute-labels", &permute,
        "deal the subjects' labels anew first: a negative control", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "--ratio 6:1:3 [OPTION]... [MANIFEST] >manifest\n"
    "       hmm-split --folds K --fold I [OPTION]... [MANIFEST] >manifest\n"
    "       hmm-split --hold-out COLUMN=VALUE --ratio 6:1 [OPTION]... [MANIFEST] >manifest\n"
    "       hmm-split --hold-out COLUMN --fold I --ratio 6:1 [OPTION]... [MANIFEST] >manifest",
    "Divide a manifest's patients into train, val, cal and test.", options, HMM_COUNT_OF(options)};

/* Part COLUMN=VALUE at its first '='. */
static void
read_hold_out(struct hmm_split_options *how)
{
	static char column[256];
	const char *equals = strchr(hold_out, '=');
	const size_t length = equals ? (size_t)(equals - hold_out) : strlen(hold_out);
	if (length == 0 || length >= sizeof(column))
		hmm_option_misuse("--hold-out: found '%s', want COLUMN or COLUMN=VALUE", hold_out);
	memcpy(column, hold_out, length);
	how->column = column;
	how->value = equals ? equals + 1 : NULL;
	if (!ratio)
		hmm_option_misuse("--hold-out wants a --ratio TRAIN[:VAL[:CAL]] for the others");
	if (how->value ? fold : !fold)
		hmm_option_misuse("--hold-out wants either COLUMN=VALUE or COLUMN and --fold I");
	if (hmm_split_parse_rest(how->ratio, ratio))
		hmm_option_misuse("--ratio: found '%s', want up to three whole numbers with --hold-out, "
		                  "such as 6:1, the first not 0",
		    ratio);
}

static void
check_options(struct hmm_split_options *how)
{
	const long least = 2 + !no_val + cal;
	if (!ratio == !folds)
		hmm_option_misuse("want either --ratio or --folds and --fold");
	if (ratio && !hold_out && fold)
		hmm_option_misuse("--fold goes with --folds or --hold-out");
	if (folds && hold_out)
		hmm_option_misuse("--folds and --hold-out both say what is test, want one");
	if (ratio && no_val)
		hmm_option_misuse("--no-val goes with --folds; --ratio TRAIN:TEST has no val");
	if (ratio && cal)
		hmm_option_misuse("--cal goes with --folds; --ratio TRAIN:VAL:CAL:TEST has it");
	if (folds && (folds < least || folds > 1000000))
		hmm_option_misuse("--folds: found %ld, want %ld or more: train, %s%stest", folds, least,
		    no_val ? "" : "val, ", cal ? "cal, " : "");
	if (folds && (fold < 1 || fold > folds))
		hmm_option_misuse("--fold: found %ld, want 1 to %ld", fold, folds);
	if (repeat > (long)UINT32_MAX)
		hmm_option_misuse("--repeat: found %ld, want at most %u", repeat, UINT32_MAX);
	if (hold_out)
		read_hold_out(how);
	else if (ratio && hmm_split_parse(how->ratio, ratio))
		hmm_option_misuse(
		    "--ratio: found '%s', want two to four whole numbers, such as 6:1:3, the first not 0",
		    ratio);
	how->folds = folds;
	how->fold = fold;
	how->cal = cal;
	how->target = target;
	how->seed = (uint64_t)seed;
	how->repeat = (uint32_t)repeat;
	how->by_subject = by == BY_SUBJECT;
	how->no_val = no_val;
}

int
main(int argc, char **argv)
{
	static const char *const agree[] = {"label", "group", "event"};
	struct hmm_split_options how = {0};
	const int first = hmm_option_parse_once(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one manifest wanted, found %d", argc - first);
	check_options(&how);
	const size_t agreeing = HMM_COUNT_OF(agree) - (target != HMM_TIME);

	struct hmm_output output;
	struct hmm_table *table = hmm_table_read(first < argc ? argv[first] : "-", '\t');
	char **parts = table ? hmm_alloc(table->rows, sizeof(*parts)) : NULL;
	int bad = !parts || hmm_manifest_check_target(table, target, agree, agreeing) ||
	          (permute && hmm_split_permute_labels(table, target, how.seed, how.repeat)) ||
	          hmm_split_table(parts, table, &how);

	bad = bad || hmm_table_set_column(table, "split", parts) || hmm_output_open(&output, NULL);
	if (!bad) {
		hmm_table_print(output.file, table, NULL);
		bad = hmm_output_finish(&output);
	}

	hmm_table_free(table);
	free(parts);
	return bad ? 1 : 0;
}
