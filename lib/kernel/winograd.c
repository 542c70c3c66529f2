#include "hmm/kernel/winograd.h"

#include <math.h>
#include <string.h>

#include "hmm/kernel/kernels.h"

enum {
	LANES = HMM_WINOGRAD_LANES,
	PANEL = HMM_WINOGRAD_PANEL,
	BLOCK = HMM_WINOGRAD_BLOCK,
	TILES = HMM_WINOGRAD_TILES,
	INPUTS = 8, /* whose weights are gathered at a time; divides LANES */
	GAP = 80,   /* floats, so that points do not meet in the same sets of the cache */
	APART =
	    32 /* channels of a sum of the exact tile's; 64 err a fifth more, and save a twentieth */
};

/* All coefficients of the last ones' transforms are floats: those of sqrt(1/2) and sqrt(2), between
 * which they lie, are not, and err up to twice as much. */
static const double pairs7[] = {0.25, 0.6875, 1.125, 2.25}, pairs5[] = {0.5, 1, 2},
                    pairs4[] = {0.6875, 1.5};

/* Multiply a polynomial in x^2 of `degree` by (x^2 - p^2). */
static void
multiply(double *polynomial, int degree, double p)
{
	for (int i = degree + 1; i >= 0; i--)
		polynomial[i] = (i > 0 ? polynomial[i - 1] : 0) - (i <= degree ? p * p * polynomial[i] : 0);
}

/* Toom and Cook: evaluate at the points and at infinity (inputs, weights), and
 * interpolate (outputs). */
void
hmm_winograd_fill(struct hmm_winograd_points *points, size_t tile)
{
	const double *p = tile == 7 ? pairs7 : tile == 5 ? pairs5 : pairs4;
	const int pairs = ((int)tile + 1) / 2, zero = tile % 2 == 0;
	double all[HMM_WINOGRAD_MOST_PAIRS + 1] = {1};
	*points = (struct hmm_winograd_points){.pairs = pairs, .zero = zero};
	for (int i = 0; i < pairs; i++) {
		double others[HMM_WINOGRAD_MOST_PAIRS + 1] = {1}, scale = zero ? 2 * p[i] * p[i] : 2 * p[i];
		int degree = 0;
		multiply(all, i, p[i]);
		for (int l = 0; l < pairs; l++) {
			if (l == i)
				continue;
			multiply(others, degree++, p[l]);
			scale *= p[i] * p[i] - p[l] * p[l];
		}
		points->point[i] = (float)p[i];
		for (int k = 0; k < pairs - 1; k++)
			points->others[i][k] = (float)others[k];
		for (int k = 0; k < 3; k++) {
			points->weight[2 * i][k] = pow(p[i], k) / scale;
			points->weight[2 * i + 1][k] = pow(-p[i], k) / (zero ? scale : -scale);
		}
		for (int j = 0; j < (int)tile; j++)
			points->power[j][i] = (float)pow(p[i], j);
	}
	if (zero)
		points->weight[2 * pairs][0] = 1 / all[0];
	points->weight[2 * pairs + zero][2] = 1;
	for (int k = 0; k < pairs; k++)
		points->all[k] = (float)all[k];
}

static size_t
points_of(size_t tile)
{
	return (tile + 2) * (tile + 2);
}

/* Channels filled up to lanes. */
static size_t
padded(size_t channels)
{
	return (channels + LANES - 1) / LANES * LANES;
}

size_t
hmm_winograd_panels(size_t out)
{
	return (out + PANEL - 1) / PANEL;
}

static size_t
blocks_of(size_t channels)
{
	return (channels + BLOCK - 1) / BLOCK;
}

size_t
hmm_winograd_packed_size(size_t tile, size_t in, size_t out)
{
	return points_of(tile) * padded(in) * hmm_winograd_panels(out) * PANEL;
}

size_t
hmm_winograd_scratch_size(size_t tile, size_t in, size_t out)
{
	return points_of(tile) * (blocks_of(in) + blocks_of(out)) * (TILES * BLOCK + GAP);
}

void
hmm_winograd_pack(
    float *packed, const float *weights, size_t tile, size_t in, size_t out, size_t panel)
{
	const struct hmm_kernels *kernels = hmm_kernels();
	struct hmm_winograd_points points;
	hmm_winograd_fill(&points, tile);
	const size_t first = panel * PANEL, left = out - first, wide = left < PANEL ? left : PANEL;
	const size_t stride = padded(in) * hmm_winograd_panels(out) * PANEL;
	float *to = packed + padded(in) * first;
	for (size_t i = 0; i < padded(in); i += INPUTS) {
		double w[INPUTS][9][PANEL] = {{{0}}};
		for (size_t c = 0; c < wide; c++)
			for (size_t j = 0; j < INPUTS && i + j < in; j++)
				for (size_t k = 0; k < 9; k++)
					w[j][k][c] = (double)weights[((first + c) * in + i + j) * 9 + k];
		for (size_t j = 0; j < INPUTS; j++)
			kernels->winograd_weights(to + (i + j) * PANEL, stride, w[j], &points);
	}
}

/* What a call works on. */
struct work {
	const struct hmm_conv *conv;
	const struct hmm_kernels *kernels;
	struct hmm_winograd_points points;
	size_t height, width, across, down; /* tiles a row and a column */
	float *out;
	size_t out_height, out_width; /* behind the pool */
};

/* Where a tile lies: its image and its first output's row and column. */
struct place {
	size_t image, y, x;
};

static struct place
place_of(const struct work *work, size_t tile)
{
	const size_t m = work->conv->tile, across = work->across, down = work->down;
	return (struct place){tile / (across * down), tile / across % down * m, tile % across * m};
}

