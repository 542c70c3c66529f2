/* winograd_kernels.h written once, in terms of the lanes of the file that includes
 * it. `pairs` is a constant wherever this is inlined. */
#include "winograd_kernels.h"

enum {
	MOST = HMM_WINOGRAD_MOST_POINTS,
	SIXTEEN = HMM_WINOGRAD_LANES,
	PANEL = HMM_WINOGRAD_PANEL,
	BLOCK = HMM_WINOGRAD_BLOCK
};

/* n inputs to n points: for the pair +-p the sum over k of x_k times the coefficients of
 * (x +- p) * others(x^2). */
LANES void
input_line(struct lanes *out, const struct lanes *in, const struct hmm_winograd_points *points,
    const int pairs)
{
	struct lanes infinity = in[2 * pairs];
#pragma GCC unroll 4
	for (int i = 0; i < pairs; i++) {
		struct lanes even = in[2 * pairs - 2], odd = in[2 * pairs - 1];
#pragma GCC unroll 3
		for (int k = pairs - 2; k >= 0; k--) {
			const struct lanes factor = lanes_set(points->others[i][k]);
			even = lanes_fma(factor, in[2 * k], even);
			odd = lanes_fma(factor, in[2 * k + 1], odd);
		}
		const struct lanes p = lanes_set(points->point[i]), minus = lanes_set(-points->point[i]);
		out[2 * i] = lanes_fma(p, even, odd);
		out[2 * i + 1] = lanes_fma(minus, even, odd);
		infinity = lanes_fma(lanes_set(points->all[i]), in[2 * i], infinity);
	}
	out[2 * pairs] = infinity;
}

/* n products to m outputs: out_j = sum over the points of p^j times the product. */
LANES void
output_line(struct lanes *out, const struct lanes *in, const struct hmm_winograd_points *points,
    const int pairs)
{
	struct lanes half[2][HMM_WINOGRAD_MOST_PAIRS]; /* sum and difference of each pair */
#pragma GCC unroll 4
	for (int i = 0; i < pairs; i++) {
		half[0][i] = lanes_add(in[2 * i], in[2 * i + 1]);
		half[1][i] = lanes_subtract(in[2 * i], in[2 * i + 1]);
	}
#pragma GCC unroll 7
	for (int j = 0; j < 2 * pairs - 1; j++) {
		struct lanes sum = j == 2 * pairs - 2 ? in[2 * pairs] : lanes_set(0);
#pragma GCC unroll 4
		for (int i = 0; i < pairs; i++)
			sum = lanes_fma(lanes_set(points->power[j][i]), half[j % 2][i], sum);
		out[j] = sum;
	}
}

/* 16 channels of a tile. */
LANES void
input_sixteen(float *to, size_t stride, const float *in, size_t row, size_t pixel,
    const struct hmm_winograd_points *points, const int pairs)
{
	const int n = 2 * pairs + 1;
	struct lanes half[MOST][MOST], line[MOST], from[MOST];
	for (int x = 0; x < n; x++) {
#pragma GCC unroll 9
		for (int y = 0; y < n; y++)
			from[y] = lanes_load(in + (size_t)y * row + (size_t)x * pixel);
		input_line(line, from, points, pairs);
#pragma GCC unroll 9
		for (int a = 0; a < n; a++)
			half[a][x] = line[a];
	}
	for (int a = 0; a < n; a++) {
#pragma GCC unroll 9
		for (int x = 0; x < n; x++)
			from[x] = half[a][x];
		input_line(line, from, points, pairs);
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
    const struct hmm_winograd_points *points, const int pairs)
{
	for (size_t b = 0; b < blocks; b++)
		input_sixteen(to + b * SIXTEEN, stride, in + b * SIXTEEN, row, pixel, points, pairs);
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
				to[c] = begun && to[c] > from[c] ? to[c] : from[c];
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
	for (int i = 0; i <= m / 2; i++) {
		const int left = i ? 2 * i - 1 : 0, right = i < m / 2 ? 2 * i + 1 : m - 1;
		struct lanes most = lanes_max(line[2 * i], odd ? line[left] : line[right]);
		most = lanes_max(most, above[i]);
		above[i] = waits ? most : lanes_set(0);
		float *to = place_at(place, j, (size_t)(2 * i), first);
		if (!waits) /* the first window may be begun by the tile before */
			lanes_store(to, below || (odd && i == 0) ? lanes_max(lanes_load(to), most) : most);
	}
}

/* half[m][n] of 16 outputs of points[n][n][64]. Those of the next tile are fetched meanwhile,
 * and, unless `corner` is NULL, the lines that the outputs go to. */
LANES void
output_columns(struct lanes half[MOST][MOST], const float *from, size_t stride, float *corner,
    const struct hmm_winograd_place *place, const struct hmm_winograd_points *points,
    const int pairs)
{
	const int n = 2 * pairs + 1, m = n - 2;
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
		output_line(line, in, points, pairs);
#pragma GCC unroll 7
		for (int j = 0; j < m; j++)
			half[j][b] = line[j];
	}
}

