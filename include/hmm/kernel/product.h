/* Matrix products shared among the threads of a pool. */
#ifndef HMM_PRODUCT_H
#define HMM_PRODUCT_H

#include "hmm/base/parallel.h"
#include "hmm/kernel/tile.h"

/* out[M, N] += a[i][M, K] b[i][K, N], for i in 0..count-1 in this order, all rows contiguous; each
 * b[i] is packed by hmm_tile_pack(), one behind the other. */
void hmm_product_add(struct hmm_pool *pool, float *out, const float *const *a, const float *b,
    size_t count, size_t rows, size_t columns, size_t depth);

#endif
