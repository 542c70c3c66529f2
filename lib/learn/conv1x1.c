#include "hmm/learn/conv1x1.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/matmul.h"
#include "hmm/kernel/product.h"
#include "hmm/kernel/transpose.h"

/* Positions at a time; the padding keeps their rows from one set of the cache. Images whose
 * gradients are taken together, and channels of a bias of which a thread takes those. */
enum { ROWS = HMM_CONV1X1_VECTORS, PADDING = 16, IMAGES = 16, BIASES = 64 };

static size_t
stride_of(const struct hmm_conv1x1 *conv)
{
	return conv->channels + PADDING;
}

int
hmm_conv1x1_open(struct hmm_conv1x1 *conv, size_t channels, size_t positions, struct hmm_pool *pool)
{
	const size_t threads = hmm_pool_threads(pool), rows = positions > ROWS ? positions : ROWS;
	const size_t weight = hmm_tile_packed_size(channels, channels),
	             blocks = IMAGES * hmm_tile_packed_size(rows, channels);
	*conv = (struct hmm_conv1x1){.channels = channels, .positions = positions, .pool = pool};
	conv->packed = hmm_alloc_raw(weight > blocks ? weight : blocks, sizeof(float));
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

static size_t
at_most(size_t most, size_t left)
{
	return left < most ? left : most;
}

/* ---- rows of a product ---- */

/* Rows of a product: positions of a block, or vectors, blocks of one position. Of their channels,
 * some. */
struct piece {
	size_t block, position, rows;
	size_t channel, channels;
};

/* rows [rows][stride] = those of the blocks, or the other way around. */
static void
gather(float *rows, size_t stride, const float *const *from, size_t positions,
    const struct piece *piece)
{
	if (positions == 1)
		for (size_t r = 0; r < piece->rows; r++)
			memcpy(rows + r * stride, from[piece->block + r] + piece->channel,
			    piece->channels * sizeof(*rows));
	else
		hmm_transpose(rows, stride,
		    from[piece->block] + piece->channel * positions + piece->position, positions,
		    piece->channels, piece->rows);
}

static void
scatter(
    float *const *to, const float *rows, size_t stride, size_t positions, const struct piece *piece)
{
	if (positions == 1)
		for (size_t r = 0; r < piece->rows; r++)
			memcpy(to[piece->block + r] + piece->channel, rows + r * stride,
			    piece->channels * sizeof(*rows));
	else
		hmm_transpose(to[piece->block] + piece->channel * positions + piece->position, positions,
		    rows, stride, piece->rows, piece->channels);
}

/* Blocks by a matrix: out = bias, or out itself if there is none, + (in^T packed)^T. */
struct job {
	const struct hmm_conv1x1 *conv;
	float *const *out;
	const float *const *in;
	struct hmm_matrix by; /* weight: packed */
	size_t blocks;
	size_t down, across; /* pieces of their rows (of images: of a block's), of the channels */
	size_t channels;     /* of a piece */
};

static void
multiply(const struct job *job, const struct piece *piece, size_t thread)
{
	const struct hmm_conv1x1 *conv = job->conv;
	const size_t S = conv->positions, in = job->by.in, stride = stride_of(conv);
	const float *bias = job->by.bias;
	float *in_t = conv->scratch[thread], *out_t = in_t + ROWS * stride;
	struct piece whole = *piece;
	whole.channel = 0;
	whole.channels = in;
	gather(in_t, stride, job->in, S, &whole);
	if (!bias)
		gather(out_t, stride, (const float *const *)job->out, S, piece);
	hmm_matmul(out_t, stride, in_t, stride, job->by.weight + piece->channel * in, 0, piece->rows,
	    piece->channels, in, bias ? HMM_START_BIAS : HMM_START_OUT,
	    bias ? bias + piece->channel : NULL);
	scatter(job->out, out_t, stride, S, piece);
}

static void
multiply_part(void *context, size_t part, size_t thread)
{
	const struct job *job = context;
	const size_t S = job->conv->positions, row = part / job->across % job->down * ROWS;
	struct piece piece = {.block = part / (job->down * job->across),
	    .position = row,
	    .rows = at_most(ROWS, S - row),
	    .channel = part % job->across * job->channels};
	if (S == 1)
		piece = (struct piece){
		    .block = row, .rows = at_most(ROWS, job->blocks - row), .channel = piece.channel};
	piece.channels = at_most(job->channels, job->by.out - piece.channel);
	multiply(job, &piece, thread);
}

/* All blocks. Every piece transposes its input anew, so channels are shared among the threads only
 * where rows are too few. */
static void
multiply_all(struct job job)
{
	const size_t S = job.conv->positions, threads = job.conv->threads;
	const size_t panels = (job.by.out + HMM_TILE_COLUMNS - 1) / HMM_TILE_COLUMNS;
	job.down = ((S == 1 ? job.blocks : S) + ROWS - 1) / ROWS;
	const size_t parts = job.down * (S == 1 ? 1 : job.blocks);
	if (parts == 0)
		return;
	const size_t pieces = at_most(panels, (threads + parts - 1) / parts);
	const size_t width = (panels + pieces - 1) / pieces; /* in panels */
	job.channels = width * HMM_TILE_COLUMNS;
	job.across = (panels + width - 1) / width;
	hmm_pool_run(job.conv->pool, multiply_part, &job, parts * job.across);
}

/* ---- passes ---- */

void
hmm_conv1x1_forward(struct hmm_conv1x1 *conv, float *const *y, const float *const *z,
    const struct hmm_matrix *by, size_t blocks)
{
	hmm_conv1x1_pack(conv->packed, by);
	multiply_all((struct job){.conv = conv,
	    .out = y,
	    .in = z,
	    .by = {conv->packed, by->bias, by->out, by->in},
	    .blocks = blocks});
}

/* Blocks whose gradients are added. */
struct gradient {
	const struct hmm_conv1x1 *conv;
	const float *const *dy, *const *z;
	const struct hmm_matrix *by;
	size_t blocks;
	float *dbias;
};

static void
pack_part(void *context, size_t part, size_t thread)
{
	(void)thread;
	const struct gradient *of = context;
	const size_t S = of->conv->positions, in = of->by->in;
	hmm_tile_pack(of->conv->packed + part * hmm_tile_packed_size(S, in), of->z[part], S, in, 1,
	    S); /* z^T [S][in] */
}

/* dW += dy z^T of images. */
static void
add_images(struct hmm_conv1x1 *conv, float *dweight, const struct gradient *all)
{
	const struct hmm_matrix *by = all->by;
	for (size_t first = 0; first < all->blocks; first += IMAGES) {
		struct gradient some = *all;
		some.z += first;
		some.blocks = at_most(IMAGES, all->blocks - first);
		hmm_pool_run(conv->pool, pack_part, &some, some.blocks);
		hmm_product_add(conv->pool, dweight, all->dy + first, conv->packed, some.blocks, by->out,
		    by->in, conv->positions);
	}
}

/* The same of vectors, one product of several: their terms are added up in the same order. */
static void
add_vectors(struct hmm_conv1x1 *conv, float *dweight, const struct gradient *all)
{
	const struct hmm_matrix *by = all->by;
	float *rows = conv->scratch[0], *columns = rows + ROWS * stride_of(conv);
	const float *const dy = columns;
	for (size_t first = 0; first < all->blocks; first += ROWS) {
		const size_t count = at_most(ROWS, all->blocks - first);
		for (size_t b = 0; b < count; b++) {
			memcpy(rows + b * by->in, all->z[first + b], by->in * sizeof(*rows));
			for (size_t o = 0; o < by->out; o++)
				columns[o * count + b] = all->dy[first + b][o];
		}
		hmm_tile_pack(conv->packed, rows, count, by->in, by->in, 1);
		hmm_product_add(conv->pool, dweight, &dy, conv->packed, 1, by->out, by->in, count);
	}
}

static void
bias_part(void *context, size_t part, size_t thread)
{
	(void)thread;
	const struct gradient *of = context;
	const size_t S = of->conv->positions, first = part * BIASES;
	const size_t end = first + at_most(BIASES, of->by->out - first);
	for (size_t b = 0; b < of->blocks; b++)
		for (size_t o = first; o < end; o++)
			for (size_t s = 0; s < S; s++)
				of->dbias[o] += of->dy[b][o * S + s];
}

void
hmm_conv1x1_backward(struct hmm_conv1x1 *conv, float *const *dz, float *dweight, float *dbias,
    const float *const *dy, const float *const *z, const struct hmm_matrix *by, size_t blocks)
{
	struct gradient all = {conv, dy, z, by, blocks, dbias};
	(conv->positions == 1 ? add_vectors : add_images)(conv, dweight, &all);
	hmm_pool_run(conv->pool, bias_part, &all, (by->out + BIASES - 1) / BIASES);
	if (!dz)
		return;
	hmm_tile_pack(conv->packed, by->weight, by->out, by->in, by->in, 1); /* dz^T += dy^T W */
	multiply_all((struct job){.conv = conv,
	    .out = dz,
	    .in = dy,
	    .by = {conv->packed, NULL, by->in, by->out},
	    .blocks = blocks});
}

void
hmm_conv1x1_pack(float *packed, const struct hmm_matrix *by)
{
	hmm_tile_pack(packed, by->weight, by->in, by->out, 1, by->in);
}

void
hmm_conv1x1_blocks(const struct hmm_conv1x1 *conv, float *const *y, const float *const *z,
    const struct hmm_matrix *packed, size_t blocks, size_t thread)
{
	const struct job job = {.conv = conv, .out = y, .in = z, .by = *packed, .blocks = blocks};
	const size_t rows = conv->positions == 1 ? blocks : conv->positions;
	for (size_t row = 0; row < rows; row += ROWS) {
		const struct piece piece = {
		    .position = row, .rows = at_most(ROWS, rows - row), .channels = packed->out};
		multiply(&job, &piece, thread);
	}
}

/* ---- W and b that are parameters ---- */

int
hmm_conv1x1_layer_open(struct hmm_conv1x1_layer *layer, const char *prefix, size_t out, size_t in)
{
	char weight[64], bias[64];
	*layer = (struct hmm_conv1x1_layer){0};
	snprintf(weight, sizeof(weight), "%s.weight", prefix);
	snprintf(bias, sizeof(bias), "%s.bias", prefix);
	return hmm_parameter_open(&layer->weight, weight, out, in, HMM_DENSE) ||
	               hmm_parameter_open(&layer->bias, bias, out, 0, HMM_DENSE)
	           ? -1
	           : 0;
}

struct hmm_matrix
hmm_conv1x1_layer_matrix(const struct hmm_conv1x1_layer *layer)
{
	return (struct hmm_matrix){
	    layer->weight.w, layer->bias.w, layer->weight.rows, layer->weight.columns};
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
