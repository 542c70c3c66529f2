/* ... | hmm-rho -w rho.safetensors | hmm-score -s 1 */
#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/data/predictions.h"
#include "hmm/file/output.h"
#include "hmm/score/scores.h"
#include "hmm/score/subsets.h"

static long replicates = 2000, seed, runs = HMM_UNSET;
static int curve = HMM_UNSET; /* enum hmm_curve */
static double prevalence = HMM_UNSET;
static const char *against, *only, *metrics, *benefits, *threshold = "0.5", *by, *table;
static struct hmm_option_list bins;
static int subsets;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(0, "against", &against, "FILE",
        "test the predictions in FILE against each other's", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "runs", &runs, "N",
        "tables that are one system's runs (all; with --against: 1)", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "curve", &curve, "roc|pr|calibration|decision|risk",
        "print the points of a curve instead", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "split", &only, "NAME", "this split (default: all; with --against: test)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "metrics", &metrics, "NAME,...",
        "these (default: all; with --against: acc to brier)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "net-benefit", &benefits, "P,...", "the net benefit at these thresholds too",
        HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "threshold", &threshold, "P|youden|f1|sensitivity=S",
        "positive above this (0.5), or what cal, else val, chooses", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "prevalence", &prevalence, "P",
        "as in a population with this share of positives", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "by", &by, "COLUMN,...", "each level of a column by itself", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "table", &table, "FILE",
        "subjects and more columns for --by: a manifest, participants.tsv", HMM_UNNOTED),
    HMM_OPTION_LIST(0, "bins", &bins, "COLUMN=X,...|quartiles", "the levels of a column of numbers",
        HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "subsets", &subsets, "every pattern and subset of modalities (metrics: auc)",
        HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "bootstrap", &replicates, "N",
        "replicates of the intervals (default: 2000; 0: none)", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of the bootstrap (default: 0)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "[OPTION]... [PREDICTIONS...] >scores\n"
    "       hmm-score --curve CURVE [OPTION]... [PREDICTIONS...] >points\n"
    "       hmm-score --against FILE [OPTION]... PREDICTIONS... >tests",
    "Metrics of predictions with intervals over patients, split by split.", options,
    HMM_COUNT_OF(options)};

/* Say what the number of tables leaves open, and leave no option that contradicts another. */
static void
check_options(long tables)
{
	if (runs == HMM_UNSET && (against || tables > 1))
		runs = against ? 1 : tables;
	if (against && curve != HMM_UNSET)
		hmm_option_misuse("want either --against or --curve");
	if (against && by)
		hmm_option_misuse("want either --against or --by");
	if (subsets && (against || by || curve != HMM_UNSET))
		hmm_option_misuse("want --subsets alone, without --against, --by and --curve");
	if (against && tables == 0)
		hmm_option_misuse("--against: want PREDICTIONS to compare with FILE");
	if (!by && (table || bins.count))
		hmm_option_misuse("--%s: want --by COLUMN beside it", table ? "table" : "bins");
	if (!against && runs != HMM_UNSET && runs != tables)
		hmm_option_misuse("--runs %ld: found %ld tables, want one a run", runs, tables);
	if (against && (!runs || (tables + 1) % runs || (tables + 1) / runs == 1))
		hmm_option_misuse("--runs %ld: found %ld tables with --against's, want %ld of each system",
		    runs, tables + 1, runs);
	if (replicates > 10000000)
		hmm_option_misuse("--bootstrap: found %ld, want at most 10000000", replicates);
}

/* What the options ask for. */
static void
fill(struct hmm_scoring *scoring)
{
	*scoring = (struct hmm_scoring){.split = against && !only ? "test" : only,
	    .prevalence = prevalence < 0 ? (double)NAN : prevalence,
	    .replicates = (size_t)replicates,
	    .seed = (uint64_t)seed,
	    .by = {by, table, &bins}};
	const char *wrong = hmm_measures_choose(&scoring->measures,
	    subsets && !metrics ? "auc" : metrics, against ? HMM_COMPARED : HMM_METRICS, benefits);
	if (wrong)
		hmm_option_misuse("%s", wrong);
	if (hmm_threshold_read(&scoring->threshold, threshold))
		hmm_option_misuse(
		    "--threshold: found '%s', want 0 to 1, youden, f1 or sensitivity=0 to 1", threshold);
	if (prevalence >= 0 && !(prevalence > 0 && prevalence < 1))
		hmm_option_misuse("--prevalence: found %g, want more than 0 and less than 1", prevalence);
}

/* Scores or a curve of one system. */
static int
score(FILE *file, char **paths, long count, const struct hmm_scoring *scoring)
{
	static char standard_input[] = "-";
	char *none[] = {standard_input};
	struct hmm_predictions predictions;
	int bad = hmm_predictions_open_runs(
	    &predictions, count ? paths : none, count ? (size_t)count : 1, subsets);
	if (!bad && subsets)
		bad = hmm_subsets_write(file, &predictions, scoring);
	else if (!bad && curve == HMM_UNSET)
		bad = hmm_scores_write(file, &predictions, scoring, runs > 0 ? (size_t)count : 0);
	else if (!bad)
		bad = hmm_scores_write_curve(file, &predictions, scoring, (enum hmm_curve)curve);
	hmm_predictions_close(&predictions);
	return bad;
}

/* All systems against the first, which begins with --against. */
static int
test(FILE *file, char **paths, long count, const struct hmm_scoring *scoring)
{
	const size_t tables = (size_t)count + 1, each = (size_t)runs;
	char **all = hmm_alloc(tables, sizeof(*all));
	if (!all)
		return -1;
	all[0] = (char *)against;
	for (size_t i = 1; i < tables; i++)
		all[i] = paths[i - 1];
	const int bad = hmm_scores_write_tests(file, all, tables / each, each, scoring);
	free(all);
	return bad;
}

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse(argc, argv, &usage);
	const long count = argc - first;
	struct hmm_scoring scoring;
	check_options(count);
	fill(&scoring);

	struct hmm_output output;
	int bad = hmm_output_open(&output, NULL);

	bad = bad || (against ? test : score)(output.file, argv + first, count, &scoring);
	bad = bad || hmm_output_finish(&output);
	hmm_output_abandon(&output);
	return bad ? 1 : 0;
}
