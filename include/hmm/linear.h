/* Fully connected layers, one sample at a time: the matrix is read once and
 * that is the cost. Sums have a fixed shape (64 partial sums a row, joined in a
 * fixed tree; rows in ascending order), so that no split of the work among
 * threads can change a bit. */
#ifndef HMM_LINEAR_H
#define HMM_LINEAR_H

#include <stddef.h>

/* y[r] = bias[r] + sum_c w[r, c] x[c], for r in 0..rows-1. */
void hmm_linear_forward(
    float *y, const float *w, const float *x, const float *bias, size_t rows, size_t columns);

/* dx[c] = sum_r dy[r] w[r, c], for c in 0..columns-1 of a matrix whose rows are
 * `stride` floats apart. */
void hmm_linear_backward(
    float *dx, const float *w, const float *dy, size_t rows, size_t columns, size_t stride);

#endif
