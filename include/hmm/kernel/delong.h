/* Two correlated areas under the ROC curve (DeLong, DeLong and Clarke-Pearson,
 * Biometrics 1988) in O(n log n) with the sorting (Sun and Xu, IEEE Signal
 * Processing Letters 2014). Rows are independent of each other. */
#ifndef HMM_DELONG_H
#define HMM_DELONG_H

#include "hmm/kernel/metrics.h"

struct hmm_delong {
	double difference; /* of the first area and the second */
	double variance;   /* of that difference; NaN with fewer than two of a class */
};

/* Compare two systems' sorted scores of the same rows, which their groups number,
 * each its own; `scratch` holds two numbers for every group below `groups`. */
void hmm_delong_compare(struct hmm_delong *result, const struct hmm_scored *first,
    const struct hmm_scored *second, size_t count, double *scratch, size_t groups);

#endif
