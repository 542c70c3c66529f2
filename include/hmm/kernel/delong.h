/* The area under the ROC curve and the difference of two correlated ones, with their variances
 * (DeLong, DeLong and Clarke-Pearson, Biometrics 1988), in O(n log n) with the sorting (Sun and Xu,
 * IEEE Signal Processing Letters 2014). Rows of one group depend on each other (Obuchowski,
 * Biometrics 1997); where every group has one row that is DeLong's. Weights do not count. */
#ifndef HMM_DELONG_H
#define HMM_DELONG_H

#include "hmm/kernel/metrics.h"

/* An area, or a difference of areas. NaN: a class has no row, or a score is NaN. */
struct hmm_delong {
	double value;
	double variance; /* NaN too where fewer than two groups have rows of a class */
	/* What the variance is good for: INFINITY where every group has one row, as DeLong has it, else
	 * the groups less one, since a normal interval of few groups is too narrow (11 groups of 3
	 * rows: it holds .90 to .93, Student's .94 to .96). */
	double freedom;
};

/* What the rows of a group come to: scratch, by label. */
struct hmm_delong_group {
	double beaten[2]; /* the shares of the other class that they beat, in excess of the mean */
	size_t rows[2];
};

/* Of a system's sorted scores; `scratch` is [groups], each row's group below that. */
void hmm_delong_area(struct hmm_delong *area, const struct hmm_scored *sorted, size_t count,
    struct hmm_delong_group *scratch, size_t groups);

/* Of the first less the second: two systems' sorted scores of the same rows, with the same labels
 * and groups. */
void hmm_delong_compare(struct hmm_delong *difference, const struct hmm_scored *first,
    const struct hmm_scored *second, size_t count, struct hmm_delong_group *scratch, size_t groups);

#endif
