#include "hmm/score/compare.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/delong.h"
#include "hmm/kernel/distribution.h"
#include "hmm/kernel/pvalue.h"

const char *const hmm_test_names[] = {"n/a", "bootstrap", "delong", "mcnemar", "obuchowski"};

static const double level = .95;

struct two {
	struct hmm_system *first, *second;
	struct hmm_measuring measuring[2]; /* each with its own scratch */
};

static void
measure(double *values, const struct hmm_scored *sorted, size_t count, const void *context)
{
	hmm_metrics_measure(values, sorted, count, context);
}

static void
measure_two(double *first, double *second, const struct two *two)
{
	double scratch[2 * HMM_MEASURES];
	const size_t count = two->measuring[0].count;
	hmm_system_measure(first, two->first, count, measure, &two->measuring[0], scratch);
	hmm_system_measure(second, two->second, count, measure, &two->measuring[1], scratch);
}

static void
replicate(double *values, const double *weight, void *context)
{
	struct two *two = context;
	double other[HMM_MEASURES];
	hmm_system_weigh(two->first, weight);
	hmm_system_weigh(two->second, weight);
	two->measuring[0].strict = two->measuring[1].strict = 1;
	measure_two(values, other, two);
	for (size_t m = 0; m < two->measuring[0].count; m++)
		values[m] -= other[m];
}

/* McNemar's p, of rows that still stand beside each other. */
static double
test_decisions(const struct two *two)
{
	size_t better[2] = {0, 0};
	for (size_t i = 0; i < two->first->count; i++) {
		const struct hmm_scored *a = &two->first->rows[i], *b = &two->second->rows[i];
		const unsigned called = a->called;
		if (called != b->called)
			better[called != (unsigned)a->label]++;
	}
	return hmm_pvalue_mcnemar(better[0], better[1]);
}

/* DeLong's or Obuchowski's interval and p, of sorted rows; with no more degrees of freedom. */
static int
test_areas(struct hmm_compared *auc, const struct two *two, size_t groups, double freedom)
{
	static const double rounding = 1e-12;
	struct hmm_delong delong;
	struct hmm_delong_group *scratch = hmm_alloc(groups, sizeof(*scratch));
	if (!scratch)
		return -1;
	hmm_delong_compare(
	    &delong, two->first->rows, two->second->rows, two->first->count, scratch, groups);
	free(scratch);
	const double error = sqrt(delong.variance), difference = fabs(delong.value);
	auc->test = isinf(delong.freedom) ? HMM_TEST_DELONG : HMM_TEST_OBUCHOWSKI;
	auc->least = (double)NAN;
	freedom = fmin(freedom, delong.freedom);
	const struct hmm_interval interval =
	    hmm_interval_student(auc->difference, delong.variance, freedom, level);
	auc->low = error > rounding ? interval.low : (double)NAN;
	auc->high = error > rounding ? interval.high : (double)NAN;
	if (error > rounding)
		auc->p = 2 * hmm_distribution_student(-difference / error, freedom);
	else
		auc->p = isnan(error) || difference > rounding ? (double)NAN : 1;
	return 0;
}

/* Of the decisions: an area of two scores alone. It is that of the rows from here on. */
static int
test_hard_areas(struct hmm_compared *auc_hard, const struct two *two, size_t groups, double freedom)
{
	struct hmm_system *both[2] = {two->first, two->second};
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < both[k]->count; i++)
			both[k]->rows[i].score = both[k]->rows[i].called;
	return test_areas(auc_hard, two, groups, freedom);
}

static int
has_test(enum hmm_metric metric)
{
	return !(metric >= HMM_CITL && metric <= HMM_TP);
}

const char *
hmm_compare_check(const struct hmm_measures *measures)
{
	for (size_t m = 0; m < measures->count; m++)
		if (!has_test(measures->metric[m].metric))
			return "--metrics: citl, slope, tn, fp, fn and tp have no test, want others with "
			       "--against";
	return NULL;
}

