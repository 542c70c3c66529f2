/* A matrix product shared among the threads of a pool. */
#ifndef HMM_PRODUCT_H
#define HMM_PRODUCT_H

#include "hmm/base/parallel.h"
#include "hmm/kernel/tile.h"

/* out[M, N] = start + a[M, K] b[K, N], all rows contiguous, b packed by
 * hmm_tile_pack(); `start` is HMM_START_ZERO or HMM_START_OUT. */
void hmm_product(struct hmm_pool *pool, float *out, const float *a, const float *b, size_t rows,
    size_t columns, size_t depth, enum hmm_tile_start start);

#endif
