/* Metrics of a set of predictions, with intervals. */
#ifndef HMM_SCORE_H
#define HMM_SCORE_H

#include "hmm/metrics.h"
#include "hmm/random.h"

struct hmm_score {
	double value, low, high; /* NaN: undefined */
};

/* Every metric of `count` > 0 predictions (sorted in place) and its 95 %
 * percentile interval over `replicates` bootstrap samples of whole groups, with
 * quantiles interpolated as NumPy's. Groups are numbers below `groups`; in
 * replicate b, from 0, the i-th draw stands at epoch b, index i of `place`.
 * Replicates that leave a metric undefined do not count for it. 0, or -1
 * reported. */
int hmm_score_run(struct hmm_score scores[HMM_METRICS], struct hmm_scored *scored, size_t count,
    size_t groups, double threshold, size_t replicates, struct hmm_place place);

#endif
