/* How far probabilities are from the shares that they promise, in bins of equal mass (Kumar, Liang
 * and Ma, "Verified uncertainty calibration", NeurIPS 2019). */
#ifndef HMM_CALIBRATION_H
#define HMM_CALIBRATION_H

#include "hmm/kernel/metrics.h"

enum { HMM_BINS = 10 };

struct hmm_bin {
	double rows, weight;   /* its rows, each as often as it counts; the same by what labels count */
	double mean, observed; /* the mean probability, and the share of positives */
};

/* Put sorted rows into at most HMM_BINS bins, ascending: they are cut into parts of equal size (the
 * first ones have one more), an edge is the last score of a part, equal edges are one, and a row
 * belongs to the first edge that is not below it, so that ties stay together. A row of a label
 * counts share[label]. How many bins have rows. */
size_t hmm_calibration_bins(struct hmm_bin bins[HMM_BINS], const struct hmm_scored *sorted,
    size_t count, const double share[2]);

struct hmm_calibration_errors {
	double expected; /* the mean distance of a bin's mean and share */
	double debiased; /* the root of its mean square less what chance adds, 0 where that is more */
};

/* Of the bins of sorted rows. */
struct hmm_calibration_errors hmm_calibration_find(
    const struct hmm_scored *sorted, size_t count, const double share[2]);

#endif
