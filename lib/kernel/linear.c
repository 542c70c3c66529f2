#include "hmm/kernel/linear.h"

#include <math.h>
#include <string.h>

#include "hmm/kernel/kernels.h"

/* Rows and samples whose partial sums are kept at a time (64 KB of stack), and the floats of x
 * that stay in the cache while those rows pass over them. */
enum { ROWS = 16, SAMPLES = 16, CACHED = 16384 };

struct sums {
	float lane[ROWS][SAMPLES][HMM_DOT_LANES];
};

/* Add columns first..first+count-1, all but the last block a multiple of 64. */
static void
add_block(struct sums *sums, const float *w, const float *const *x, size_t rows, size_t columns,
    size_t samples, size_t first, size_t count)
{
	const struct hmm_kernels *kernels = hmm_kernels();
	const size_t whole = count - count % HMM_DOT_LANES;
	for (size_t r = 0; r < rows; r += HMM_DOT_ROWS)
		for (size_t b = 0; b < samples; b += HMM_DOT_SAMPLES) {
			const float *in[HMM_DOT_SAMPLES];
			const size_t tall = rows - r < HMM_DOT_ROWS ? rows - r : HMM_DOT_ROWS;
			const size_t wide = samples - b < HMM_DOT_SAMPLES ? samples - b : HMM_DOT_SAMPLES;
			for (size_t i = 0; i < wide; i++)
				in[i] = x[b + i] + first;
			kernels->dot(sums->lane[r][b], SAMPLES * HMM_DOT_LANES, w + r * columns + first,
			    columns, in, tall, wide, whole);
		}
	for (size_t r = 0; r < rows; r++)
		for (size_t b = 0; b < samples; b++)
			for (size_t c = whole; c < count; c++)
				sums->lane[r][b][c - whole] =
				    fmaf(w[r * columns + first + c], x[b][first + c], sums->lane[r][b][c - whole]);
}

/* `count` is a constant wherever this is inlined. */
static inline void
fold(float *restrict lane, const float *restrict other, int count)
{
	for (int i = 0; i < count; i++)
		lane[i] += other[i];
}

static float
join(float lane[HMM_DOT_LANES])
{
	fold(lane, lane + 32, 32);
	fold(lane, lane + 16, 16);
	fold(lane, lane + 8, 8);
	fold(lane, lane + 4, 4);
	fold(lane, lane + 2, 2);
	return lane[0] + lane[1];
}

static void
forward_block(float *y, size_t y_stride, const float *w, const float *const *x, const float *bias,
    size_t rows, size_t columns, size_t samples)
{
	struct sums sums;
	const size_t block = CACHED / samples / HMM_DOT_LANES * HMM_DOT_LANES;
	for (size_t r = 0; r < rows; r++)
		memset(sums.lane[r], 0, samples * sizeof(sums.lane[r][0]));
	for (size_t c = 0; c < columns; c += block)
		add_block(
		    &sums, w, x, rows, columns, samples, c, columns - c < block ? columns - c : block);
	for (size_t r = 0; r < rows; r++)
		for (size_t b = 0; b < samples; b++)
			y[b * y_stride + r] = join(sums.lane[r][b]) + bias[r];
}

void
hmm_linear_forward(float *y, size_t y_stride, const float *w, const float *const *x,
    const float *bias, size_t rows, size_t columns, size_t samples)
{
	for (size_t r = 0; r < rows; r += ROWS)
		for (size_t b = 0; b < samples; b += SAMPLES)
			forward_block(y + b * y_stride + r, y_stride, w + r * columns, x + b, bias + r,
			    rows - r < ROWS ? rows - r : ROWS, columns,
			    samples - b < SAMPLES ? samples - b : SAMPLES);
}

void
hmm_linear_backward(
    float *dx, const float *w, const float *dy, size_t rows, size_t columns, size_t stride)
{
	for (size_t c = 0; c < columns; c++)
		dx[c] = 0;
	for (size_t r = 0; r < rows; r++, w += stride)
		for (size_t c = 0; c < columns; c++)
			dx[c] = fmaf(dy[r], w[c], dx[c]);
}
