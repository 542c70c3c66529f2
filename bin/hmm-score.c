/* ... | hmm-rho -w rho.safetensors | hmm-score -s 1 */
#include "hmm/base/option.h"
#include "hmm/data/predictions.h"
#include "hmm/file/output.h"
#include "hmm/score/pilot.h"
#include "hmm/score/scores.h"
#include "hmm/score/subsets.h"

static long replicates = HMM_UNSET, seed, runs = HMM_UNSET;
static int subsets, curve = HMM_UNSET; /* enum hmm_curve */
static double prevalence = HMM_UNSET, wanted = HMM_UNSET, correlation = HMM_UNSET;
static double tau = HMM_UNSET;
static const char *against, *only, *metrics, *benefits, *threshold, *times, *by, *table;
static struct hmm_option_list bins;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(0, "against", &against, "FILE",
        "test the predictions in FILE against each other's", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "runs", &runs, "N",
        "tables that are one system's runs (all; with --against: 1)", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "curve", &curve, "roc|pr|calibration|decision|risk|confusion",
        "print the points of a curve instead", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "power", &wanted, "D",
        "print the power for a difference of D between two systems instead", HMM_UNNOTED),
    HMM_OPTION_NUMBER(0, "correlation", &correlation, "R",
        "of the two, if there is no --against (default: 0.6)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "split", &only, "NAME",
        "this split (default: all; with --against and --power: test)", HMM_UNNOTED),
    HMM_OPTION_PROBABILITY,
    HMM_OPTION_CLASS,
    HMM_OPTION_TEXT(0, "metrics", &metrics, "NAME,...",
        "these (default: all; with --against: acc to brier)", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "net-benefit", &benefits, "P,...", "the net benefit at these thresholds too",
        HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "threshold", &threshold, "P|youden|f1|sensitivity=S",
        "positive above this (0.5), or what cal, else val, chooses", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "times", &times, "T,...", "of times: the Brier score at these too", HMM_UNNOTED),
    HMM_OPTION_NUMBER(
        0, "tau", &tau, "T", "of times: the last that counts (the last event)", HMM_UNNOTED),
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
        "replicates (default: 2000, or what the tests want; 0: none)", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of the bootstrap (default: 0)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "[OPTION]... [PREDICTIONS...] >scores\n"
    "       hmm-score --curve CURVE [OPTION]... [PREDICTIONS...] >points\n"
    "       hmm-score --against FILE [OPTION]... PREDICTIONS... >tests\n"
    "       hmm-score --power D [--against FILE] [OPTION]... [PREDICTIONS...] >power",
    "Metrics of predictions with intervals over patients, split by split.", options,
    HMM_COUNT_OF(options)};

/* Say what the number of tables leaves open, and leave no option that contradicts another. */
static void
check_options(long tables)
{
	const int power = wanted >= 0;
	if (power && !(wanted > 0 && wanted < 1))
		hmm_option_misuse("--power: found %g, want more than 0 and less than 1", wanted);
	if (power)
		hmm_option_idle(&usage,
		    "curve|runs|by|subsets|metrics|net-benefit|times|tau|prevalence|bootstrap",
		    "with --power");
	if (curve != HMM_UNSET) /* has thresholds of its own */
		hmm_option_idle(&usage, "metrics|net-benefit|threshold|tau", "with --curve");
	if (curve == HMM_ROC || curve == HMM_PR)
		hmm_option_idle(&usage, "prevalence", "with --curve roc or pr");
	if (hmm_predictions_class)
		hmm_option_idle(&usage, "times|tau", "with --class");
	if (correlation >= 0 && (!power || against || correlation >= 1))
		hmm_option_misuse("--correlation: want less than 1, and --power without --against");
	if ((against != NULL) + (by != NULL) + subsets + (curve != HMM_UNSET && !by) > 1)
		hmm_option_misuse(
		    "want one of --against, --by, --curve and --subsets, or --by and --curve");
	if (runs == HMM_UNSET && (against || tables > 1))
		runs = against ? 1 : tables;
	if (against && tables == 0)
		hmm_option_misuse("--against: want PREDICTIONS to compare with FILE");
	if (!by && (table || bins.count))
		hmm_option_misuse("--%s: want --by COLUMN beside it", table ? "table" : "bins");
	if (!against && !power && runs != HMM_UNSET && runs != tables)
		hmm_option_misuse("--runs %ld: found %ld tables, want one a run", runs, tables);
	if (against && (!runs || (tables + 1) % runs || (tables + 1) / runs == 1))
		hmm_option_misuse("--runs %ld: found %ld tables with --against's, want %ld of each system",
		    runs, tables + 1, runs);
	if (replicates > 10000000)
		hmm_option_misuse("--bootstrap: found %ld, want at most 10000000", replicates);
}

/* What test sets like these could find. */
static int
power(FILE *file, char **paths, size_t count, const struct hmm_scoring *scoring)
{
	if (scoring->threshold.rule != HMM_THRESHOLD_FIXED)
		hmm_option_misuse("--power: want a number for --threshold");
	const struct hmm_pilot pilot = {
	    scoring->split, scoring->threshold.value, wanted, correlation < 0 ? .6 : correlation};
	return hmm_pilot_write(file, paths, count, against, &pilot);
}

int
main(int argc, char **argv)
{
	static char standard_input[] = "-";
	char *none[] = {standard_input};
	const int first = hmm_option_parse_once(argc, argv, &usage);
	const size_t count = argc > first ? (size_t)(argc - first) : 1;
	char **paths = argc > first ? argv + first : none;
	check_options(argc - first);
	const size_t otherwise = against ? HMM_BOOTSTRAP_ENOUGH : 2000;
	struct hmm_scoring scoring = {.split = (against || wanted > 0) && !only ? "test" : only,
	    .replicates = replicates < 0 ? otherwise : (size_t)replicates,
	    .seed = (uint64_t)seed,
	    .asked = {subsets && !metrics ? "auc" : metrics, benefits, threshold, times, prevalence,
	        tau, against != NULL},
	    .by = {by, table, &bins}};
	const char *wrong = hmm_scoring_read(&scoring);
	if (wrong)
		hmm_option_misuse("%s", wrong);
	struct hmm_output output;
	int bad = hmm_output_open(&output, NULL);

	if (!bad && wanted > 0)
		bad = power(output.file, paths, count, &scoring);
	else if (!bad && against)
		bad = hmm_scores_write_tests(output.file, against, paths, count, (size_t)runs, &scoring);
	else if (!bad && subsets)
		bad = hmm_subsets_write(output.file, paths, count, &scoring);
	else if (!bad && curve == HMM_UNSET)
		bad = hmm_scores_write(output.file, paths, count, &scoring, runs > 0 ? count : 0);
	else if (!bad)
		bad = hmm_scores_write_curve(output.file, paths, count, &scoring, (enum hmm_curve)curve);
	bad = bad || hmm_output_finish(&output);
	hmm_output_abandon(&output);
	return bad ? 1 : 0;
}
