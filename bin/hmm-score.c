/* ... | hmm-rho -w rho.safetensors | hmm-score -s 1 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/score/compare.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/file/output.h"
#include "hmm/data/predictions.h"
#include "hmm/kernel/pvalue.h"
#include "hmm/score/score.h"

static long replicates = 2000, seed;
static int curve = HMM_UNSET; /* enum hmm_curve */
static double threshold = .5;
static const char *against, *only;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(0, "against", &against, "FILE",
        "test the predictions in FILE against each other's", HMM_UNNOTED),
    HMM_OPTION_CHOICE(
        0, "curve", &curve, "roc|pr", "print the points of a curve instead", HMM_UNNOTED),
    HMM_OPTION_TEXT(
        0, "split", &only, "NAME", "this split (default: all; with --against: test)", HMM_UNNOTED),
    HMM_OPTION_COUNT(0, "bootstrap", &replicates, "N",
        "replicates of the intervals (default: 2000; 0: none)", HMM_UNNOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of the bootstrap (default: 0)", HMM_UNNOTED),
    HMM_OPTION_NUMBER(
        0, "threshold", &threshold, "P", "positive above this (default: 0.5)", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "[OPTION]... [PREDICTIONS] >scores\n"
    "       hmm-score --curve roc|pr [OPTION]... [PREDICTIONS] >points\n"
    "       hmm-score --against FILE [OPTION]... PREDICTIONS... >tests",
    "Metrics of predictions with bootstrap intervals over patients, split by split.", options,
    HMM_COUNT_OF(options)};

static void
print_number(FILE *file, double value)
{
	if (isnan(value))
		fputs("\tn/a", file);
	else
		fprintf(file, "\t%.12g", value);
}

static void
print_score(FILE *file, const struct hmm_score *score)
{
	print_number(file, score->value);
	print_number(file, score->low);
	print_number(file, score->high);
}

static struct hmm_place
place_of(const char *split)
{
	return (struct hmm_place){.seed = (uint64_t)seed, .subject = hmm_random_name(split)};
}

static int
score_split(FILE *file, struct hmm_system *system, const struct hmm_predictions *predictions,
    const struct hmm_prediction *prediction)
{
	struct hmm_score scores[HMM_METRICS];
	if (hmm_score_run(scores, system, predictions->groups.names.count, threshold,
	        (size_t)replicates, place_of(prediction->split)))
		return -1;
	hmm_score_warn(predictions->table->name, prediction, system->count, threshold);
	for (int m = 0; m < HMM_METRICS; m++) {
		hmm_table_write(file, prediction->split, 1);
		hmm_table_write(file, hmm_metric_names[m], 0);
		print_score(file, &scores[m]);
		fprintf(file, "\t%zu\n", system->count);
	}
	return 0;
}

static int
trace_split(FILE *file, struct hmm_system *system, const struct hmm_predictions *predictions,
    const struct hmm_prediction *prediction)
{
	struct hmm_score points[HMM_CURVE_POINTS];
	if (hmm_score_curve(points, (enum hmm_curve)curve, system, predictions->groups.names.count,
	        (size_t)replicates, place_of(prediction->split)))
		return -1;
	for (int k = 0; k < HMM_CURVE_POINTS; k++) {
		hmm_table_write(file, prediction->split, 1);
		print_number(file, k / (HMM_CURVE_POINTS - 1.));
		print_score(file, &points[k]);
		putc('\n', file);
	}
	return 0;
}

/* Scores or curves, split by split. */
static int
score(FILE *file, const char *path)
{
	struct hmm_predictions predictions;
	int bad = hmm_predictions_open(&predictions, path), found = 0;
	for (size_t i = 0, end; i < predictions.count && !bad; i = end) {
		const struct hmm_prediction *prediction = &predictions.prediction[i];
		struct hmm_system system;
		end = hmm_predictions_end(&predictions, i);
		if (only && strcmp(prediction->split, only))
			continue;
		if (!found++)
			fputs(curve == HMM_UNSET ? "split\tmetric\tvalue\tlow\thigh\tn\n"
			      : curve == HMM_ROC ? "split\tfpr\ttpr\tlow\thigh\n"
			                         : "split\trecall\tprecision\tlow\thigh\n",
			    file);
		bad = hmm_system_open(&system, prediction, prediction, end - i) ||
		      (curve != HMM_UNSET ? trace_split : score_split)(
		          file, &system, &predictions, prediction);
		hmm_system_close(&system);
	}
	if (!bad && !found)
		bad = hmm_error("%s: no row of split '%s'", predictions.table->name, only);
	hmm_predictions_close(&predictions);
	return bad;
}

/* A line a metric; `count` is the number of rows. */
struct line {
	struct hmm_compared compared[HMM_METRICS];
	size_t count;
};

static int
compare_file(struct line *line, const struct hmm_predictions *reference, const char *path)
{
	struct hmm_predictions predictions;
	struct hmm_prediction *ours = NULL, *theirs = NULL;
	struct hmm_system system = {0}, other = {0};
	const int bad =
	    hmm_predictions_open(&predictions, path) ||
	    hmm_predictions_match(&ours, &theirs, &line->count, reference, &predictions, only) ||
	    hmm_system_open(&system, ours, ours, line->count) ||
	    hmm_system_open(&other, theirs, ours, line->count) ||
	    hmm_compare_run(line->compared, &system, &other, reference->groups.names.count, threshold,
	        (size_t)replicates, place_of(only));
	hmm_system_close(&system);
	hmm_system_close(&other);
	free(ours);
	free(theirs);
	hmm_predictions_close(&predictions);
	return bad;
}

static void
print_tests(FILE *file, const struct line *line, char **paths, size_t count, const double *adjusted)
{
	fputs("system\tmetric\tn\tvalue\tother\tdifference\tlow\thigh\ttest\tp\tp_holm\n", file);
	for (size_t i = 0; i < count * HMM_METRICS; i++) {
		const struct line *of = &line[i / HMM_METRICS];
		const struct hmm_compared *compared = &of->compared[i % HMM_METRICS];
		hmm_table_write(file, paths[i / HMM_METRICS], 1);
		fprintf(file, "\t%s\t%zu", hmm_metric_names[i % HMM_METRICS], of->count);
		print_number(file, compared->value);
		print_number(file, compared->other);
		print_number(file, compared->difference);
		print_number(file, compared->low);
		print_number(file, compared->high);
		hmm_table_write(file, hmm_test_names[compared->test], 0);
		print_number(file, compared->p);
		print_number(file, adjusted[i]);
		putc('\n', file);
	}
}

/* Every file's predictions against the reference's. */
static int
compare(FILE *file, char **paths, size_t count)
{
	struct hmm_predictions reference;
	struct line *line = hmm_alloc(count, sizeof(*line));
	double *p = hmm_alloc(count, 2 * HMM_METRICS * sizeof(*p));
	int bad = hmm_predictions_open(&reference, against) || !line || !p;
	for (size_t i = 0; i < count && !bad; i++) {
		bad = compare_file(&line[i], &reference, paths[i]);
		for (size_t m = 0; m < HMM_METRICS; m++)
			p[i * HMM_METRICS + m] = line[i].compared[m].p;
	}
	if (!bad) {
		double *adjusted = p + count * HMM_METRICS;
		hmm_pvalue_holm(adjusted, p, count * HMM_METRICS);
		print_tests(file, line, paths, count, adjusted);
	}
	free(line);
	free(p);
	hmm_predictions_close(&reference);
	return bad;
}

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse(argc, argv, &usage);
	if (against && curve != HMM_UNSET)
		hmm_option_misuse("want either --against or --curve");
	if (against && first == argc)
		hmm_option_misuse("--against: no predictions to compare");
	if (!against && argc - first > 1)
		hmm_option_misuse("one table of predictions wanted, found %d", argc - first);
	if (threshold > 1)
		hmm_option_misuse("--threshold: found %g, want 0 to 1", threshold);
	if (replicates > 10000000)
		hmm_option_misuse("--bootstrap: found %ld, want at most 10000000", replicates);
	if (against && !only)
		only = "test";

	struct hmm_output output;
	int bad = hmm_output_open(&output, NULL);

	bad = bad || (against ? compare(output.file, argv + first, (size_t)(argc - first))
	                      : score(output.file, first < argc ? argv[first] : "-"));
	bad = bad || hmm_output_finish(&output);
	hmm_output_abandon(&output);
	return bad ? 1 : 0;
}
