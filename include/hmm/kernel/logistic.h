/* Logistic regression by penalised maximum likelihood: Newton's method with step halving
 * (Lin, Lin and Weng, Machine Learning 68, 2007). */
#ifndef HMM_LOGISTIC_H
#define HMM_LOGISTIC_H

#include <stddef.h>

struct hmm_logistic_rows {
	const double *x;      /* [count][size]; an intercept is a column of ones */
	const double *target; /* [count]: 0, 1, or anything between them */
	const double *offset; /* [count], added to the logit; NULL: 0 */
	const double *weight; /* [count], not negative; NULL: 1 */
	size_t count, size;
};

/* Of ridge[j] / 2 * (coefficient[j] - centre[j])^2; NULL: no penalty, a centre of 0. */
struct hmm_logistic_penalty {
	const double *ridge, *centre; /* [size] */
};

/* The numbers that hmm_logistic_fit() wants for scratch. */
size_t hmm_logistic_scratch(size_t count, size_t size);

/* Improve coefficient[size], from where it stands, to the minimum of the weighted sum of the
 * losses, -y log p - (1 - y) log(1 - p), and the penalty. `factor` becomes the lower Cholesky
 * factor, [size][size], of the information there, see hmm_solve.h. 0, or -1 (not reported): there
 * is no minimum or no single one, as where a column separates the targets or is a sum of
 * others. */
int hmm_logistic_fit(double *coefficient, double *factor, const struct hmm_logistic_rows *rows,
    const struct hmm_logistic_penalty *penalty, double *scratch);

#endif
