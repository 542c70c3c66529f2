#include "hmm/learn/conv1x1.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/matmul.h"
#include "hmm/kernel/product.h"
#include "hmm/kernel/transpose.h"

/* Positions at a time; the padding keeps their rows from one set of the cache. */
enum { ROWS = 4 * HMM_TILE_ROWS, PADDING = 16 };

static size_t
stride_of(const struct hmm_conv1x1 *conv)
{
	return conv->channels + PADDING;
}

int
hmm_conv1x1_open(struct hmm_conv1x1 *conv, size_t channels, size_t positions, struct hmm_pool *pool)
{
	const size_t threads = hmm_pool_threads(pool);
	const size_t weight = hmm_tile_packed_size(channels, channels),
	             block = hmm_tile_packed_size(positions, channels);
	*conv = (struct hmm_conv1x1){.channels = channels, .positions = positions, .pool = pool};
	conv->packed = hmm_alloc_raw(weight > block ? weight : block, sizeof(float));
	conv->scratch = hmm_alloc(threads, sizeof(*conv->scratch));
	if (!conv->packed || !conv->scratch)
		return -1;
	for (; conv->threads < threads; conv->threads++)
		if (!(conv->scratch[conv->threads] =
		            hmm_alloc_raw(2 * ROWS * stride_of(conv), sizeof(float))))
			return -1;
	return 0;
}

void
hmm_conv1x1_close(struct hmm_conv1x1 *conv)
{
	for (size_t t = 0; t < conv->threads; t++)
		free(conv->scratch[t]);
	free(conv->scratch);
	free(conv->packed);
	*conv = (struct hmm_conv1x1){0};
}

/* Some positions and some of the channels that come out, all multiples of a tile's. */
struct piece {
	size_t position, positions, channel, channels;
};

/* out = bias, or out itself if there is none, + (in^T packed)^T, of this piece. */
static void
multiply(const struct hmm_conv1x1 *conv, float *out, const float *in, const float *packed,
    const float *bias, const struct piece *piece, size_t thread)
{
	const size_t C = conv->channels, S = conv->positions, stride = stride_of(conv);
	float *in_t = conv->scratch[thread], *out_t = in_t + ROWS * stride;
	float *const to = out + piece->channel * S + piece->position;
	hmm_transpose(in_t, stride, in + piece->position, S, C, piece->positions);
	if (!bias)
		hmm_transpose(out_t, stride, to, S, piece->channels, piece->positions);
	hmm_matmul(out_t, stride, in_t, stride, packed + piece->channel * C, 0, piece->positions,
	    piece->channels, C, bias ? HMM_START_BIAS : HMM_START_OUT,
	    bias ? bias + piece->channel : NULL);
	hmm_transpose(to, S, out_t, stride, piece->positions, piece->channels);
}

static size_t
at_most(size_t most, size_t left)
{
	return left < most ? left : most;
}

/* Blocks by one matrix. */
struct job {
	const struct hmm_conv1x1 *conv;
	float *const *out;
	const float *const *in;
	const float *bias;
	size_t down, across; /* pieces of a block: of its positions, of its channels */
	size_t channels;     /* of a piece */
};

static void
multiply_part(void *context, size_t part, size_t thread)
{
	const struct job *job = context;
	const struct hmm_conv1x1 *conv = job->conv;
	const size_t block = part / (job->down * job->across);
	struct piece piece = {.position = part / job->across % job->down * ROWS,
	    .channel = part % job->across * job->channels};
	piece.positions = at_most(ROWS, conv->positions - piece.position);
	piece.channels = at_most(job->channels, conv->channels - piece.channel);
	multiply(conv, job->out[block], job->in[block], conv->packed, job->bias, &piece, thread);
}

/* All blocks by conv->packed. Every piece transposes its input anew, so channels are shared among
 * the threads only where blocks and positions are too few. */
