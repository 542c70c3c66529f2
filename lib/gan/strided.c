#include "hmm/gan/strided.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/gan/blas.h"
#include "phases.h"
#include "tiled.h"

/* The columns of a product, pixels; its depth or height, taps; and both together: a block of that
 * many floats stays in the L2 cache. Of what there is to do at least PARTS parts are made where it
 * can be, of LEAST channels or more. */
enum { PIXELS = 512, TAPS = 256, BLOCK = PIXELS * TAPS, PARTS = 8, LEAST = 32 };

struct hmm_strided
hmm_strided_plan(
    size_t in, size_t height, size_t width, size_t out, size_t kernel, size_t stride, size_t pad)
{
	return (struct hmm_strided){in, height, width, out, (height + 2 * pad - kernel) / stride + 1,
	    (width + 2 * pad - kernel) / stride + 1, kernel, stride, pad};
}

static size_t
taps(const struct hmm_strided *conv)
{
	return conv->kernel * conv->kernel;
}

static size_t
pixels(const struct hmm_strided *conv)
{
	return conv->out_height * conv->out_width;
}

/* Rows of `out` that are multiplied at once; and channels of `in`, whose taps are. */
static size_t
band_rows(const struct hmm_strided *conv)
{
	const size_t rows = PIXELS / conv->out_width;
	return rows ? least(rows, conv->out_height) : 1;
}

static size_t
group_channels(const struct hmm_strided *conv)
{
	const size_t columns = band_rows(conv) * conv->out_width;
	const size_t channels = BLOCK / (columns * taps(conv));
	return channels ? least(channels, conv->in) : 1;
}

/* The same where groups are the parts of the work. */
static size_t
part_channels(const struct hmm_strided *conv)
{
	const size_t channels = divide_up(TAPS, taps(conv));
	return least(channels, group_channels(conv));
}

/* ---- the three products ---- */

struct job {
	const struct hmm_strided *conv;
	struct hmm_strided_work *work;
	float *result;
	const float *in, *out, *weights;
	size_t bands, blocks, block; /* of forward: parts are bands x blocks of channels of out */
	int add;
};

static float *
own_columns(const struct job *job, size_t thread)
{
	return (float *)job->work->columns + thread * job->work->columns_size;
}

static struct band
band_at(const struct hmm_strided *conv, size_t number)
{
	const size_t rows = band_rows(conv), row = number * rows;
	return (struct band){.row = row, .rows = least(rows, conv->out_height - row)};
}

static void
split_part(void *context, size_t part, size_t thread)
{
	(void)thread;
	const struct job *job = context;
	const struct hmm_strided *conv = job->conv;
	phases_split((float *)job->work->planes + part * phases_size(conv),
	    job->in + part * conv->in_height * conv->in_width, conv);
}

static void
forward_part(void *context, size_t part, size_t thread)
{
	const struct job *job = context;
	const struct hmm_strided *conv = job->conv;
	const size_t depth = conv->in * taps(conv), step = group_channels(conv);
	const size_t first = part % job->blocks * job->block;
	struct band band = band_at(conv, part / job->blocks);
	float *columns = own_columns(job, thread);
	float *result = job->result + first * pixels(conv) + band.row * conv->out_width;
	for (size_t c = 0; c < conv->in; c += step) {
		band.channel = c;
		band.channels = least(step, conv->in - c);
		phases_gather(columns, job->work->planes, &band, conv);
		hmm_blas_multiply(result, pixels(conv),
		    (struct hmm_matrix){job->weights + first * depth + c * taps(conv), depth, 0},
		    (struct hmm_matrix){columns, band.rows * conv->out_width, 0},
		    least(job->block, conv->out - first), band.rows * conv->out_width,
		    band.channels * taps(conv), c > 0);
	}
}

