/* Which metrics are wanted, by name. */
#ifndef HMM_MEASURES_H
#define HMM_MEASURES_H

#include "hmm/kernel/metrics.h"

enum { HMM_MEASURES = 101, HMM_MEASURE_NAME = 64 };

struct hmm_measures {
	struct hmm_measured metric[HMM_MEASURES];
	char name[HMM_MEASURES][HMM_MEASURE_NAME];
	size_t count;
};

/* The metrics that a list names, "auc,brier", each once (NULL: the first `otherwise`), then the
 * net benefits at thresholds, "0.1,0.2" (NULL: none): net_benefit@0.1, and
 * net_benefit_standardised@0.1. NULL, or what is wrong with them, in words (not reported). */
const char *hmm_measures_choose(
    struct hmm_measures *measures, const char *names, size_t otherwise, const char *thresholds);

/* Whether a metric is among them. */
int hmm_measures_have(const struct hmm_measures *measures, enum hmm_metric metric);

#endif