/* Which metrics have a test, and what formulas give; the areas first, as the decisions take the
 * scores' place. */
static int
finish(struct hmm_compared *compared, const struct two *two, size_t groups, int single,
    double decisions, double freedom)
{
	const struct hmm_measuring *measuring = &two->measuring[0];
	const double none = (double)NAN;
	int bad = 0;
	for (size_t m = 0; m < measuring->count && !bad; m++) {
		const enum hmm_metric metric = measuring->metric[m].metric;
		if (!has_test(metric))
			compared[m] = (struct hmm_compared){compared[m].value, compared[m].other,
			    compared[m].difference, none, none, HMM_TEST_NONE, none, none};
		else if (metric == HMM_ACC && single && isnan(measuring->prevalence)) {
			compared[m].test = HMM_TEST_MCNEMAR;
			compared[m].p = decisions;
			compared[m].least = none;
		} else if (metric == HMM_AUC && two->first->runs == 1)
			bad = test_areas(&compared[m], two, groups, (double)INFINITY);
	}
	for (size_t m = 0; m < measuring->count && !bad && two->first->runs == 1; m++) {
		const enum hmm_metric metric = measuring->metric[m].metric;
		if (metric == HMM_AUC_HARD || metric == HMM_BALANCED_ACCURACY)
			bad = test_hard_areas(&compared[m], two, groups, freedom);
	}
	return bad;
}

static int
compare(
    struct hmm_compared *compared, struct two *two, size_t groups, const struct hmm_scores_of *of)
{
	struct hmm_bootstrap boot;
	double values[HMM_MEASURES], others[HMM_MEASURES];
	const size_t count = two->measuring[0].count;
	const int single = hmm_system_is_independent(two->first, groups);
	if (single < 0)
		return -1;
	const double decisions = single ? test_decisions(two) : 0;
	hmm_system_sort(two->first);
	hmm_system_sort(two->second);
	measure_two(values, others, two);
	const int bad = hmm_bootstrap_open(
	    &boot, two->first, groups, count, replicate, two, of->replicates, of->place);
	for (size_t m = 0; m < count && !bad; m++) {
		const struct hmm_interval interval = hmm_bootstrap_interval(&boot, m, boot.groups, level);
		const double difference = values[m] - others[m], none = 0 * difference; /* NaN, or 0 */
		compared[m] = (struct hmm_compared){values[m], others[m], difference, interval.low + none,
		    interval.high + none, HMM_TEST_BOOTSTRAP, hmm_bootstrap_p(&boot, m) + none,
		    hmm_bootstrap_least_p(boot.groups, boot.defined[m])};
	}
	const double freedom = (double)boot.groups - 1;
	hmm_bootstrap_close(&boot);
	return bad ? -1 : finish(compared, two, groups, single, decisions, freedom);
}

int
hmm_compare_run(struct hmm_compared *compared, struct hmm_system *system, struct hmm_system *other,
    size_t groups, const struct hmm_scores_of *of)
{
	const struct hmm_measures *measures = of->measures;
	struct two two = {.first = system, .second = other};
	struct hmm_system *const systems[2] = {system, other};
	int bad = 0;
	for (int i = 0; i < 2; i++) {
		two.measuring[i] = (struct hmm_measuring){measures->metric, measures->count, of->prevalence,
		    NULL, systems[i]->patterns, system->runs > 1, systems[i]->outcomes};
		if (systems[i]->patterns)
			two.measuring[i].below =
			    hmm_alloc(systems[i]->patterns, 2 * sizeof(*two.measuring[i].below));
		bad |= systems[i]->patterns && !two.measuring[i].below;
	}
	bad = bad || compare(compared, &two, groups, of);
	free(two.measuring[0].below);
	free(two.measuring[1].below);
	return bad ? -1 : 0;
}
