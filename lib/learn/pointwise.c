#include "hmm/learn/pointwise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/product.h"

size_t
hmm_pointwise_packed_size(size_t channels, size_t positions)
{
	const size_t forward = hmm_tile_packed_size(channels, positions);
	const size_t backward = hmm_tile_packed_size(positions, channels);
	return forward > backward ? forward : backward;
}

int
hmm_pointwise_open(
    struct hmm_pointwise *pointwise, const char *prefix, size_t channels, size_t positions)
{
	char weight[64], bias[64];
	*pointwise = (struct hmm_pointwise){.channels = channels, .positions = positions};
	snprintf(weight, sizeof(weight), "%s.weight", prefix);
	snprintf(bias, sizeof(bias), "%s.bias", prefix);
	if (hmm_parameter_open(&pointwise->weight, weight, channels, channels, HMM_DENSE) ||
	    hmm_parameter_open(&pointwise->bias, bias, channels, 0, HMM_DENSE))
		return -1;
	pointwise->packed = hmm_alloc(hmm_pointwise_packed_size(channels, positions), sizeof(float));
	return pointwise->packed ? 0 : -1;
}

void
hmm_pointwise_close(struct hmm_pointwise *pointwise)
{
	hmm_parameter_close(&pointwise->weight);
	hmm_parameter_close(&pointwise->bias);
	free(pointwise->packed);
	*pointwise = (struct hmm_pointwise){0};
}

void
hmm_pointwise_init(struct hmm_pointwise *pointwise, uint64_t seed)
{
	const double bound = 1 / sqrt((double)pointwise->channels);
	hmm_parameter_uniform(&pointwise->weight, bound, seed);
	hmm_parameter_uniform(&pointwise->bias, bound, seed);
}

void
hmm_pointwise_forward(
    struct hmm_pointwise *pointwise, struct hmm_pool *pool, float *y, const float *z)
{
	const size_t C = pointwise->channels, S = pointwise->positions;
	hmm_tile_pack(pointwise->packed, z, C, S, S, 1);
	for (size_t c = 0; c < C; c++)
		for (size_t s = 0; s < S; s++)
			y[c * S + s] = pointwise->bias.w[c];
	hmm_product(pool, y, pointwise->weight.w, pointwise->packed, C, S, C, HMM_START_OUT);
}

void
hmm_pointwise_gradient(struct hmm_pool *pool, float *dweight, float *dbias, const float *dy,
    const float *z, size_t channels, size_t positions, float *packed)
{
	const size_t C = channels, S = positions;
	hmm_tile_pack(packed, z, S, C, 1, S); /* z^T [S][C] */
	hmm_product(pool, dweight, dy, packed, C, C, S, HMM_START_OUT);
	for (size_t c = 0; c < C; c++)
		for (size_t s = 0; s < S; s++)
			dbias[c] += dy[c * S + s];
}

void
hmm_pointwise_backward(
    struct hmm_pointwise *pointwise, struct hmm_pool *pool, const float *dy, const float *z)
{
	hmm_pointwise_gradient(pool, pointwise->weight.gradient, pointwise->bias.gradient, dy, z,
	    pointwise->channels, pointwise->positions, pointwise->packed);
}

void
hmm_pointwise_each(struct hmm_pointwise *pointwise, hmm_parameter_visit *visit, void *context)
{
	visit(&pointwise->weight, context);
	visit(&pointwise->bias, context);
}