static void
forward(float *out, const float *in, const float *weights, const struct hmm_strided *conv,
    struct hmm_strided_work *work)
{
	const size_t bands = divide_up(conv->out_height, band_rows(conv));
	size_t block = divide_up(conv->out, divide_up(PARTS, bands));
	block = block < LEAST ? LEAST : block;
	struct job job = {
	    conv, work, out, in, NULL, weights, bands, divide_up(conv->out, block), block, 0};
	hmm_pool_run(work->pool, split_part, &job, conv->in);
	if (tiled_fits(conv))
		tiled_forward(out, work->planes, weights, conv, work->tiles, work->pool);
	else
		hmm_pool_run(work->pool, forward_part, &job, bands * job.blocks);
}

static void
back_part(void *context, size_t part, size_t thread)
{
	const struct job *job = context;
	const struct hmm_strided *conv = job->conv;
	const size_t depth = conv->in * taps(conv), step = part_channels(conv), first = part * step;
	const size_t channels = least(step, conv->in - first), area = conv->in_height * conv->in_width;
	float *columns = own_columns(job, thread), *planes = job->work->planes;
	memset(planes + first * phases_size(conv), 0, channels * phases_size(conv) * sizeof(*planes));
	for (size_t b = 0; b * band_rows(conv) < conv->out_height; b++) {
		struct band band = band_at(conv, b);
		band.channel = first;
		band.channels = channels;
		hmm_blas_multiply(columns, band.rows * conv->out_width,
		    (struct hmm_matrix){job->weights + first * taps(conv), depth, 1},
		    (struct hmm_matrix){job->out + band.row * conv->out_width, pixels(conv), 0},
		    channels * taps(conv), band.rows * conv->out_width, conv->out, 0);
		phases_scatter(planes, columns, &band, conv);
	}
	for (size_t c = first; c < first + channels; c++)
		phases_join(job->result + c * area, planes + c * phases_size(conv), conv);
}

static void
back(float *in, const float *out, const float *weights, const struct hmm_strided *conv,
    struct hmm_strided_work *work)
{
	struct job job = {.conv = conv, .work = work, .result = in, .out = out, .weights = weights};
	hmm_pool_run(work->pool, back_part, &job, divide_up(conv->in, part_channels(conv)));
}

static void
weights_part(void *context, size_t part, size_t thread)
{
	const struct job *job = context;
	const struct hmm_strided *conv = job->conv;
	const size_t depth = conv->in * taps(conv), step = part_channels(conv), first = part * step;
	float *columns = own_columns(job, thread);
	for (size_t b = 0; b * band_rows(conv) < conv->out_height; b++) {
		struct band band = band_at(conv, b);
		band.channel = first;
		band.channels = least(step, conv->in - first);
		phases_gather(columns, job->work->planes, &band, conv);
		hmm_blas_multiply(job->result + first * taps(conv), depth,
		    (struct hmm_matrix){job->out + band.row * conv->out_width, pixels(conv), 0},
		    (struct hmm_matrix){columns, band.rows * conv->out_width, 1}, conv->out,
		    band.channels * taps(conv), band.rows * conv->out_width, b > 0 || job->add);
	}
}

static void
weights_gradient(float *weights, const float *in, const float *out, int add,
    const struct hmm_strided *conv, struct hmm_strided_work *work)
{
	struct job job = {
	    .conv = conv, .work = work, .result = weights, .in = in, .out = out, .add = add};
	hmm_pool_run(work->pool, split_part, &job, conv->in);
	if (tiled_fits(conv))
		tiled_weights(weights, work->planes, out, add, conv, work->tiles, work->pool);
	else
		hmm_pool_run(work->pool, weights_part, &job, divide_up(conv->in, part_channels(conv)));
}

/* ---- where there is no stride, the same from the other side ---- */

/* A convolution of stride 1 is its own transpose, of weights that are turned: forward and back
 * change places, and the side that is lowered is the other one. */
static struct hmm_strided
other_side(const struct hmm_strided *conv)
{
	return (struct hmm_strided){conv->out, conv->out_height, conv->out_width, conv->in,
	    conv->in_height, conv->in_width, conv->kernel, 1, conv->kernel - 1 - conv->pad};
}

