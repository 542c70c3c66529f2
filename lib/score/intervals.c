#include "hmm/score/intervals.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"

const char *const hmm_interval_names[] = {"n/a", "wilson", "delong", "wald", "bootstrap"};
static const double level = .95;

enum hmm_interval_kind
hmm_intervals_kind(enum hmm_metric metric, int independent, size_t runs, double prevalence)
{
	switch (metric) {
	case HMM_ACC:
	case HMM_PRECISION:
	case HMM_NPV:
		return independent && isnan(prevalence) ? HMM_INTERVAL_WILSON : HMM_INTERVAL_BOOTSTRAP;
	case HMM_RECALL:
	case HMM_SPECIFICITY:
	case HMM_AUC_HARD:
	case HMM_BALANCED_ACCURACY:
		return independent ? HMM_INTERVAL_WILSON : HMM_INTERVAL_BOOTSTRAP;
	case HMM_AUC:
		return runs == 1 ? HMM_INTERVAL_DELONG : HMM_INTERVAL_BOOTSTRAP;
	case HMM_CITL:
	case HMM_SLOPE:
		return HMM_INTERVAL_WALD;
	case HMM_TN:
	case HMM_FP:
	case HMM_FN:
	case HMM_TP:
		return HMM_INTERVAL_NONE;
	default:
		return HMM_INTERVAL_BOOTSTRAP;
	}
}

static struct hmm_interval
of_proportion(const struct hmm_system *system, enum hmm_metric metric)
{
	size_t table[2][2] = {{0, 0}, {0, 0}}; /* [label][predicted] */
	for (size_t i = 0; i < system->count; i++)
		table[system->rows[i].label][system->rows[i].called]++;
	const size_t tn = table[0][0], fp = table[0][1], fn = table[1][0], tp = table[1][1];
	if (metric == HMM_AUC_HARD || metric == HMM_BALANCED_ACCURACY) {
		const double recall[2] = {(double)tn / (double)(tn + fp), (double)tp / (double)(fn + tp)};
		const struct hmm_interval of[2] = {
		    hmm_interval_wilson(tn, tn + fp, level), hmm_interval_wilson(tp, fn + tp, level)};
		return hmm_interval_mean(recall, of);
	}
	const size_t part = metric == HMM_ACC                                ? tn + tp
	                    : metric == HMM_NPV || metric == HMM_SPECIFICITY ? tn
	                                                                     : tp;
	const size_t rest = metric == HMM_ACC           ? fp + fn
	                    : metric == HMM_PRECISION   ? fp
	                    : metric == HMM_SPECIFICITY ? fp
	                                                : fn;
	return hmm_interval_wilson(part, part + rest, level);
}

int
hmm_intervals_of(struct hmm_interval *interval, const struct hmm_system *system,
    enum hmm_metric metric, size_t groups)
{
	struct hmm_delong area;
	if (metric != HMM_AUC) {
		*interval = of_proportion(system, metric);
		return 0;
	}
	struct hmm_delong_group *scratch = hmm_alloc(groups, sizeof(*scratch));
	if (!scratch)
		return -1;
	hmm_delong_area(&area, system->rows, system->count, scratch, groups);
	free(scratch);
	*interval = hmm_interval_area_student(area.value, area.variance, area.freedom, level);
	return 0;
}
