#include "cpu.h"

enum { BLOCK = 64 }; /* sums kept in registers and the nearest cache */

/* One output of each of `inner` <= BLOCK neighbours. */
static inline void
run_block(
    float *out, const float *in, size_t inner, size_t stride, const double *weights, size_t taps)
{
	double sum[BLOCK] = {0};
	for (size_t t = 0; t < taps; t++)
		for (size_t x = 0; x < inner; x++)
			sum[x] += weights[t] * (double)in[t * stride + x];
	for (size_t x = 0; x < inner; x++)
		out[x] = (float)sum[x];
}

/* The same where neighbours lie along the axis itself. */
static inline void
run_line(float *out, const float *in, const struct hmm_resample_axis *axis)
{
	for (size_t i = 0; i < axis->count; i++) {
		double sum = 0;
		for (size_t t = 0; t < axis->taps; t++)
			sum += axis->weights[i * axis->taps + t] * (double)in[axis->from[i] + t];
		out[i] = (float)sum;
	}
}

void
CPU(hmm_resample)(
    float *out, const float *in, size_t outer, size_t inner, const struct hmm_resample_axis *axis)
{
	for (size_t o = 0; o < outer; o++, in += axis->in * inner, out += axis->count * inner) {
		if (inner == 1) {
			run_line(out, in, axis);
			continue;
		}
		for (size_t i = 0; i < axis->count; i++)
			for (size_t x = 0; x < inner; x += BLOCK)
				run_block(out + i * inner + x, in + axis->from[i] * inner + x,
				    inner - x < BLOCK ? inner - x : BLOCK, inner, axis->weights + i * axis->taps,
				    axis->taps);
	}
}
