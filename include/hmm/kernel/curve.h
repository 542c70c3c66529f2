/* ROC and precision-recall curves on a fixed grid, 0, .01, ... 1, by the points
 * of scikit-learn's roc_curve and precision_recall_curve. */
#ifndef HMM_CURVE_H
#define HMM_CURVE_H

#include "hmm/kernel/metrics.h"

enum { HMM_CURVE_POINTS = 101 };

/* The true-positive rate at each false-positive rate: linear between points, the
 * highest where several have that rate. NaN without both classes, or where a score is. */
void hmm_curve_roc(double rate[HMM_CURVE_POINTS], const struct hmm_scored *sorted, size_t count);

/* The precision at each recall: that of the highest threshold which reaches it, with
 * nothing between points; 1 at recall 0. NaN without both classes, or where a score is. */
void hmm_curve_pr(
    double precision[HMM_CURVE_POINTS], const struct hmm_scored *sorted, size_t count);

#endif
