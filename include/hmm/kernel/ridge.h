/* Logistic regression of many columns, more than there are rows perhaps, with a ridge: Newton's
 * method whose steps are found by conjugate gradients, so that no matrix is made (Lin, Weng and
 * Keerthi, JMLR 9, 2008). For few columns and their errors: logistic.h. */
#ifndef HMM_RIDGE_H
#define HMM_RIDGE_H

#include "hmm/kernel/logistic.h"

/* The numbers that both of these want for scratch. */
size_t hmm_ridge_scratch(size_t count, size_t size);

/* Improve coefficient[size], from where it stands, to the minimum of the weighted sum of the losses
 * and ridge / 2 * the sum of the coefficients' squares, but for the first one, which is the
 * intercept's. ridge > 0. 0, or -1 (not reported): there is none, as where all targets are the
 * same. */
int hmm_ridge_fit(
    double *coefficient, const struct hmm_logistic_rows *rows, double ridge, double *scratch);

enum { HMM_RIDGES = 7 };
extern const double hmm_ridges[HMM_RIDGES]; /* 1e5 down to 0.1 */

/* The ridge of those above with the least loss of rows by fits without them: fold[count], from 0,
 * says which rows are fitted without each other. Of equal ones it is the larger. `loss` is the mean
 * of a row then. Folds without which all targets are the same are passed by. rows->weight must be
 * NULL. The ridge, or -1 (not reported): no fold is left. */
double hmm_ridge_choose(double *loss, const struct hmm_logistic_rows *rows, const size_t *fold,
    size_t folds, double *scratch);

#endif
