/* A plain 1x1 convolution, y = W z + b, that keeps the number of channels: what
 * the baselines have in the place of phi. Blocks are [channels][positions]. */
#ifndef HMM_POINTWISE_H
#define HMM_POINTWISE_H

#include "hmm/learn/mlp.h"

struct hmm_pointwise {
	size_t channels, positions;
	struct hmm_parameter weight; /* [out][in] */
	struct hmm_parameter bias;
	float *packed; /* the right-hand side of a product */
};

/* Tensors are named <prefix>.weight and .bias; all values 0. 0, or -1 reported. */
int hmm_pointwise_open(
    struct hmm_pointwise *pointwise, const char *prefix, size_t channels, size_t positions);
void hmm_pointwise_close(struct hmm_pointwise *pointwise);

/* torch.nn.Conv2d's own: uniform within 1 / sqrt(channels). */
void hmm_pointwise_init(struct hmm_pointwise *pointwise, uint64_t seed);

void hmm_pointwise_forward(
    struct hmm_pointwise *pointwise, struct hmm_pool *pool, float *y, const float *z);

/* Add the gradients for d loss / d y at z. */
void hmm_pointwise_backward(
    struct hmm_pointwise *pointwise, struct hmm_pool *pool, const float *dy, const float *z);

/* The floats at `packed` for blocks of this shape. */
size_t hmm_pointwise_packed_size(size_t channels, size_t positions);

/* dweight [out][in] += dy z^T and dbias += the sum of dy over positions, of any
 * 1x1 convolution. */
void hmm_pointwise_gradient(struct hmm_pool *pool, float *dweight, float *dbias, const float *dy,
    const float *z, size_t channels, size_t positions, float *packed);

void hmm_pointwise_each(struct hmm_pointwise *pointwise, hmm_parameter_visit *visit, void *context);

#endif
