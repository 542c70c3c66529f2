/* Metrics of binary classification, by scikit-learn's definitions. */
#ifndef HMM_METRICS_H
#define HMM_METRICS_H

#include <stddef.h>

/* Area under the ROC curve: the chance that a positive scores above a negative,
 * ties counting half. NaN when a class is missing. `labels` are 0 or 1. */
double hmm_metrics_auc(const double *scores, const int *labels, size_t count);

#endif
