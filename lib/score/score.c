#include "hmm/score/score.h"

#include <string.h>

#include "hmm/base/error.h"
#include "hmm/score/intervals.h"

static const double level = .95;

/* What is measured in every replicate: at most the points of a curve. */
struct measuring {
	struct hmm_system *system;
	size_t statistics;
	hmm_measure *measure;
	const void *context;
};

static void
replicate(double *values, const double *weight, void *context)
{
	const struct measuring *measuring = context;
	double scratch[2 * HMM_CURVE_POINTS];
	hmm_system_weigh(measuring->system, weight);
	hmm_system_measure(values, measuring->system, measuring->statistics, measuring->measure,
	    measuring->context, scratch);
}

/* Measure the rows as they are, then every replicate. */
static int
run(struct hmm_score *scores, struct measuring *measuring, size_t groups, size_t replicates,
    struct hmm_place place)
{
	struct hmm_bootstrap boot;
	double values[HMM_CURVE_POINTS], spread[HMM_CURVE_POINTS], scratch[4 * HMM_CURVE_POINTS];
	const size_t statistics = measuring->statistics;
	hmm_system_sort(measuring->system);
	hmm_system_measure(
	    values, measuring->system, statistics, measuring->measure, measuring->context, scratch);
	hmm_system_spread(
	    spread, measuring->system, statistics, measuring->measure, measuring->context, scratch);
	const int bad = hmm_bootstrap_open(
	    &boot, measuring->system, groups, statistics, replicate, measuring, replicates, place);
	for (size_t s = 0; s < statistics && !bad; s++) {
		const struct hmm_interval interval = hmm_bootstrap_interval(&boot, s, level);
		scores[s] = (struct hmm_score){values[s], interval.low, interval.high, spread[s]};
	}
	hmm_bootstrap_close(&boot);
	return bad;
}

static void
measure_metrics(double *values, const struct hmm_scored *sorted, size_t count, const void *context)
{
	hmm_metrics_all(values, sorted, count, *(const double *)context);
}

int
hmm_score_run(struct hmm_score scores[HMM_METRICS], struct hmm_system *system, size_t groups,
    double threshold, size_t replicates, struct hmm_place place)
{
	struct measuring measuring = {system, HMM_METRICS, measure_metrics, &threshold};
	struct hmm_intervals intervals;
	struct hmm_interval interval;
	if (run(scores, &measuring, groups, replicates, place) ||
	    hmm_intervals_open(&intervals, system, groups, threshold))
		return -1;
	for (int m = 0; m < HMM_METRICS; m++)
		if (hmm_intervals_of(&interval, &intervals, (enum hmm_metric)m)) {
			scores[m].low = interval.low;
			scores[m].high = interval.high;
		}
	return 0;
}

void
hmm_score_warn(
    const char *name, const struct hmm_prediction *prediction, size_t count, double threshold)
{
	const char *split = prediction->split;
	size_t repeated = 0, positives = 0, called = 0, ends[2][2] = {{0, 0}, {0, 0}};
	for (size_t i = 0; i < count; i++) {
		const struct hmm_prediction *here = &prediction[i];
		repeated += i > 0 && !strcmp(here->subject, prediction[i - 1].subject) &&
		            !strcmp(here->run, prediction[i - 1].run);
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
	if (!positives || positives == count)
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
measure_curve(double *values, const struct hmm_scored *sorted, size_t count, const void *context)
{
	if (*(const enum hmm_curve *)context == HMM_ROC)
		hmm_curve_roc(values, sorted, count);
	else
		hmm_curve_pr(values, sorted, count);
}

int
hmm_score_curve(struct hmm_score points[HMM_CURVE_POINTS], enum hmm_curve curve,
    struct hmm_system *system, size_t groups, size_t replicates, struct hmm_place place)
{
	struct measuring measuring = {system, HMM_CURVE_POINTS, measure_curve, &curve};
	return run(points, &measuring, groups, replicates, place);
}
