/* Convolutions of 3x3 and stride 1 in tiles of 2x2 outputs: Winograd's F(2x2, 3x3) (Lavin and Gray,
 * arXiv 1509.09308), of whose constants none is but 1 and 1/2. That is 2.25 times fewer products
 * than plain ones, and as exact: larger tiles are not. */
#ifndef TILED_H
#define TILED_H

#include "hmm/gan/strided.h"

/* Whether it can be done so, and is worth it. */
int tiled_fits(const struct hmm_strided *conv);

/* Floats of scratch memory. */
size_t tiled_room(const struct hmm_strided *conv);

/* As hmm_strided_forward() and hmm_strided_weights(), from `in` padded: [in][out_height + 2]
 * [out_width + 2]. */
void tiled_forward(float *out, const float *padded, const float *weights,
    const struct hmm_strided *conv, float *scratch, struct hmm_pool *pool);
void tiled_weights(float *weights, const float *padded, const float *out, int add,
    const struct hmm_strided *conv, float *scratch, struct hmm_pool *pool);

#endif
