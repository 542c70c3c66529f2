#include "hmm/score/compare.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/delong.h"
#include "hmm/kernel/distribution.h"
#include "hmm/kernel/pvalue.h"

const char *const hmm_test_names[] = {"bootstrap", "delong", "mcnemar", "obuchowski"};

static const double level = .95;

struct two {
	struct hmm_system *first, *second;
	double threshold;
};

static void
measure(double *values, const struct hmm_scored *sorted, size_t count, const void *context)
{
	hmm_metrics_all(values, sorted, count, *(const double *)context);
}

static void
measure_two(double first[HMM_METRICS], double second[HMM_METRICS], const struct two *two)
{
	double scratch[2 * HMM_METRICS];
	hmm_system_measure(first, two->first, HMM_METRICS, measure, &two->threshold, scratch);
	hmm_system_measure(second, two->second, HMM_METRICS, measure, &two->threshold, scratch);
}

static void
replicate(double *values, const double *weight, void *context)
{
	const struct two *two = context;
	double other[HMM_METRICS];
	hmm_system_weigh(two->first, weight);
	hmm_system_weigh(two->second, weight);
	measure_two(values, other, two);
	for (size_t m = 0; m < HMM_METRICS; m++)
		values[m] -= other[m];
}

/* McNemar's p, of rows that still stand beside each other. */
static double
test_decisions(const struct two *two)
{
	size_t better[2] = {0, 0};
	for (size_t i = 0; i < two->first->count; i++) {
		const struct hmm_scored *a = &two->first->rows[i], *b = &two->second->rows[i];
		const int called = a->score > two->threshold;
		if (called != (b->score > two->threshold))
			better[called != a->label]++;
	}
	return hmm_pvalue_mcnemar(better[0], better[1]);
}

/* The interval and the p of two areas, of sorted rows, with at most so many degrees of freedom.
 * 0, or -1 reported; where there is a difference without variance nothing is known of it. */
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
	freedom = fmin(freedom, delong.freedom);
	const struct hmm_interval interval =
	    hmm_interval_student(auc->difference, delong.variance, freedom, level);
	auc->low = interval.low;
	auc->high = interval.high;
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
	struct hmm_compared hard = *auc_hard;
	struct hmm_system *both[2] = {two->first, two->second};
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < both[k]->count; i++) {
			double *score = &both[k]->rows[i].score;
			*score = *score > two->threshold;
		}
	if (test_areas(&hard, two, groups, freedom))
		return -1;
	if (!isnan(hard.p))
		*auc_hard = hard;
	return 0;
}

int
hmm_compare_run(struct hmm_compared compared[HMM_METRICS], struct hmm_system *system,
    struct hmm_system *other, size_t groups, double threshold, size_t replicates,
    struct hmm_place place)
{
	struct two two = {system, other, threshold};
	struct hmm_bootstrap boot;
	double values[HMM_METRICS], others[HMM_METRICS];
	const int single = hmm_system_is_independent(system, groups);
	if (single < 0)
		return -1;
	const double decisions = single ? test_decisions(&two) : 0;
	hmm_system_sort(system);
	hmm_system_sort(other);
	measure_two(values, others, &two);
	int bad =
	    hmm_bootstrap_open(&boot, system, groups, HMM_METRICS, replicate, &two, replicates, place);
	const double freedom = (double)boot.groups - 1;
	for (size_t m = 0; m < HMM_METRICS && !bad; m++) {
		const struct hmm_interval interval = hmm_bootstrap_interval(&boot, m, level);
		compared[m] = (struct hmm_compared){values[m], others[m], values[m] - others[m],
		    interval.low, interval.high, HMM_TEST_BOOTSTRAP, hmm_bootstrap_p(&boot, m)};
	}
	hmm_bootstrap_close(&boot);
	if (single && !bad) {
		compared[HMM_ACC].test = HMM_TEST_MCNEMAR;
		compared[HMM_ACC].p = decisions;
	}
	if (system->runs == 1 && !bad)
		bad = test_areas(&compared[HMM_AUC], &two, groups, (double)INFINITY) ||
		      test_hard_areas(&compared[HMM_AUC_HARD], &two, groups, freedom);
	return bad ? -1 : 0;
}
