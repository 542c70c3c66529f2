#include "cpu.h"
#include "lanes.h"

enum { SIXTEEN = HMM_WINOGRAD_LANES, PANEL = HMM_WINOGRAD_PANEL, BLOCK = HMM_WINOGRAD_BLOCK };

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
	size_t lines; /* ahead, for a part of the channels */
};

LANES void
clear_rows(struct lanes sum[LANES_ROWS][LANES_WIDE], const int rows)
{
#pragma GCC unroll 14
	for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
		for (int i = 0; i < LANES_WIDE; i++)
			sum[r][i] = lanes_set(0);
}

/* out[rows][LANES_WIDE lanes] = sum, or += sum. */
LANES void
store_rows(
    float *out, size_t stride, struct lanes sum[LANES_ROWS][LANES_WIDE], int add, const int rows)
{
#pragma GCC unroll 14
	for (int r = 0; r < rows; r++)
#pragma GCC unroll 2
		for (int i = 0; i < LANES_WIDE; i++) {
			float *to = out + (size_t)r * stride + i * SIXTEEN;
			lanes_store(to, add ? lanes_add(lanes_load(to), sum[r][i]) : sum[r][i]);
		}
}

/* The channels that run by between two looks at what is next. */
LANES size_t
part_of(const struct hmm_winograd_product *product)
{
	return product->apart ? product->apart : BLOCK;
}

/* `rows` tiles by LANES_WIDE lanes of outputs, held in registers while the channels run
 * by. The lines that they go to are fetched during the last part. */
LANES void
multiply_rows(const struct hmm_winograd_product *product, size_t tile, size_t column,
    struct fetch fetch, const int rows)
{
	const float *in = product->in + tile * BLOCK, *weights = product->weights + column;
	float *out = product->out + tile * product->out_stride + column;
	struct lanes sum[LANES_ROWS][LANES_WIDE];
	const size_t part = part_of(product);
	clear_rows(sum, rows);
	for (size_t c = 0; c < product->depth; c += part) {
		const size_t left = product->depth - c, depth = left < part ? left : part;
		const float *x = in + c / BLOCK * product->tiles * BLOCK + c % BLOCK, *place = out;
		size_t places = left > part ? 0 : (size_t)rows, lines = fetch.lines;
		for (size_t k = 0; k < depth; k += 4, weights += 4 * PANEL) {
			lanes_prefetch(fetch.weights);
			multiply_add(sum, x + k, weights, rows);
			if (places)
				lanes_prefetch(place);
			multiply_add(sum, x + k + 1, weights + PANEL, rows);
			lanes_prefetch(fetch.weights + fetch.step);
			multiply_add(sum, x + k + 2, weights + 2 * PANEL, rows);
			if (places) {
				lanes_prefetch(place + SIXTEEN);
				place += product->out_stride;
				places--;
			}
			multiply_add(sum, x + k + 3, weights + 3 * PANEL, rows);
			if (lines) {
				lanes_prefetch(fetch.ahead);
				fetch.ahead += SIXTEEN;
				lines--;
			}
			fetch.weights += 2 * fetch.step;
		}
		if (left > part && !product->apart)
			continue;
		store_rows(out, product->out_stride, sum, c && product->apart, rows);
		clear_rows(sum, rows);
	}
}

/* Rows are dealt out evenly: 63 tiles are 13 + 13 + 13 + 12 + 12. */
void
CPU(hmm_winograd_multiply)(const struct hmm_winograd_product *product)
{
	const size_t tiles = product->tiles, parts = (tiles + LANES_ROWS - 1) / LANES_ROWS;
	const size_t blocks = (product->depth + part_of(product) - 1) / part_of(product);
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
