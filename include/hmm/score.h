/* Metrics of predictions with bootstrap intervals. */
#ifndef HMM_SCORE_H
#define HMM_SCORE_H

#include <stdint.h>

#include "hmm/metrics.h"

struct hmm_score {
	double value[HMM_METRICS];
	double low[HMM_METRICS], high[HMM_METRICS]; /* 95 % percentile interval; NaN: none */
};

/* Score `count` predictions (sorted here) whose groups are numbered 0..groups-1.
 * The interval resamples whole groups (patients), `replicates` times; replicates
 * in which a metric is not defined do not count for it. 0, or -1 reported. */
int hmm_score(struct hmm_score *score, struct hmm_scored *predictions, size_t count, size_t groups,
    double threshold, long replicates, uint64_t seed);

#endif
