/* Metrics of a value: r2, which is NaN where all values are one, mae, rmse, bias (mean of predicted
 * less true), Pearson's and Spearman's correlation (ties have their mean rank; NaN where either is
 * constant). Where a standard deviation is predicted too: the continuous ranked probability score
 * of that normal distribution (Gneiting et al., Monthly Weather Review 2005), and the share of the
 * values that its central 90 % hold; else NaN. */
#ifndef HMM_REGRESSION_H
#define HMM_REGRESSION_H

#include "hmm/kernel/outcome.h"

/* How many numbers of scratch measuring wants. */
size_t hmm_regression_scratch(const struct hmm_outcomes *outcomes);

/* The score of one value, of a normal distribution. */
double hmm_regression_crps(double value, double mean, double sd);

/* Measure rows; predicted are the value and, with a width of 2, the standard deviation. */
void hmm_regression_measure(double *values, const struct hmm_scored *rows, size_t count,
    const struct hmm_measuring *measuring);

#endif
