#include "hmm/score/compare.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/kernel/delong.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/pvalue.h"

const char *const hmm_test_names[] = {"bootstrap", "delong", "mcnemar"};

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

/* Whether no group has two rows; -1, reported. */
static int
is_independent(const struct hmm_system *system, size_t groups)
{
	char *seen = hmm_alloc(groups, 1);
	int single = system->runs == 1;
	if (!seen)
		return -1;
	for (size_t i = 0; i < system->count && single; i++)
		single = !seen[system->rows[i].group]++;
	free(seen);
	return single;
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

/* DeLong's interval and p, of sorted rows. */
static int
test_areas(struct hmm_compared *auc, const struct two *two, size_t groups)
{
	static const double normal = 1.959963984540054, rounding = 1e-12;
	struct hmm_delong delong;
	struct hmm_delong_group *scratch = hmm_alloc(groups, sizeof(*scratch));
	if (!scratch)
		return -1;
	hmm_delong_compare(
	    &delong, two->first->rows, two->second->rows, two->first->count, scratch, groups);
	free(scratch);
	const double error = sqrt(delong.variance);
	auc->test = HMM_TEST_DELONG;
	auc->low = auc->difference - normal * error;
	auc->high = auc->difference + normal * error;
	if (error > rounding)
		auc->p = hmm_pvalue_normal(delong.value / error);
	else
		auc->p = fabs(delong.value) > rounding ? (double)NAN : 1;
	auc->p = isnan(error) ? (double)NAN : auc->p;
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
	const int single = is_independent(system, groups);
	if (single < 0)
		return -1;
	const double decisions = single ? test_decisions(&two) : 0;
	hmm_system_sort(system);
	hmm_system_sort(other);
	measure_two(values, others, &two);
	int bad =
	    hmm_bootstrap_open(&boot, system, groups, HMM_METRICS, replicate, &two, replicates, place);
	for (size_t m = 0; m < HMM_METRICS && !bad; m++)
		compared[m] = (struct hmm_compared){values[m], others[m], values[m] - others[m],
		    hmm_bootstrap_quantile(&boot, m, .025), hmm_bootstrap_quantile(&boot, m, .975),
		    HMM_TEST_BOOTSTRAP, hmm_bootstrap_p(&boot, m)};
	hmm_bootstrap_close(&boot);
	if (single && !bad) {
		compared[HMM_ACC].test = HMM_TEST_MCNEMAR;
		compared[HMM_ACC].p = decisions;
		bad = test_areas(&compared[HMM_AUC], &two, groups);
	}
	return bad;
}
