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
		for (int b = 0; b < n; b++)
			lanes_store(to + (size_t)(a * n + b) * stride, line[b]);
	}
}

LANES void
input(float *to, size_t stride, const float *in, size_t row, size_t pixel, size_t blocks,
    const struct hmm_winograd_points *points, const int pairs)
{
	for (size_t b = 0; b < blocks; b++)
		input_sixteen(to + b * SIXTEEN, stride, in + b * SIXTEEN, row, pixel, points, pairs);
}

/* tile[m][m][16] to its place. */
LANES void
store(const struct hmm_winograd_place *place, size_t first, const float *tile, size_t m)
{
	const size_t rows = place->height - place->y, columns = place->width - place->x;
	const size_t shift = place->pool ? 1 : 0, channels = place->channels - first;
	for (size_t j = 0; j < m && j < rows; j++)
		for (size_t i = 0; i < m && i < columns; i++) {
			const size_t y = (place->y + j) >> shift, x = (place->x + i) >> shift;
			float *to = place->image + y * place->row + x * place->pixel + first;
			const float *from = tile + (j * m + i) * SIXTEEN;
			if (place->pool && (y >= place->height / 2 || x >= place->width / 2))
				continue; /* the pool drops an odd last row and column */
			if (channels < SIXTEEN)
				for (size_t c = 0; c < channels; c++)
					to[c] = place->pool && to[c] > from[c] ? to[c] : from[c];
			else
				lanes_store(to,
				    place->pool ? lanes_max(lanes_load(to), lanes_load(from)) : lanes_load(from));
		}
}

/* 16 outputs of points[n][n][64]. */
LANES void
output_sixteen(const struct hmm_winograd_place *place, size_t first, const float *from,
    size_t stride, const float *bias, const struct hmm_winograd_points *points, const int pairs)
{
	const int n = 2 * pairs + 1, m = n - 2;
	struct lanes half[MOST][MOST], line[MOST], in[MOST];
	float tile[MOST * MOST * SIXTEEN];
	for (int b = 0; b < n; b++) {
#pragma GCC unroll 9
		for (int a = 0; a < n; a++)
			in[a] = lanes_load(from + (size_t)a * stride + (size_t)b * BLOCK + first);
		output_line(line, in, points, pairs);
#pragma GCC unroll 7
		for (int j = 0; j < m; j++)
			half[j][b] = line[j];
	}
	for (int j = 0; j < m; j++) {
#pragma GCC unroll 9
		for (int b = 0; b < n; b++)
			in[b] = half[j][b];
		output_line(line, in, points, pairs);
#pragma GCC unroll 7
		for (int i = 0; i < m; i++)
			lanes_store(tile + (j * m + i) * SIXTEEN,
			    lanes_max(lanes_add(line[i], lanes_load(bias + first)), lanes_set(0)));
	}
	store(place, first, tile, (size_t)m);
}

LANES void
output(const struct hmm_winograd_place *place, const float *from, size_t stride, const float *bias,
    const struct hmm_winograd_points *points, const int pairs)
{
	for (size_t c = 0; c < place->channels; c += SIXTEEN)
		output_sixteen(place, c, from, stride, bias, points, pairs);
}

/* `rows` tiles by LANES_WIDE lanes of outputs, held in registers while the channels run
 * by. Meanwhile the cache is filled with a share of what is wanted next. */
LANES void
multiply_rows(
    const struct hmm_winograd_product *product, size_t tile, size_t column, const int rows)
{
	const size_t in_stride = product->in_stride,
	             parts = (product->tiles + LANES_ROWS - 1) / LANES_ROWS;
	const float *in = product->in + tile * in_stride, *weights = product->weights + column;
	const size_t step = PANEL / parts + 1, part = tile * parts / product->tiles * product->depth;
	const float *panel = product->weights + product->depth * PANEL + part * step;
	const float *ahead = product->ahead + part * product->step;
	struct lanes sum[LANES_ROWS][LANES_WIDE];
#pragma GCC unroll 14
	for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
		for (int i = 0; i < LANES_WIDE; i++)
			sum[r][i] = lanes_set(0);
	for (size_t k = 0; k < product->depth; k++) {
		struct lanes w[LANES_WIDE];
		lanes_prefetch(panel + k * step);
		lanes_prefetch(ahead + k * product->step);
#pragma GCC unroll 2
		for (int i = 0; i < LANES_WIDE; i++)
			w[i] = lanes_load(weights + k * PANEL + i * SIXTEEN);
#pragma GCC unroll 14
		for (int r = 0; r < rows; r++) {
			const struct lanes x = lanes_set(in[(size_t)r * in_stride + k]);
#pragma GCC unroll 2
			for (int i = 0; i < LANES_WIDE; i++)
				sum[r][i] = lanes_fma(x, w[i], sum[r][i]);
		}
	}
	float *out = product->out + tile * product->out_stride + column;
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
	for (size_t i = 0; i < parts * (PANEL / SIXTEEN / LANES_WIDE); i++) {
		const size_t first = i % parts * tiles / parts, end = (i % parts + 1) * tiles / parts;
		const size_t column = i / parts * LANES_WIDE * SIXTEEN;
		switch (end - first) {
		case 14:
			multiply_rows(product, first, column, LANES_ROWS < 14 ? 1 : 14);
			break;
		case 13:
			multiply_rows(product, first, column, LANES_ROWS < 13 ? 1 : 13);
			break;
		case 12:
			multiply_rows(product, first, column, LANES_ROWS < 12 ? 1 : 12);
			break;
		case 11:
			multiply_rows(product, first, column, LANES_ROWS < 11 ? 1 : 11);
			break;
		case 10:
			multiply_rows(product, first, column, LANES_ROWS < 10 ? 1 : 10);
			break;
		case 9:
			multiply_rows(product, first, column, LANES_ROWS < 9 ? 1 : 9);
			break;
		case 8:
			multiply_rows(product, first, column, LANES_ROWS < 8 ? 1 : 8);
			break;
		case 7:
			multiply_rows(product, first, column, LANES_ROWS < 7 ? 1 : 7);
			break;
		case 6:
			multiply_rows(product, first, column, LANES_ROWS < 6 ? 1 : 6);
			break;
		case 5:
			multiply_rows(product, first, column, LANES_ROWS < 5 ? 1 : 5);
			break;
		case 4:
			multiply_rows(product, first, column, LANES_ROWS < 4 ? 1 : 4);
			break;
		case 3:
			multiply_rows(product, first, column, LANES_ROWS < 3 ? 1 : 3);
			break;
		case 2:
			multiply_rows(product, first, column, LANES_ROWS < 2 ? 1 : 2);
			break;
		default:
			multiply_rows(product, first, column, 1);
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