/* The inputs of a tile, up to 64 channels from c on, to `to`: by way of a patch with
 * zeros where the tile reaches over the edge or the channels end. */
static void
transform_input(float *to, size_t stride, const float *in, const struct work *work,
    struct place place, size_t c)
{
	const size_t channels = work->conv->in, n = work->conv->tile + 2;
	const size_t left = channels - c, wide = left < BLOCK ? left : BLOCK;
	const size_t rows = work->height + 2 - place.y, columns = work->width + 2 - place.x;
	const size_t pixel = hmm_activation_block(channels), row = (work->width + 2) * pixel;
	const size_t blocks = padded(wide) / LANES;
	in += place.image * hmm_activation_size(work->height, work->width, channels) +
	      hmm_activation_at(work->height, work->width, channels, c) + place.y * row +
	      place.x * pixel;
	if (rows >= n && columns >= n && wide % LANES == 0) {
		work->kernels->winograd_input(to, stride, in, row, pixel, blocks, &work->points);
		return;
	}
	float patch[HMM_WINOGRAD_MOST_POINTS][HMM_WINOGRAD_MOST_POINTS][BLOCK] = {0};
	for (size_t y = 0; y < n && y < rows; y++)
		for (size_t x = 0; x < n && x < columns; x++)
			memcpy(patch[y][x], in + y * row + x * pixel, wide * sizeof(float));
	work->kernels->winograd_input(
	    to, stride, patch[0][0], HMM_WINOGRAD_MOST_POINTS * BLOCK, BLOCK, blocks, &work->points);
}

/* The products of a tile, from[n][n points][64], to the outputs c..c+63. */
static void
transform_output(
    const struct work *work, struct place place, size_t c, const float *from, size_t stride)
{
	const struct hmm_conv *conv = work->conv;
	const size_t pixel = hmm_activation_block(conv->out), row = (work->out_width + 2) * pixel;
	const size_t channels = conv->out - c < BLOCK ? conv->out - c : BLOCK;
	const struct hmm_winograd_place to = {
	    .image = work->out +
	             place.image * hmm_activation_size(work->out_height, work->out_width, conv->out) +
	             hmm_activation_at(work->out_height, work->out_width, conv->out, c) + row + pixel,
	    .row = row,
	    .pixel = pixel,
	    .y = place.y,
	    .x = place.x,
	    .height = work->height,
	    .width = work->width,
	    .pool = conv->pool,
	    .channels = channels};
	float bias[BLOCK] = {0};
	for (size_t i = 0; i < channels; i++)
		bias[i] = conv->bias[c + i] + 0.0f; /* no -0 */
	work->kernels->winograd_output(&to, from, stride, bias, &work->points);
}

/* Tiles first..first+count-1 of all images. */
static void
run_tiles(const struct work *work, const float *in, size_t first, size_t count, float *scratch)
{
	const struct hmm_conv *conv = work->conv;
	const size_t n = conv->tile + 2, points = n * n, depth = padded(conv->in);
	const size_t panels = hmm_winograd_panels(conv->out);
	/* [points][depth / 64][tiles][64] */
	const size_t in_point = blocks_of(depth) * count * BLOCK + GAP;
	/* [outputs / 64][n][tiles][n points][64]: a tile's points lie in n runs */
	const size_t out_tile = n * BLOCK, out_line = count * out_tile + GAP;
	float *products = scratch + points * in_point;
	for (size_t c = 0; c < depth; c += BLOCK)
		for (size_t t = 0; t < count; t++)
			transform_input(
			    scratch + c * count + t * BLOCK, in_point, in, work, place_of(work, first + t), c);
	/* A point's inputs stay in the cache while its weights run by, and are followed there by
	 * those of the next point. */
	struct hmm_winograd_product product = {.out_stride = out_tile,
	    .weights = conv->weights,
	    .tiles = count,
	    .depth = depth,
	    .apart = conv->tile == HMM_WINOGRAD_EXACT ? APART : 0,
	    .lines = in_point / LANES / panels + 1};
	for (size_t point = 0; point < points; point++)
		for (size_t p = 0; p < panels; p++) {
			const size_t block = p * PANEL / BLOCK, column = p * PANEL % BLOCK;
			product.out =
			    products + (block * n + point / n) * out_line + point % n * BLOCK + column;
			product.in = scratch + point * in_point;
			product.ahead = product.in + in_point + p * product.lines * LANES;
			work->kernels->winograd_multiply(&product);
			product.weights += depth * PANEL;
		}
	for (size_t c = 0; c < conv->out; c += BLOCK)
		for (size_t t = 0; t < count; t++)
			transform_output(work, place_of(work, first + t), c,
			    products + c / BLOCK * n * out_line + t * out_tile, out_line);
}

void
hmm_winograd_run(float *out, const float *in, const struct hmm_conv *conv, size_t images,
    size_t height, size_t width, float *scratch)
{
	const size_t m = conv->tile, shift = conv->pool ? 1 : 0;
	struct work work = {.conv = conv,
	    .kernels = hmm_kernels(),
	    .height = height,
	    .width = width,
	    .across = (width + m - 1) / m,
	    .down = (height + m - 1) / m,
	    .out = out,
	    .out_height = height >> shift,
	    .out_width = width >> shift};
	hmm_winograd_fill(&work.points, m);
	const size_t tiles = images * work.across * work.down, blocks = (tiles + TILES - 1) / TILES;
	for (size_t block = 0; block < blocks; block++) {
		const size_t first = block * tiles / blocks, end = (block + 1) * tiles / blocks;
		run_tiles(&work, in, first, end - first, scratch);
	}
}
