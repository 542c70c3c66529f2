/* ... | hmm-rho -w rho.safetensors | hmm-score -s 1 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/memory.h"
#include "hmm/option.h"
#include "hmm/output.h"
#include "hmm/predictions.h"
#include "hmm/score.h"

static long replicates = 2000, seed;
static double threshold = .5;

static const struct hmm_option options[] = {
    {0, "bootstrap", HMM_COUNT, &replicates, "N",
        "replicates of the intervals (default: 2000; 0: none)", 0},
    {'s', "seed", HMM_COUNT, &seed, "N", "of the bootstrap (default: 0)", 0},
    {0, "threshold", HMM_NUMBER, &threshold, "P", "positive above this (default: 0.5)", 0},
};
static const struct hmm_usage usage = {"[OPTION]... [PREDICTIONS] >scores",
    "Metrics of predictions with bootstrap intervals over patients, split by split.", options,
    HMM_COUNT_OF(options)};

/* What a reader of the numbers should know. */
static void
warn(const char *name, const struct hmm_prediction *prediction, size_t count,
    const struct hmm_score *scores)
{
	const char *split = prediction->split;
	size_t repeated = 0, positives = 0, called = 0, ends[2][2] = {{0, 0}, {0, 0}};
	for (size_t i = 0; i < count; i++) {
		const struct hmm_prediction *here = &prediction[i];
		repeated += i > 0 && !strcmp(here->subject, prediction[i - 1].subject);
		positives += (size_t)here->label;
		called += here->probability > threshold;
		if (here->probability <= 0 || here->probability >= 1)
			ends[here->probability >= 1][here->label]++;
	}
	const size_t tied = (ends[0][0] && ends[0][1] ? ends[0][0] + ends[0][1] : 0) +
	                    (ends[1][0] && ends[1][1] ? ends[1][0] + ends[1][1] : 0);
	if (repeated)
		hmm_warn(
		    "%s: split %s: %zu rows repeat a subject; every row counts", name, split, repeated);
	if (isnan(scores[HMM_AUC].value))
		hmm_warn("%s: split %s: all %zu labels are %d; auc and auc_hard are n/a", name, split,
		    count, prediction->label);
	if (!called)
		hmm_warn("%s: split %s: nothing predicted positive; precision is 0%s", name, split,
		    positives ? "" : ", and f1");
	if (!positives)
		hmm_warn("%s: split %s: no positive label; recall is 0", name, split);
	if (tied)
		hmm_warn("%s: split %s: %zu probabilities are exactly 0 or 1 for both labels; the AUC "
		         "counts them as ties",
		    name, split, tied);
}

static void
print_number(FILE *file, double value)
{
	if (isnan(value))
		fputs("\tn/a", file);
	else
		fprintf(file, "\t%.12g", value);
}

static int
score_split(FILE *file, const struct hmm_predictions *predictions,
    const struct hmm_prediction *prediction, size_t count)
{
	struct hmm_score scores[HMM_METRICS];
	struct hmm_scored *scored = hmm_alloc(count, sizeof(*scored));
	const struct hmm_place place = {
	    .seed = (uint64_t)seed, .subject = hmm_random_name(prediction->split)};
	for (size_t i = 0; scored && i < count; i++)
		scored[i] = (struct hmm_scored){
		    prediction[i].probability, prediction[i].label, 1, prediction[i].group};
	const int bad = !scored || hmm_score_run(scores, scored, count, predictions->groups.count,
	                               threshold, (size_t)replicates, place);
	free(scored);
	if (bad)
		return -1;
	warn(predictions->table->name, prediction, count, scores);
	for (int m = 0; m < HMM_METRICS; m++) {
		hmm_table_write(file, prediction->split, 1);
		hmm_table_write(file, hmm_metric_names[m], 0);
		print_number(file, scores[m].value);
		print_number(file, scores[m].low);
		print_number(file, scores[m].high);
		fprintf(file, "\t%zu\n", count);
	}
	return 0;
}

static int
score(FILE *file, const struct hmm_predictions *predictions)
{
	const struct hmm_prediction *prediction = predictions->prediction;
	const size_t all = predictions->count;
	int bad = 0;
	fputs("split\tmetric\tvalue\tlow\thigh\tn\n", file);
	for (size_t i = 0, end; i < all && !bad; i = end) {
		for (end = i + 1; end < all && !strcmp(prediction[end].split, prediction[i].split);)
			end++;
		bad = score_split(file, predictions, prediction + i, end - i);
	}
	return bad;
}

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one table of predictions wanted, found %d", argc - first);
	if (threshold > 1)
		hmm_option_misuse("--threshold: found %g, want 0 to 1", threshold);
	if (replicates > 10000000)
		hmm_option_misuse("--bootstrap: found %ld, want at most 10000000", replicates);

	struct hmm_output output;
	struct hmm_predictions predictions;
	int bad = hmm_predictions_open(&predictions, first < argc ? argv[first] : "-") ||
	          hmm_output_open(&output, NULL);

	bad = bad || score(output.file, &predictions) || hmm_output_finish(&output);

	hmm_predictions_close(&predictions);
	return bad ? 1 : 0;
}
