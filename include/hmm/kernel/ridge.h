/* Regressions of many columns, more than there are rows perhaps, with a ridge: Newton's method
 * whose steps are found by conjugate gradients, so that no matrix is made (Lin, Weng and Keerthi,
 * JMLR 9, 2008). For few columns and the errors of a logistic one: logistic.h. */
#ifndef HMM_RIDGE_H
#define HMM_RIDGE_H

#include <stddef.h>

/* The loss of a row with a logit of z: -y log p - (1 - y) log(1 - p); (z - y)^2 / 2; of Cox all
 * have one, -log of the partial likelihood, see cox.h, of z as their eta. */
enum hmm_ridge_loss { HMM_RIDGE_LOGISTIC, HMM_RIDGE_SQUARES, HMM_RIDGE_COX };

struct hmm_ridge_rows {
	const double *x;      /* [count][size]; the first column is of ones */
	const double *target; /* [count]: y, of a logistic loss 0, 1, or anything between them, of
	                         squares best of mean 0 and deviation 1, as x is, since one ridge is for
	                         all; of Cox the time */
	const double *offset; /* [count], added to the logit; NULL: 0 */
	const double *weight; /* [count], not negative, of Cox 0 or 1; NULL: 1 */
	size_t count, size;
	enum hmm_ridge_loss loss;
	const int *event; /* [count], of Cox: 1: at the time, 0: not up to then */
};

/* The numbers that both of these want for scratch. */
size_t hmm_ridge_scratch(size_t count, size_t size);

/* Improve coefficient[size], from where it stands, to the minimum of the weighted sum of the losses
 * and ridge / 2 * the sum of the coefficients' squares, but for the first one, which is the
 * intercept's, and 0 with Cox. ridge > 0. 0, or -1 (not reported): there is none, as where all
 * labels are the same, or there is no event. */
int hmm_ridge_fit(
    double *coefficient, const struct hmm_ridge_rows *rows, double ridge, double *scratch);

enum { HMM_RIDGES = 7 };
extern const double hmm_ridges[HMM_RIDGES]; /* 1e5 down to 0.1 */

/* The ridge of those above with the least loss of rows by fits without them: fold[count], from 0,
 * says which rows are fitted without each other. Of equal ones it is the larger. `loss` is the mean
 * of a row then. Of Cox it is -log of the partial likelihood of all rows less that of those fitted
 * (Verweij and van Houwelingen, Statistics in Medicine 12, 1993), and `loss` the mean of an event.
 * Folds without which all labels are the same, or there is no event, are passed by. rows->weight
 * must be NULL. The ridge, or -1 (not reported): no fold is left, or none with an event. */
double hmm_ridge_choose(double *loss, const struct hmm_ridge_rows *rows, const size_t *fold,
    size_t folds, double *scratch);

#endif
