#include "cpu.h"

#include <math.h>
#include <string.h>

/* Taps on each side of the middle one; floats of a register, so that no loop has a rest. */
enum { SIDE = 4, TAPS = 9, LANES = 16, BLOCK = HMM_ROCKET_BLOCK };

static void
add(float *restrict sum, const float *restrict a, const float *restrict b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sum[i] = a[i] + b[i];
}

/* Not inline: gcc would make the loop over biases wide instead of this one. */
static __attribute__((noinline)) uint32_t
count_above(const float *restrict a, const float *restrict b, float bias, size_t count)
{
	uint32_t above = 0;
	for (size_t i = 0; i < count; i++)
		above += a[i] + b[i] > bias ? 1u : 0u;
	return above;
}

/* What all kernels share, minus all nine taps; behind the last place minus infinity, which is above
 * no bias. */
static void
sum_taps(float *restrict sum, const float *x, size_t dilation, size_t places, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sum[i] = -x[i];
	for (size_t tap = 0; tap < TAPS; tap++) {
		const float *at = x + tap * dilation - SIDE * dilation;
		for (size_t i = 0; tap != SIDE && i < count; i++)
			sum[i] -= at[i];
	}
	for (size_t i = places; i < count; i++)
		sum[i] = -INFINITY;
}

/* The places of one block. Kernels that begin alike have their first sums in common. */
static void
take_block(uint32_t *above, const float *x, const float *three, size_t dilation, const float *bias,
    size_t each, size_t places)
{
	float taps[BLOCK], one[BLOCK], two[BLOCK];
	const size_t count = (places + LANES - 1) & ~(size_t)(LANES - 1);
	const float *at[TAPS];
	for (size_t tap = 0; tap < TAPS; tap++)
		at[tap] = three + tap * dilation - SIDE * dilation;
	sum_taps(taps, x, dilation, places, count);
	for (size_t i = 0; i < TAPS; i++) {
		add(one, taps, at[i], count);
		for (size_t j = i + 1; j < TAPS; j++) {
			add(two, one, at[j], count);
			for (size_t k = j + 1; k < TAPS; k++)
				for (size_t b = 0; b < each; b++)
					*above++ += count_above(two, at[k], *bias++, count);
		}
	}
}

void
CPU(hmm_rocket_count)(uint32_t *above, const struct hmm_rocket_series *series, size_t dilation,
    const float *bias, size_t each)
{
	memset(above, 0, HMM_ROCKET_KERNELS * each * sizeof(*above));
	for (size_t first = 0; first < series->length; first += BLOCK) {
		const size_t left = series->length - first;
		take_block(above, series->x + first, series->three + first, dilation, bias, each,
		    left < BLOCK ? left : BLOCK);
	}
}
