/* Metrics and curves of a set of predictions, with intervals. */
#ifndef HMM_SCORE_H
#define HMM_SCORE_H

#include "hmm/score/bootstrap.h"
#include "hmm/kernel/curve.h"

struct hmm_score {
	double value, low, high; /* NaN: undefined */
	double sd;               /* over the runs, n - 1; NaN: fewer than two */
};

/* Every metric of predictions (at least one, sorted in place) and its 95 % interval: that of
 * hmm_intervals_of(), else the expanded percentiles of `replicates` bootstrap samples of whole
 * groups. Replicates that leave a metric undefined do not count for it. 0, or -1 reported. */
int hmm_score_run(struct hmm_score scores[HMM_METRICS], struct hmm_system *system, size_t groups,
    double threshold, size_t replicates, struct hmm_place place);

/* Warn of what a reader of one split's numbers should know: repeated subjects, zero
 * denominators, ties. `name` is the table's. */
void hmm_score_warn(
    const char *name, const struct hmm_prediction *prediction, size_t count, double threshold);

enum hmm_curve { HMM_ROC, HMM_PR };

/* The points of a curve, and the interval at each, likewise. */
int hmm_score_curve(struct hmm_score points[HMM_CURVE_POINTS], enum hmm_curve curve,
    struct hmm_system *system, size_t groups, size_t replicates, struct hmm_place place);

#endif
