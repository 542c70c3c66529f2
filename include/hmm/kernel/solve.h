/* Symmetric positive definite systems, by Cholesky's factor. */
#ifndef HMM_SOLVE_H
#define HMM_SOLVE_H

#include <stddef.h>

/* Turn a[size][size], of which the lower half counts, into its lower factor in place; the upper
 * half stays. 0, or -1 (not reported): it is not positive definite, as far as rounding can tell. */
int hmm_solve_factor(double *a, size_t size);

/* Solve a x = b in place, with a's factor. */
void hmm_solve(double *b, const double *factor, size_t size);

/* Element j, j of the inverse of a, with its factor: a variance where a is an information.
 * `scratch` holds `size` numbers. */
double hmm_solve_variance(const double *factor, size_t size, size_t j, double *scratch);

#endif