/* turned[in][out][k - 1 - i][k - 1 - j] from weights[out][in][i][j], or with in and out exchanged
 * the way back. */
static void
turn(float *turned, const float *weights, size_t out, size_t in, size_t size, int add)
{
	for (size_t o = 0; o < out; o++)
		for (size_t i = 0; i < in; i++) {
			const float *from = weights + (o * in + i) * size;
			float *to = turned + (i * out + o) * size;
			for (size_t t = 0; t < size; t++)
				to[t] = add ? to[t] + from[size - 1 - t] : from[size - 1 - t];
		}
}

/* The side of fewer channels is lowered: an image's one to three against a layer's 64. */
static int
from_other_side(const struct hmm_strided *conv)
{
	return conv->stride == 1 && conv->out * 4 <= conv->in;
}

/* Of a layer within, lowering `out` is as good, and back then needs no sums in memory; turning the
 * weights is dear where pixels are few. */
static int
back_from_other_side(const struct hmm_strided *conv)
{
	return from_other_side(conv) || (conv->stride == 1 && conv->out * 2 <= pixels(conv));
}

void
hmm_strided_forward(float *out, const float *in, const float *weights,
    const struct hmm_strided *conv, struct hmm_strided_work *work)
{
	if (!from_other_side(conv)) {
		forward(out, in, weights, conv, work);
		return;
	}
	const struct hmm_strided other = other_side(conv);
	turn(work->turned, weights, conv->out, conv->in, taps(conv), 0);
	back(out, in, work->turned, &other, work);
}

void
hmm_strided_back(float *in, const float *out, const float *weights, const struct hmm_strided *conv,
    struct hmm_strided_work *work)
{
	if (!back_from_other_side(conv)) {
		back(in, out, weights, conv, work);
		return;
	}
	const struct hmm_strided other = other_side(conv);
	turn(work->turned, weights, conv->out, conv->in, taps(conv), 0);
	forward(in, out, work->turned, &other, work);
}

void
hmm_strided_weights(float *weights, const float *in, const float *out, int add,
    const struct hmm_strided *conv, struct hmm_strided_work *work)
{
	if (!from_other_side(conv)) {
		weights_gradient(weights, in, out, add, conv, work);
		return;
	}
	const struct hmm_strided other = other_side(conv);
	weights_gradient(work->turned, out, in, 0, &other, work);
	turn(weights, work->turned, conv->in, conv->out, taps(conv), add);
}

/* ---- memory ---- */

static int
room(struct hmm_strided_work *work, const struct hmm_strided *conv)
{
	const size_t columns = band_rows(conv) * conv->out_width * taps(conv) * group_channels(conv);
	const size_t threads = hmm_pool_threads(work->pool);
	size_t held = work->columns_size * threads * sizeof(float);
	if (hmm_grow(&work->planes, &work->planes_size, conv->in * phases_size(conv) * sizeof(float)) ||
	    (tiled_fits(conv) &&
	        hmm_grow(&work->tiles, &work->tiles_size, tiled_room(conv) * sizeof(float))))
		return -1;
	if (columns > work->columns_size) {
		if (hmm_grow(&work->columns, &held, columns * threads * sizeof(float)))
			return -1;
		work->columns_size = columns;
	}
	return 0;
}

int
hmm_strided_room(struct hmm_strided_work *work, const struct hmm_strided *conv)
{
	const struct hmm_strided other = other_side(conv);
	if (back_from_other_side(conv) &&
	    (room(work, &other) || hmm_grow(&work->turned, &work->turned_size,
	                               conv->in * conv->out * taps(conv) * sizeof(float))))
		return -1;
	return room(work, conv);
}

void
hmm_strided_free(struct hmm_strided_work *work)
{
	free(work->planes);
	free(work->columns);
	free(work->turned);
	free(work->tiles);
	*work = (struct hmm_strided_work){.pool = work->pool};
}
