#include "hmm/winograd.h"

#include <math.h>
#include <string.h>

#include "hmm/clones.h"
#include "hmm/matmul.h"

enum { M = HMM_WINOGRAD_OUT, N = HMM_WINOGRAD_IN, POINTS = HMM_WINOGRAD_POINTS, LANES = 32 };

static const double points[N - 1] = {0.25, -0.25, 0.6875, -0.6875, 1.125, -1.125, 2.25, -2.25};

/* Toom and Cook: evaluate at the points and at infinity (input, weights), and
 * interpolate (output). */
struct matrices {
	double weight[N][3];
	float input[N][N], output[M][N];
};

/* Multiply a polynomial of `degree` by (x - root). */
static void
multiply(double *polynomial, int degree, double root)
{
	for (int i = degree + 1; i >= 0; i--)
		polynomial[i] = (i > 0 ? polynomial[i - 1] : 0) - (i <= degree ? root * polynomial[i] : 0);
}

static void
fill(struct matrices *m)
{
	*m = (struct matrices){0};
	double whole[N + 1] = {1};
	for (int i = 0; i < N - 1; i++) {
		double others[N + 1] = {1}, scale = 1;
		int degree = 0;
		multiply(whole, i, points[i]);
		for (int l = 0; l < N - 1; l++) {
			if (l == i)
				continue;
			multiply(others, degree++, points[l]);
			scale *= points[i] - points[l];
		}
		for (int k = 0; k < 3; k++)
			m->weight[i][k] = pow(points[i], k) / scale;
		for (int k = 0; k < N - 1; k++)
			m->input[i][k] = (float)others[k];
		for (int j = 0; j < M; j++)
			m->output[j][i] = (float)pow(points[i], j);
	}
	m->weight[N - 1][2] = 1;
	m->output[M - 1][N - 1] = 1;
	for (int k = 0; k < N; k++)
		m->input[N - 1][k] = (float)whole[k];
}

static size_t
panels_of(size_t channels)
{
	return (channels + LANES - 1) / LANES;
}

size_t
hmm_winograd_packed_size(size_t in, size_t out)
{
	return POINTS * hmm_tile_packed_size(in, out);
}

size_t
hmm_winograd_scratch_size(size_t in)
{
	return (size_t)POINTS * HMM_WINOGRAD_TILES * (in + LANES);
}

/* The nine weights of one input and 32 outputs to 81 values each. */
HMM_CLONES static void
transform_weights(float *to, size_t stride, double w[9][LANES], const struct matrices *m)
{
	for (int a = 0; a < N; a++) {
		double row[3][LANES];
		for (int k = 0; k < 3; k++)
			for (int c = 0; c < LANES; c++)
				row[k][c] = m->weight[a][0] * w[k][c] + m->weight[a][1] * w[3 + k][c] +
				            m->weight[a][2] * w[6 + k][c];
		for (int b = 0; b < N; b++)
			for (int c = 0; c < LANES; c++)
				to[(size_t)(a * N + b) * stride + (size_t)c] =
				    (float)(m->weight[b][0] * row[0][c] + m->weight[b][1] * row[1][c] +
				            m->weight[b][2] * row[2][c]);
	}
}

void
hmm_winograd_pack(float *packed, const float *weights, size_t in, size_t out)
{
	struct matrices m;
	fill(&m);
	for (size_t first = 0; first < out; first += LANES)
		for (size_t i = 0; i < in; i++) {
			double w[9][LANES];
			for (size_t c = 0; c < LANES; c++)
				for (size_t k = 0; k < 9; k++)
					w[k][c] = first + c < out ? (double)weights[((first + c) * in + i) * 9 + k] : 0;
			transform_weights(
			    packed + (first * in + i * LANES), hmm_tile_packed_size(in, out), w, &m);
		}
}

/* Where a tile lies: its image and its first output's row and column. */
struct place {
	size_t image, y, x;
};

static struct place
place_of(size_t tile, size_t across, size_t down)
{
	return (struct place){tile / (across * down), tile / across % down * M, tile % across * M};
}

/* The 9x9 inputs of a tile to 81 values, for up to 32 channels: rows of to[point]
 * are `stride` floats apart. */
HMM_CLONES static void
transform_input(float *to, size_t stride, const float *in, size_t row, size_t pixel, size_t rows,
    size_t columns, size_t lanes, const struct matrices *m)
{
	float first[N][N][LANES];
	for (size_t x = 0; x < N; x++) {
		for (int a = 0; a < N; a++) {
			float sum[LANES] = {0};
			for (size_t y = 0; y < rows && x < columns; y++) {
				const float factor = m->input[a][y], *from = in + y * row + x * pixel;
				if (lanes == LANES)
					for (int c = 0; c < LANES; c++)
						sum[c] = fmaf(factor, from[c], sum[c]);
				else
					for (size_t c = 0; c < lanes; c++)
						sum[c] = fmaf(factor, from[c], sum[c]);
			}
			memcpy(first[a][x], sum, sizeof(sum));
		}
	}
	for (int a = 0; a < N; a++)
		for (int b = 0; b < N; b++) {
			float sum[LANES] = {0};
			for (int x = 0; x < N; x++)
				for (int c = 0; c < LANES; c++)
					sum[c] = fmaf(m->input[b][x], first[a][x][c], sum[c]);
			memcpy(to + (size_t)(a * N + b) * stride, sum, lanes * sizeof(float));
		}
}

