#include "hmm/score/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/score/recalibration.h"

static const double level = .95;

/* What is measured in every replicate: at most the points of a curve, or all metrics. */
struct replicate {
	struct hmm_system *system;
	size_t statistics;
	hmm_measure *measure;
	const void *context;
};
enum { MOST = HMM_CURVE_POINTS }; /* HMM_MEASURES is no more */

static void
measure_replicate(double *values, const double *weight, void *context)
{
	const struct replicate *replicate = context;
	double scratch[2 * MOST];
	hmm_system_weigh(replicate->system, weight);
	hmm_system_measure(values, replicate->system, replicate->statistics, replicate->measure,
	    replicate->context, scratch);
}

/* The bootstrap's intervals of what is measured, or the band of a curve. */
typedef struct hmm_interval hmm_between(
    const struct hmm_bootstrap *boot, size_t statistic, size_t groups, double level);

static int
draw(struct hmm_interval *interval, struct replicate *replicate, size_t groups, size_t replicates,
    struct hmm_place place, hmm_between *between)
{
	struct hmm_bootstrap boot;
	const int bad = hmm_bootstrap_open(&boot, replicate->system, groups, replicate->statistics,
	    measure_replicate, replicate, replicates, place);
	for (size_t s = 0; s < replicate->statistics && !bad; s++)
		interval[s] = between(&boot, s, boot.groups, level);
	hmm_bootstrap_close(&boot);
	return bad;
}

static void
measure_metrics(double *values, const struct hmm_scored *sorted, size_t count, const void *context)
{
	hmm_metrics_measure(values, sorted, count, context);
}

/* What several runs' rows are put together for. */
static int
is_pooled(enum hmm_metric metric)
{
	return (metric >= HMM_ECE && metric <= HMM_TP) || metric == HMM_CLASS_ECE;
}

/* Metrics that are measured in one go, and where they stand among all. */
struct part {
	struct hmm_measured metric[HMM_MEASURES];
	size_t at[HMM_MEASURES], count;
};

static void
add(struct part *part, const struct hmm_measures *measures, size_t m)
{
	part->metric[part->count] = measures->metric[m];
	part->at[part->count++] = m;
}

/* The intervals that the bootstrap gives, all in one go. */
static int
bootstrap_part(struct hmm_score *scores, struct hmm_system *system, size_t groups,
    struct hmm_measuring measuring, const struct part *part, const struct hmm_scores_of *of)
{
	struct part drawn = {.count = 0};
	struct hmm_interval interval[HMM_MEASURES];
	for (size_t m = 0; m < part->count; m++)
		if (scores[part->at[m]].interval == HMM_INTERVAL_BOOTSTRAP)
			add(&drawn, of->measures, part->at[m]);
	measuring.metric = drawn.metric;
	measuring.count = drawn.count;
	measuring.strict = 1;
	struct replicate replicate = {system, drawn.count, measure_metrics, &measuring};
	if (drawn.count &&
	    draw(interval, &replicate, groups, of->replicates, of->place, hmm_bootstrap_interval))
		return -1;
	for (size_t m = 0; m < drawn.count; m++) {
		struct hmm_score *score = &scores[drawn.at[m]];
		score->low = isnan(score->value) ? (double)NAN : interval[m].low;
		score->high = isnan(score->value) ? (double)NAN : interval[m].high;
	}
	return 0;
}

/* The fitted ones of a system's rows together. */
static int
fit(struct hmm_score *scores, const struct hmm_system *system, size_t groups,
    const struct part *part, const struct hmm_scores_of *of)
{
	struct hmm_recalibration fit;
	if (hmm_recalibration_fit(&fit, system, groups, of->prevalence))
		return -1;
	for (size_t m = 0; m < part->count; m++) {
		struct hmm_score *score = &scores[part->at[m]];
		const int slope = part->metric[m].metric == HMM_SLOPE;
		if (score->interval != HMM_INTERVAL_WALD)
			continue;
		score->value = slope ? fit.slope : fit.citl;
		const struct hmm_interval interval = hmm_interval_student(
		    score->value, slope ? fit.slope_variance : fit.citl_variance, fit.freedom, level);
		score->low = interval.low;
		score->high = interval.high;
	}
	return 0;
}

