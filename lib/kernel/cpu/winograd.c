#include "cpu.h"

#include <string.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

#include "lanes.h"

/* `pairs` and `zero` are constants wherever they are inlined. */
enum {
	MOST = HMM_WINOGRAD_MOST_POINTS,
	SIXTEEN = HMM_WINOGRAD_LANES,
	PANEL = HMM_WINOGRAD_PANEL,
	BLOCK = HMM_WINOGRAD_BLOCK
};

/* n inputs to n points: for the pair +-p the sum over k of x_k times the coefficients of
 * (x +- p) * others(x^2), times x where 0 is a point, whose own are those of all(x^2). */
LANES void
input_line(struct lanes *out, const struct lanes *in, const struct hmm_winograd_points *points,
    const int pairs, const int zero)
{
	struct lanes infinity = in[2 * pairs + zero], none = in[2 * pairs];
	const struct lanes *from = in + zero;
#pragma GCC unroll 4
	for (int i = 0; i < pairs; i++) {
		struct lanes even = from[2 * pairs - 2], odd = from[2 * pairs - 1];
#pragma GCC unroll 3
		for (int k = pairs - 2; k >= 0; k--) {
			const struct lanes factor = lanes_set(points->others[i][k]);
			even = lanes_fma(factor, from[2 * k], even);
			odd = lanes_fma(factor, from[2 * k + 1], odd);
		}
		const struct lanes p = lanes_set(points->point[i]), minus = lanes_set(-points->point[i]);
		out[2 * i] = lanes_fma(p, even, odd);
		out[2 * i + 1] = lanes_fma(minus, even, odd);
		infinity = lanes_fma(lanes_set(points->all[i]), from[2 * i], infinity);
		none = lanes_fma(lanes_set(points->all[i]), in[2 * i], none);
	}
	if (zero)
		out[2 * pairs] = none;
	out[2 * pairs + zero] = infinity;
}

/* n products to m outputs: out_j = sum over the points of p^j times the product. */
LANES void
output_line(struct lanes *out, const struct lanes *in, const struct hmm_winograd_points *points,
    const int pairs, const int zero)
{
	const int m = 2 * pairs - 1 + zero;
	struct lanes half[2][HMM_WINOGRAD_MOST_PAIRS]; /* sum and difference of each pair */
#pragma GCC unroll 4
	for (int i = 0; i < pairs; i++) {
		half[0][i] = lanes_add(in[2 * i], in[2 * i + 1]);
		half[1][i] = lanes_subtract(in[2 * i], in[2 * i + 1]);
	}
#pragma GCC unroll 7
	for (int j = 0; j < m; j++) {
		struct lanes sum = j == m - 1 ? in[m + 1] : zero && j == 0 ? in[m] : lanes_set(0);
#pragma GCC unroll 4
		for (int i = 0; i < pairs; i++)
			sum = lanes_fma(lanes_set(points->power[j][i]), half[j % 2][i], sum);
		out[j] = sum;
	}
}

/* 16 channels of a tile. */
LANES void
input_sixteen(float *to, size_t stride, const float *in, size_t row, size_t pixel,
    const struct hmm_winograd_points *points, const int pairs, const int zero)
{
	const int n = 2 * pairs + 1 + zero;
	struct lanes half[MOST][MOST], line[MOST], from[MOST];
	for (int x = 0; x < n; x++) {
#pragma GCC unroll 9
		for (int y = 0; y < n; y++)
			from[y] = lanes_load(in + (size_t)y * row + (size_t)x * pixel);
		input_line(line, from, points, pairs, zero);
#pragma GCC unroll 9
		for (int a = 0; a < n; a++)
			half[a][x] = line[a];
	}
	for (int a = 0; a < n; a++) {
#pragma GCC unroll 9
		for (int x = 0; x < n; x++)
			from[x] = half[a][x];
		input_line(line, from, points, pairs, zero);
#pragma GCC unroll 9
		for (int b = 0; b < n; b++) {
			float *at = to + (size_t)(a * n + b) * stride;
			lanes_prefetch(at + BLOCK); /* the next tile's; the points lie far apart */
			lanes_store(at, line[b]);
		}
	}
}

