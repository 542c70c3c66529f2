/* Fully connected layers. The matrix is read once for as many samples as there
 * are, and with few samples that is the cost. Sums have a fixed shape (64 partial
 * sums a row, joined in a fixed tree; rows in ascending order), so that neither a
 * split of the work among threads nor the number of samples can change a bit. */
#ifndef HMM_LINEAR_H
#define HMM_LINEAR_H

#include <stddef.h>

/* y[b * y_stride + r] = bias[r] + sum_c w[r, c] x[b][c], for r in 0..rows-1 and
 * b in 0..samples-1. */
void hmm_linear_forward(float *y, size_t y_stride, const float *w, const float *const *x,
    const float *bias, size_t rows, size_t columns, size_t samples);

/* dx[c] = sum_r dy[r] w[r, c], for c in 0..columns-1 of a matrix whose rows are
 * `stride` floats apart. */
void hmm_linear_backward(
    float *dx, const float *w, const float *dy, size_t rows, size_t columns, size_t stride);

#endif