/* Measure some metrics of a system, whose runs are sorted. */
static int
score_part(struct hmm_score *scores, struct hmm_system *system, size_t groups,
    const struct part *part, double *below, const struct hmm_scores_of *of)
{
	const struct hmm_measuring measuring = {part->metric, part->count, of->prevalence, below,
	    system->patterns, system->runs > 1, system->outcomes};
	const int independent = hmm_system_is_independent(system, groups);
	double values[MOST], spread[MOST], scratch[4 * MOST];
	int bad = independent < 0, fits = 0;
	for (size_t i = 0; i < system->count; i++)
		system->rows[i].weight = 1;
	hmm_system_measure(values, system, part->count, measure_metrics, &measuring, scratch);
	for (size_t m = 0; m < part->count; m++)
		spread[m] = (double)NAN;
	if (system->runs > 1)
		hmm_system_spread(spread, system, part->count, measure_metrics, &measuring, scratch);
	for (size_t m = 0; m < part->count && !bad; m++) {
		const enum hmm_metric metric = part->metric[m].metric;
		struct hmm_interval interval = {(double)NAN, (double)NAN};
		const enum hmm_interval_kind kind =
		    hmm_intervals_kind(metric, independent, system->runs, of->prevalence);
		fits |= kind == HMM_INTERVAL_WALD;
		if (kind == HMM_INTERVAL_WILSON || kind == HMM_INTERVAL_DELONG)
			bad = hmm_intervals_of(&interval, system, metric, groups);
		scores[part->at[m]] = (struct hmm_score){
		    values[m], interval.low, interval.high, spread[m], kind, scores[part->at[m]].pooled};
	}
	bad = bad || (fits && fit(scores, system, groups, part, of));
	return bad || bootstrap_part(scores, system, groups, measuring, part, of) ? -1 : 0;
}

int
hmm_score_run(struct hmm_score *scores, struct hmm_system *system, size_t groups,
    const struct hmm_scores_of *of)
{
	const struct hmm_measures *measures = of->measures;
	struct part each = {.count = 0}, pooled = {.count = 0};
	for (size_t m = 0; m < measures->count; m++) {
		scores[m].pooled = system->runs > 1 && is_pooled(measures->metric[m].metric);
		add(scores[m].pooled ? &pooled : &each, measures, m);
	}
	double *below = NULL;
	if (system->patterns && !(below = hmm_alloc(system->patterns, 2 * sizeof(*below))))
		return -1;
	hmm_system_sort(system);
	int bad = score_part(scores, system, groups, &each, below, of);
	if (pooled.count && !bad) {
		hmm_system_pool(system);
		bad = score_part(scores, system, groups, &pooled, below, of);
	}
	free(below);
	return bad;
}

/* What is counted for the warnings. */
struct seen {
	size_t of[2], called[2], tied, endless;
	size_t runs, without[2]; /* all runs, and those without a label */
};

static void
look_at_runs(
    struct seen *seen, const struct hmm_prediction *prediction, const struct hmm_system *system)
{
	for (size_t i = 0, end; i < system->count; i = end) {
		size_t of[2] = {0, 0};
		for (end = i; end < system->count && !strcmp(prediction[end].run, prediction[i].run); end++)
			of[prediction[end].label]++;
		seen->runs++;
		for (int label = 0; label < 2; label++)
			seen->without[label] += !of[label];
	}
}

static struct seen
look(const struct hmm_prediction *prediction, const struct hmm_system *system)
{
	struct seen seen = {{0, 0}, {0, 0}, 0, 0, 0, {0, 0}};
	size_t ends[2][2] = {{0, 0}, {0, 0}};
	for (size_t i = 0; i < system->count; i++) {
		const struct hmm_prediction *here = &prediction[i];
		seen.of[here->label]++;
		seen.called[system->rows[i].called]++;
		seen.endless += isfinite(here->logit) ? 0 : 1;
		if (here->probability <= 0 || here->probability >= 1)
			ends[here->probability >= 1][here->label]++;
	}
	for (int end = 0; end < 2; end++)
		seen.tied += ends[end][0] && ends[end][1] ? ends[end][0] + ends[end][1] : 0;
	look_at_runs(&seen, prediction, system);
	return seen;
}

