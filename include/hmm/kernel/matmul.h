/* Matrix products on the one inner loop of tile.h. */
#ifndef HMM_MATMUL_H
#define HMM_MATMUL_H

#include <stddef.h>

#include "hmm/kernel/tile.h"

/* Rows first..first+rows-1 of out[M, N] = start + a[M, K] b[K, N]; a's and out's
 * rows are contiguous, `a_stride` and `out_stride` floats apart, b was packed by
 * hmm_tile_pack(). bias[N] is read for HMM_START_BIAS only. */
void hmm_matmul(float *out, size_t out_stride, const float *a, size_t a_stride, const float *b,
    size_t first, size_t rows, size_t columns, size_t depth, enum hmm_tile_start start,
    const float *bias);

#endif
