#include "cpu.h"
#include "lanes.h"

/* gcc would keep pixels in registers for the next two steps of a window, and sums in
 * memory. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-predictive-commoning")
#endif

enum {
	SIXTEEN = 16,
	PANEL = HMM_FIRST_OUTPUTS,
	COLUMNS = LANES_ROWS / 4 * 2 /* of two rows, whose sums fit the registers */
};

/* The first `outputs` of 16 lanes, which may be none. */
LANES void
store_first(float *to, struct lanes a, size_t outputs)
{
	float all[SIXTEEN];
	if (outputs >= SIXTEEN) {
		lanes_store(to, a);
		return;
	}
	lanes_store(all, a);
	for (size_t c = 0; c < outputs; c++)
		to[c] = all[c];
}

/* ReLU and pool of four sums. */
LANES struct lanes
pool_four(struct lanes a, struct lanes b, struct lanes c, struct lanes d)
{
	const struct lanes most = lanes_relu(lanes_max(lanes_max(a, b), lanes_max(c, d)));
	return lanes_spoil(lanes_spoil(most, a, b), c, d);
}

/* `columns` pixels of both rows, an even number, from x on, and the outputs from `first` on. */
LANES void
run_columns(const struct hmm_first_rows *rows, size_t x, size_t first, const int channels,
    const int columns)
{
	struct lanes sum[2][COLUMNS][LANES_WIDE];
#pragma GCC unroll 6
	for (int i = 0; i < columns; i++) {
		const size_t column = x + (size_t)i;
		const int edge = (column > 0) + (column + 1 == rows->width);
		for (int r = 0; r < 2; r++)
			for (int l = 0; l < LANES_WIDE; l++)
				sum[r][i][l] = lanes_load(rows->bias[r][edge] + first + l * SIXTEEN);
	}
	const float *in = rows->in + x * (size_t)channels, *weights = rows->weights + first;
	for (int y = 0; y < 3; y++, in += rows->in_row) {
		const float *below = in + rows->below;
		for (int k = 0; k < 3 * channels; k++, weights += PANEL) {
			struct lanes w[LANES_WIDE];
			for (int l = 0; l < LANES_WIDE; l++)
				w[l] = lanes_load(weights + l * SIXTEEN);
#pragma GCC unroll 6
			for (int i = 0; i < columns; i++) {
				const struct lanes a = lanes_set(in[i * channels + k]);
				const struct lanes b = lanes_set(below[i * channels + k]);
				for (int l = 0; l < LANES_WIDE; l++) {
					sum[0][i][l] = lanes_fma(a, w[l], sum[0][i][l]);
					sum[1][i][l] = lanes_fma(b, w[l], sum[1][i][l]);
				}
			}
		}
	}
	float *out = rows->out + (rows->pool ? x / 2 : x) * rows->out_pixel + first;
#pragma GCC unroll 6
	for (int i = 0; i < columns; i++)
		for (int l = 0; l < LANES_WIDE; l++) {
			const size_t begin = first + (size_t)l * SIXTEEN;
			const size_t left = begin < rows->outputs ? rows->outputs - begin : 0;
			const struct lanes a = sum[0][i][l], b = sum[1][i][l];
			float *to = out + (size_t)(rows->pool ? i / 2 : i) * rows->out_pixel + l * SIXTEEN;
			if (!rows->pool) {
				store_first(to, lanes_relu(a), left);
				store_first(to + rows->out_row, lanes_relu(b), rows->rows == 2 ? left : 0);
			} else if (i % 2) {
				store_first(to, pool_four(sum[0][i - 1][l], sum[1][i - 1][l], a, b), left);
			}
		}
}

LANES void
run_rows(const struct hmm_first_rows *rows, const int channels)
{
	const size_t width = rows->pool ? rows->width & ~(size_t)1 : rows->width;
	for (size_t first = 0; first < PANEL; first += LANES_WIDE * SIXTEEN) {
		size_t x = 0;
		for (; x + COLUMNS <= width; x += COLUMNS)
			run_columns(rows, x, first, channels, COLUMNS);
		for (; x < width; x += 2) /* the last two once more where one is left */
			run_columns(rows, x + 2 <= width ? x : width - 2, first, channels, 2);
	}
}

void
CPU(hmm_first)(const struct hmm_first_rows *rows)
{
	if (rows->channels == 1)
		run_rows(rows, 1);
	else
		run_rows(rows, 3);
}