/* hmm_warn, or where there are many hmm_warn_counted. */
typedef void warning(const char *format, ...) HMM_PRINTF(1, 2);

static void
warn_of_runs(warning *warn, const char *where, const struct seen *seen)
{
	for (int label = 0; label < 2; label++)
		if (seen->without[label])
			warn("%s: %zu of %zu runs have no %s label; what needs one is the mean of the others",
			    where, seen->without[label], seen->runs, label ? "positive" : "negative");
}

static void
warn_of_denominators(
    warning *warn, const char *where, const struct seen *seen, const struct hmm_measures *measures)
{
	const int precision = hmm_measures_have(measures, HMM_PRECISION);
	if (!seen->called[1] && (precision || hmm_measures_have(measures, HMM_F1)))
		warn("%s: nothing predicted positive; precision is 0%s", where,
		    seen->of[1] ? "" : ", and f1");
	if (!seen->called[0] && hmm_measures_have(measures, HMM_NPV))
		warn("%s: nothing predicted negative; npv is 0", where);
	if (!seen->of[1] && hmm_measures_have(measures, HMM_RECALL))
		warn("%s: no positive label; recall is 0", where);
	if (!seen->of[0] && hmm_measures_have(measures, HMM_SPECIFICITY))
		warn("%s: no negative label; specificity is 0", where);
}

void
hmm_score_warn_repeated(
    const char *where, const struct hmm_prediction *prediction, size_t count, int many)
{
	size_t repeated = 0;
	for (size_t i = 1; i < count; i++)
		repeated += !strcmp(prediction[i].subject, prediction[i - 1].subject) &&
		            !strcmp(prediction[i].run, prediction[i - 1].run);
	if (repeated)
		(many ? hmm_warn_counted : hmm_warn)(
		    "%s: %zu rows repeat a subject; every row counts", where, repeated);
}

void
hmm_score_warn(const char *where, const struct hmm_prediction *prediction,
    const struct hmm_system *system, const struct hmm_measures *measures, int many)
{
	warning *const warn = many ? hmm_warn_counted : hmm_warn;
	const struct seen seen = look(prediction, system);
	hmm_score_warn_repeated(where, prediction, system->count, many);
	if (!seen.of[0] || !seen.of[1])
		warn("%s: all %zu labels are %d; auc and what else needs both is n/a", where, system->count,
		    prediction->label);
	if (seen.runs > 1)
		warn_of_runs(warn, where, &seen);
	if (seen.runs == 1 || (seen.of[0] && seen.of[1]))
		warn_of_denominators(warn, where, &seen, measures);
	if (seen.tied)
		warn("%s: %zu probabilities are exactly 0 or 1 for both labels; the AUC "
		     "counts them as ties",
		    where, seen.tied);
	if (seen.endless &&
	    (hmm_measures_have(measures, HMM_CITL) || hmm_measures_have(measures, HMM_SLOPE) ||
	        hmm_measures_have(measures, HMM_LOG_LOSS)))
		warn("%s: %zu probabilities are exactly 0 or 1 and have no logit; citl and slope are "
		     "n/a, and log_loss where one of them is wrong",
		    where, seen.endless);
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
	double values[HMM_CURVE_POINTS], scratch[2 * HMM_CURVE_POINTS];
	struct hmm_interval interval[HMM_CURVE_POINTS];
	struct replicate replicate = {system, HMM_CURVE_POINTS, measure_curve, &curve};
	hmm_system_sort(system);
	hmm_system_measure(values, system, HMM_CURVE_POINTS, measure_curve, &curve, scratch);
	if (draw(interval, &replicate, groups, replicates, place, hmm_bootstrap_band))
		return -1;
	for (size_t k = 0; k < HMM_CURVE_POINTS; k++)
		points[k] = (struct hmm_score){
		    values[k], interval[k].low, interval[k].high, (double)NAN, HMM_INTERVAL_BOOTSTRAP, 0};
	return 0;
}