static void
multiply_all(struct hmm_conv1x1 *conv, float *const *out, const float *const *in, const float *bias,
    size_t blocks)
{
	const size_t panels = (conv->channels + HMM_TILE_COLUMNS - 1) / HMM_TILE_COLUMNS;
	struct job job = {.conv = conv, .out = out, .in = in, .bias = bias};
	job.down = (conv->positions + ROWS - 1) / ROWS;
	const size_t parts = blocks * job.down;
	if (parts == 0)
		return;
	const size_t pieces = at_most(panels, (conv->threads + parts - 1) / parts);
	const size_t width = (panels + pieces - 1) / pieces; /* in panels */
	job.channels = width * HMM_TILE_COLUMNS;
	job.across = (panels + width - 1) / width;
	hmm_pool_run(conv->pool, multiply_part, &job, parts * job.across);
}

void
hmm_conv1x1_forward(struct hmm_conv1x1 *conv, float *const *y, const float *const *z,
    const float *weight, const float *bias, size_t blocks)
{
	hmm_conv1x1_pack(conv->packed, weight, conv->channels);
	multiply_all(conv, y, z, bias, blocks);
}

void
hmm_conv1x1_backward(struct hmm_conv1x1 *conv, float *const *dz, float *dweight, float *dbias,
    const float *const *dy, const float *const *z, const float *weight, size_t blocks)
{
	const size_t C = conv->channels, S = conv->positions;
	for (size_t b = 0; b < blocks; b++) {
		hmm_tile_pack(conv->packed, z[b], S, C, 1, S); /* z^T [S][C] */
		hmm_product(conv->pool, dweight, dy[b], conv->packed, C, C, S, HMM_START_OUT);
		for (size_t c = 0; c < C; c++)
			for (size_t s = 0; s < S; s++)
				dbias[c] += dy[b][c * S + s];
	}
	if (!dz)
		return;
	hmm_tile_pack(conv->packed, weight, C, C, C, 1); /* dz^T += dy^T W */
	multiply_all(conv, dz, dy, NULL, blocks);
}

void
hmm_conv1x1_pack(float *packed, const float *weight, size_t channels)
{
	hmm_tile_pack(packed, weight, channels, channels, 1, channels);
}

void
hmm_conv1x1_block(const struct hmm_conv1x1 *conv, float *y, const float *z, const float *packed,
    const float *bias, size_t thread)
{
	struct piece piece = {.channels = conv->channels};
	for (; piece.position < conv->positions; piece.position += ROWS) {
		piece.positions = at_most(ROWS, conv->positions - piece.position);
		multiply(conv, y, z, packed, bias, &piece, thread);
	}
}

/* ---- W and b that are parameters ---- */

int
hmm_conv1x1_layer_open(struct hmm_conv1x1_layer *layer, const char *prefix, size_t channels)
{
	char weight[64], bias[64];
	*layer = (struct hmm_conv1x1_layer){0};
	snprintf(weight, sizeof(weight), "%s.weight", prefix);
	snprintf(bias, sizeof(bias), "%s.bias", prefix);
	return hmm_parameter_open(&layer->weight, weight, channels, channels, HMM_DENSE) ||
	               hmm_parameter_open(&layer->bias, bias, channels, 0, HMM_DENSE)
	           ? -1
	           : 0;
}

void
hmm_conv1x1_layer_close(struct hmm_conv1x1_layer *layer)
{
	hmm_parameter_close(&layer->weight);
	hmm_parameter_close(&layer->bias);
}

void
hmm_conv1x1_layer_init(struct hmm_conv1x1_layer *layer, uint64_t seed)
{
	const double bound = 1 / sqrt((double)layer->weight.columns);
	hmm_parameter_uniform(&layer->weight, bound, seed);
	hmm_parameter_uniform(&layer->bias, bound, seed);
}

void
hmm_conv1x1_layer_each(struct hmm_conv1x1_layer *layer, hmm_parameter_visit *visit, void *context)
{
	visit(&layer->weight, context);
	visit(&layer->bias, context);
}