/* 81 products of a tile to its 7x7 outputs, bias and ReLU, for 32 channels. */
HMM_CLONES static void
transform_output(float out[M][M][LANES], const float *from, size_t stride, const float *bias,
    const struct matrices *m)
{
	float first[M][N][LANES];
	for (int b = 0; b < N; b++)
		for (int j = 0; j < M; j++) {
			float sum[LANES] = {0};
			for (int a = 0; a < N; a++)
				for (int c = 0; c < LANES; c++)
					sum[c] = fmaf(
					    m->output[j][a], from[(size_t)(a * N + b) * stride + (size_t)c], sum[c]);
			memcpy(first[j][b], sum, sizeof(sum));
		}
	for (int j = 0; j < M; j++)
		for (int i = 0; i < M; i++) {
			float sum[LANES];
			memcpy(sum, bias, sizeof(sum));
			for (int b = 0; b < N; b++)
				for (int c = 0; c < LANES; c++)
					sum[c] = fmaf(m->output[i][b], first[j][b][c], sum[c]);
			for (int c = 0; c < LANES; c++)
				out[j][i][c] = sum[c] > 0 ? sum[c] : 0;
		}
}

/* What a call works on. */
struct work {
	const struct hmm_conv *conv;
	size_t height, width, across, down; /* tiles a row and a column */
	struct matrices matrices;
};

/* Store a tile's outputs; with a pool, outputs meet in pairs that a tile may share
 * with its neighbour, so `out` is then the layer before the pool. */
static void
store(float *out, const struct work *work, struct place place, size_t first, size_t lanes,
    float tile[M][M][LANES])
{
	const size_t channels = work->conv->out, row = (work->width + 2) * channels;
	float *image =
	    out + place.image * hmm_conv_activation_size(work->height, work->width, channels);
	for (size_t j = 0; j < M && place.y + j < work->height; j++)
		for (size_t i = 0; i < M && place.x + i < work->width; i++)
			memcpy(image + (place.y + j + 1) * row + (place.x + i + 1) * channels + first,
			    tile[j][i], lanes * sizeof(float));
}

/* Tiles first..first+count-1 of all images. */
static void
run_tiles(float *out, const float *in, const struct work *work, size_t first, size_t count,
    float *scratch)
{
	const struct hmm_conv *conv = work->conv;
	const size_t depth = conv->in, panels = panels_of(conv->out);
	const size_t row = (work->width + 2) * depth, one = hmm_tile_packed_size(depth, conv->out);
	const size_t inputs = HMM_WINOGRAD_TILES * depth; /* from one point to the next */
	float *products = scratch + POINTS * inputs;
	for (size_t t = 0; t < count; t++) {
		const struct place p = place_of(first + t, work->across, work->down);
		const float *image =
		    in + p.image * hmm_conv_activation_size(work->height, work->width, depth);
		const size_t rows = work->height + 2 - p.y, columns = work->width + 2 - p.x;
		for (size_t c = 0; c < depth; c += LANES)
			transform_input(scratch + t * depth + c, inputs, image + p.y * row + p.x * depth + c,
			    row, depth, rows < N ? rows : N, columns < N ? columns : N,
			    depth - c < LANES ? depth - c : LANES, &work->matrices);
	}
	for (size_t panel = 0; panel < panels; panel++) {
		const size_t c = panel * LANES, lanes = conv->out - c < LANES ? conv->out - c : LANES;
		float bias[LANES] = {0}, tile[M][M][LANES];
		memcpy(bias, conv->bias + c, lanes * sizeof(float));
		for (size_t point = 0; point < POINTS; point++)
			hmm_matmul(products + point * HMM_WINOGRAD_TILES * LANES, LANES,
			    scratch + point * inputs, depth,
			    conv->weights + point * one + panel * depth * LANES, 0, count, LANES, depth,
			    HMM_START_ZERO);
		for (size_t t = 0; t < count; t++) {
			transform_output(
			    tile, products + t * LANES, HMM_WINOGRAD_TILES * LANES, bias, &work->matrices);
			store(out, work, place_of(first + t, work->across, work->down), c, lanes, tile);
		}
	}
}

void
hmm_winograd_run(float *out, const float *in, const struct hmm_conv *conv, size_t images,
    size_t height, size_t width, float *scratch)
{
	struct work work = {.conv = conv,
	    .height = height,
	    .width = width,
	    .across = (width + M - 1) / M,
	    .down = (height + M - 1) / M};
	fill(&work.matrices);
	const size_t tiles = images * work.across * work.down;
	for (size_t first = 0; first < tiles; first += HMM_WINOGRAD_TILES)
		run_tiles(out, in, &work, first,
		    tiles - first < HMM_WINOGRAD_TILES ? tiles - first : HMM_WINOGRAD_TILES, scratch);
}
