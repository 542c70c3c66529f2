/* Which metrics are wanted, by name. */
#ifndef HMM_MEASURES_H
#define HMM_MEASURES_H

#include "hmm/data/target.h"
#include "hmm/kernel/metrics.h"

enum { HMM_MEASURES = 101, HMM_MEASURE_NAME = 64 };

struct hmm_measures {
	struct hmm_measured metric[HMM_MEASURES];
	char name[HMM_MEASURES][HMM_MEASURE_NAME];
	size_t count;
};

/* The metrics of predictions of a target that a list names, "auc,brier", each once (NULL: all, or
 * those that are compared of two systems), then those at numbers, "0.1,0.2" (NULL: none): of the
 * binary target net benefits at thresholds, net_benefit@0.1 and net_benefit_standardised@0.1, and
 * of times brier@365. NULL, or what is wrong with them, in words (not reported). */
const char *hmm_measures_choose(struct hmm_measures *measures, enum hmm_target target,
    const char *names, int compared, const char *at);

/* Whether a metric is among them. */
int hmm_measures_have(const struct hmm_measures *measures, enum hmm_metric metric);

#endif