LANES void
input(float *to, size_t stride, const float *in, size_t row, size_t pixel, size_t blocks,
    const struct hmm_winograd_points *points, const int pairs, const int zero)
{
	for (size_t b = 0; b < blocks; b++)
		input_sixteen(to + b * SIXTEEN, stride, in + b * SIXTEEN, row, pixel, points, pairs, zero);
}

/* Where output (j, i) of a tile goes. */
LANES float *
place_at(const struct hmm_winograd_place *place, size_t j, size_t i, size_t channel)
{
	const size_t shift = place->pool ? 1 : 0;
	const size_t y = (place->y + j) >> shift, x = (place->x + i) >> shift;
	return place->image + y * place->row + x * place->pixel + channel;
}

/* Rows or columns of `all` that are stored: the pool drops an odd last one. */
LANES size_t
kept(const struct hmm_winograd_place *place, size_t all)
{
	return place->pool ? all & ~(size_t)1 : all;
}

/* tile[m][m][16] to its place; a part may lie over the edge. */
LANES void
store(const struct hmm_winograd_place *place, size_t first, const float *tile, size_t m)
{
	const size_t height = kept(place, place->height), width = kept(place, place->width);
	const size_t left = place->channels - first, channels = left < SIXTEEN ? left : SIXTEEN;
	for (size_t j = 0; j < m && place->y + j < height; j++)
		for (size_t i = 0; i < m && place->x + i < width; i++) {
			const float *from = tile + (j * m + i) * SIXTEEN;
			float *to = place_at(place, j, i, first);
			const int begun = place->pool && ((place->y + j) % 2 || (place->x + i) % 2);
			for (size_t c = 0; c < channels; c++)
				to[c] = begun ? hmm_activation_most(to[c], from[c]) : from[c];
		}
}

/* Row j of a tile that lies within, through the pool; `above` has the maxima of a row that
 * waits for the one below, and zeros otherwise. */
LANES void
pool_line(const struct hmm_winograd_place *place, size_t first, const struct lanes *line, size_t j,
    const int m, struct lanes *above)
{
	const int odd = place->x % 2, waits = (place->y + j) % 2 == 0 && j + 1 < (size_t)m;
	const int below = place->y % 2 && j == 0; /* what the tile above began */
#pragma GCC unroll 4
	for (int i = 0; i < (m + 1) / 2; i++) {
		const int left = i ? 2 * i - 1 : 0, right = i < m / 2 ? 2 * i + 1 : m - 1;
		struct lanes most = lanes_most(line[2 * i], odd ? line[left] : line[right]);
		most = lanes_most(most, above[i]);
		above[i] = waits ? most : lanes_set(0);
		float *to = place_at(place, j, (size_t)(2 * i), first);
		if (!waits) /* the first window may be begun by the tile before */
			lanes_store(to, below || (odd && i == 0) ? lanes_most(lanes_load(to), most) : most);
	}
}

/* half[m][n] of 16 outputs of points[n][n][64]. Those of the next tile are fetched meanwhile,
 * and, unless `corner` is NULL, the lines that the outputs go to. */
LANES void
output_columns(struct lanes half[MOST][MOST], const float *from, size_t stride, float *corner,
    const struct hmm_winograd_place *place, const struct hmm_winograd_points *points,
    const int pairs, const int zero)
{
	const int n = 2 * pairs + 1 + zero, m = n - 2;
	struct lanes line[MOST], in[MOST];
	for (int b = 0; b < n; b++) {
#pragma GCC unroll 9
		for (int a = 0; a < n; a++) {
			const float *at = from + (size_t)a * stride + (size_t)b * BLOCK;
			in[a] = lanes_load(at);
			lanes_prefetch(at + n * BLOCK);
		}
		if (corner && b < m)
#pragma GCC unroll 7
			for (int i = 0; i < m; i++)
				lanes_prefetch(corner + (size_t)b * place->row + (size_t)i * place->pixel);
		output_line(line, in, points, pairs, zero);
#pragma GCC unroll 7
		for (int j = 0; j < m; j++)
			half[j][b] = line[j];
	}
}

