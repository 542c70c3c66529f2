#include "hmm/linear.h"

#include <math.h>

#include "hmm/clones.h"

enum { LANES = 64 };

HMM_CLONES void
hmm_linear_forward(
    float *y, const float *w, const float *x, const float *bias, size_t rows, size_t columns)
{
	for (size_t r = 0; r < rows; r++, w += columns) {
		float sum[LANES] = {0};
		size_t c = 0;
		for (; c + LANES <= columns; c += LANES)
			for (int lane = 0; lane < LANES; lane++)
				sum[lane] = fmaf(w[c + (size_t)lane], x[c + (size_t)lane], sum[lane]);
		for (size_t lane = 0; c + lane < columns; lane++)
			sum[lane] = fmaf(w[c + lane], x[c + lane], sum[lane]);
		for (int half = LANES / 2; half; half /= 2)
			for (int lane = 0; lane < half; lane++)
				sum[lane] += sum[lane + half];
		y[r] = sum[0] + bias[r];
	}
}

HMM_CLONES void
hmm_linear_backward(
    float *dx, const float *w, const float *dy, size_t rows, size_t columns, size_t stride)
{
	for (size_t c = 0; c < columns; c++)
		dx[c] = 0;
	for (size_t r = 0; r < rows; r++, w += stride)
		for (size_t c = 0; c < columns; c++)
			dx[c] = fmaf(dy[r], w[c], dx[c]);
}