/* 16 outputs of points[n][n][64] to their place. */
LANES void
output_sixteen(const struct hmm_winograd_place *place, size_t first, const float *from,
    size_t stride, const float *bias, const struct hmm_winograd_points *points, const int pairs)
{
	const int n = 2 * pairs + 1, m = n - 2;
	const size_t bottom = place->y + (size_t)m, right = place->x + (size_t)m;
	const int within = bottom <= kept(place, place->height) && right <= kept(place, place->width) &&
	                   first + SIXTEEN <= place->channels;
	struct lanes half[MOST][MOST], line[MOST], in[MOST], above[MOST / 2];
	float tile[MOST * MOST * SIXTEEN], *corner = place_at(place, 0, 0, first);
	output_columns(
	    half, from + first, stride, within && !place->pool ? corner : NULL, place, points, pairs);
#pragma GCC unroll 4
	for (int i = 0; i < MOST / 2; i++)
		above[i] = lanes_set(0);
	for (int j = 0; j < m; j++) {
#pragma GCC unroll 9
		for (int b = 0; b < n; b++)
			in[b] = half[j][b];
		output_line(line, in, points, pairs);
#pragma GCC unroll 7
		for (int i = 0; i < m; i++)
			line[i] = lanes_max(lanes_add(line[i], lanes_load(bias + first)), lanes_set(0));
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
    const struct hmm_winograd_points *points, const int pairs)
{
	for (size_t c = 0; c < place->channels; c += SIXTEEN)
		output_sixteen(place, c, from, stride, bias, points, pairs);
}

/* sum[rows] += in[rows][one of 64] * weights[32] */
LANES void
multiply_add(
    struct lanes sum[LANES_ROWS][LANES_WIDE], const float *in, const float *weights, const int rows)
{
	struct lanes w[LANES_WIDE];
#pragma GCC unroll 2
	for (int i = 0; i < LANES_WIDE; i++)
		w[i] = lanes_load(weights + i * SIXTEEN);
#pragma GCC unroll 14
	for (int r = 0; r < rows; r++) {
		const struct lanes x = lanes_set(in[r * BLOCK]);
#pragma GCC unroll 2
		for (int i = 0; i < LANES_WIDE; i++)
			sum[r][i] = lanes_fma(x, w[i], sum[r][i]);
	}
}

/* What to bring into the cache meanwhile. The processor can wait for few lines at a time,
 * and what it computes needs some of them: so a line now and then, never many at once. */
struct fetch {
	const float *weights, *ahead;
	size_t step;  /* floats of weights for two channels */
	size_t lines; /* ahead, for 64 channels */
};

/* `rows` tiles by LANES_WIDE lanes of outputs, held in registers while the channels run
 * by. The lines that they go to are fetched during the last 64. */
LANES void
multiply_rows(const struct hmm_winograd_product *product, size_t tile, size_t column,
    struct fetch fetch, const int rows)
{
	const float *in = product->in + tile * BLOCK, *weights = product->weights + column;
	float *out = product->out + tile * product->out_stride + column;
	struct lanes sum[LANES_ROWS][LANES_WIDE];
#pragma GCC unroll 14
	for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
		for (int i = 0; i < LANES_WIDE; i++)
			sum[r][i] = lanes_set(0);
	for (size_t left = product->depth; left; in += product->tiles * BLOCK) {
		const size_t depth = left < BLOCK ? left : BLOCK;
		left -= depth;
		const float *place = out;
		size_t places = left ? 0 : (size_t)rows, lines = fetch.lines;
		for (size_t k = 0; k < depth; k += 4, weights += 4 * PANEL) {
			lanes_prefetch(fetch.weights);
			multiply_add(sum, in + k, weights, rows);
			if (places)
				lanes_prefetch(place);
			multiply_add(sum, in + k + 1, weights + PANEL, rows);
			lanes_prefetch(fetch.weights + fetch.step);
			multiply_add(sum, in + k + 2, weights + 2 * PANEL, rows);
			if (places) {
				lanes_prefetch(place + SIXTEEN);
				place += product->out_stride;
				places--;
			}
			multiply_add(sum, in + k + 3, weights + 3 * PANEL, rows);
			if (lines) {
				lanes_prefetch(fetch.ahead);
				fetch.ahead += SIXTEEN;
				lines--;
			}
			fetch.weights += 2 * fetch.step;
		}
	}
#pragma GCC unroll 14
	for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
		for (int i = 0; i < LANES_WIDE; i++)
			lanes_store(out + (size_t)r * product->out_stride + i * SIXTEEN, sum[r][i]);
}

/* Rows are dealt out evenly: 63 tiles are 13 + 13 + 13 + 12 + 12. */
LANES_TARGET static void
multiply(const struct hmm_winograd_product *product)
{
	const size_t tiles = product->tiles, parts = (tiles + LANES_ROWS - 1) / LANES_ROWS;
	const size_t blocks = (product->depth + BLOCK - 1) / BLOCK;
	struct fetch fetch = {.step = (2 * PANEL + parts - 1) / parts,
	    .lines = (product->lines + parts * blocks - 1) / (parts * blocks)};
	for (size_t i = 0; i < parts * (PANEL / SIXTEEN / LANES_WIDE); i++) {
		const size_t part = i % parts, first = part * tiles / parts,
		             end = (part + 1) * tiles / parts;
		const size_t column = i / parts * LANES_WIDE * SIXTEEN;
		fetch.weights = product->weights + product->depth * (PANEL + part * fetch.step / 2);
		fetch.ahead = product->ahead + part * blocks * fetch.lines * SIXTEEN;
		switch (end - first) {
		case 14:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 14 ? 1 : 14);
			break;
		case 13:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 13 ? 1 : 13);
			break;
		case 12:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 12 ? 1 : 12);
			break;
		case 11:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 11 ? 1 : 11);
			break;
		case 10:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 10 ? 1 : 10);
			break;
		case 9:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 9 ? 1 : 9);
			break;
		case 8:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 8 ? 1 : 8);
			break;
		case 7:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 7 ? 1 : 7);
			break;
		case 6:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 6 ? 1 : 6);
			break;
		case 5:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 5 ? 1 : 5);
			break;
		case 4:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 4 ? 1 : 4);
			break;
		case 3:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 3 ? 1 : 3);
			break;
		case 2:
			multiply_rows(product, first, column, fetch, LANES_ROWS < 2 ? 1 : 2);
			break;
		default:
			multiply_rows(product, first, column, fetch, 1);
		}
	}
}

LANES_TARGET static void
input_any(float *to, size_t stride, const float *in, size_t row, size_t pixel, size_t blocks,
    const struct hmm_winograd_points *points)
{
	if (points->pairs == 4)
		input(to, stride, in, row, pixel, blocks, points, 4);
	else
		input(to, stride, in, row, pixel, blocks, points, 3);
}

LANES_TARGET static void
output_any(const struct hmm_winograd_place *place, const float *from, size_t stride,
    const float *bias, const struct hmm_winograd_points *points)
{
	if (points->pairs == 4)
		output(place, from, stride, bias, points, 4);
	else
		output(place, from, stride, bias, points, 3);
}