/* 16 outputs of points[n][n][64] to their place. */
LANES void
output_sixteen(const struct hmm_winograd_place *place, size_t first, const float *from,
    size_t stride, const float *bias, const struct hmm_winograd_points *points, const int pairs,
    const int zero)
{
	const int n = 2 * pairs + 1 + zero, m = n - 2;
	const size_t bottom = place->y + (size_t)m, right = place->x + (size_t)m;
	const int within = bottom <= kept(place, place->height) && right <= kept(place, place->width) &&
	                   first + SIXTEEN <= place->channels;
	struct lanes half[MOST][MOST], line[MOST], in[MOST], above[MOST / 2];
	float tile[MOST * MOST * SIXTEEN], *corner = place_at(place, 0, 0, first);
	output_columns(half, from + first, stride, within && !place->pool ? corner : NULL, place,
	    points, pairs, zero);
#pragma GCC unroll 4
	for (int i = 0; i < MOST / 2; i++)
		above[i] = lanes_set(0);
	for (int j = 0; j < m; j++) {
#pragma GCC unroll 9
		for (int b = 0; b < n; b++)
			in[b] = half[j][b];
		output_line(line, in, points, pairs, zero);
#pragma GCC unroll 7
		for (int i = 0; i < m; i++)
			line[i] = lanes_relu(lanes_add(line[i], lanes_load(bias + first)));
		if (within && place->pool)
			pool_line(place, first, line, (size_t)j, m, above);
		else if (within)
#pragma GCC unroll 7
			for (int i = 0; i < m; i++)
				lanes_store(corner + (size_t)j * place->row + (size_t)i * place->pixel, line[i]);
		else
#pragma GCC unroll 7
			for (int i = 0; i < m; i++)
				lanes_store(tile + (j * m + i) * SIXTEEN, line[i]);
	}
	if (!within)
		store(place, first, tile, (size_t)m);
}

LANES void
output(const struct hmm_winograd_place *place, const float *from, size_t stride, const float *bias,
    const struct hmm_winograd_points *points, const int pairs, const int zero)
{
	for (size_t c = 0; c < place->channels; c += SIXTEEN)
		output_sixteen(place, c, from, stride, bias, points, pairs, zero);
}

void
CPU(hmm_winograd_input)(float *to, size_t stride, const float *in, size_t row, size_t pixel,
    size_t blocks, const struct hmm_winograd_points *points)
{
	if (points->pairs == 4)
		input(to, stride, in, row, pixel, blocks, points, 4, 0);
	else if (points->pairs == 3)
		input(to, stride, in, row, pixel, blocks, points, 3, 0);
	else
		input(to, stride, in, row, pixel, blocks, points, 2, 1);
}

void
CPU(hmm_winograd_output)(const struct hmm_winograd_place *place, const float *from, size_t stride,
    const float *bias, const struct hmm_winograd_points *points)
{
	if (points->pairs == 4)
		output(place, from, stride, bias, points, 4, 0);
	else if (points->pairs == 3)
		output(place, from, stride, bias, points, 3, 0);
	else
		output(place, from, stride, bias, points, 2, 1);
}

/* 32 floats, aligned to 16 bytes, past the cache: it could not hold a model's weights anyway,
 * and would first fetch the lines that are written over. Locks order such stores too. */
static inline void
store_panel(float *to, const float *from)
{
#ifdef __SSE__
	for (int c = 0; c < PANEL; c += 4)
		_mm_stream_ps(to + c, _mm_load_ps(from + c));
#else
	memcpy(to, from, PANEL * sizeof(*to));
#endif
}

void
CPU(hmm_winograd_weights)(
    float *to, size_t stride, double w[9][PANEL], const struct hmm_winograd_points *points)
{
	const int n = 2 * points->pairs + 1 + points->zero;
	for (int a = 0; a < n; a++) {
		const double *y = points->weight[a];
		double row[3][PANEL];
		for (int k = 0; k < 3; k++)
			for (int c = 0; c < PANEL; c++)
				row[k][c] = y[0] * w[k][c] + y[1] * w[3 + k][c] + y[2] * w[6 + k][c];
		for (int b = 0; b < n; b++) {
			const double *x = points->weight[b];
			_Alignas(64) float point[PANEL];
			for (int c = 0; c < PANEL; c++)
				point[c] = (float)(x[0] * row[0][c] + x[1] * row[1][c] + x[2] * row[2][c]);
			store_panel(to + (size_t)(a * n + b) * stride, point);
		}
	}
}
