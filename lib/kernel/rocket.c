#include "hmm/kernel/rocket.h"

#include <assert.h>
#include <string.h>

#include "hmm/kernel/kernels.h"

enum { SIDE = 4, TAPS = 9 };

/* Zeros before a series, and behind it; blocks end behind its last place. */
static size_t
zeros(size_t dilation)
{
	return SIDE * dilation + HMM_ROCKET_BLOCK;
}

size_t
hmm_rocket_series_room(size_t length, size_t dilation)
{
	return 2 * (length + 2 * zeros(dilation));
}

void
hmm_rocket_lay(struct hmm_rocket_series *series, float *memory, const float *in, size_t length,
    size_t dilation)
{
	const size_t before = zeros(dilation), half = hmm_rocket_series_room(length, dilation) / 2;
	memset(memory, 0, 2 * half * sizeof(*memory));
	*series = (struct hmm_rocket_series){memory + before, memory + half + before, length};
	for (size_t i = 0; i < length; i++) {
		series->x[i] = in[i];
		series->three[i] = in[i] + in[i] + in[i];
	}
}

void
hmm_rocket_count(uint32_t *above, const struct hmm_rocket_series *series, size_t dilation,
    const float *bias, size_t each)
{
	hmm_kernels()->rocket_count(above, series, dilation, bias, each);
}

/* The three taps of a kernel. */
static void
find_taps(size_t taps[3], size_t kernel)
{
	assert(kernel < HMM_ROCKET_KERNELS);
	for (taps[0] = 0; taps[0] < TAPS; taps[0]++)
		for (taps[1] = taps[0] + 1; taps[1] < TAPS; taps[1]++)
			for (taps[2] = taps[1] + 1; taps[2] < TAPS; taps[2]++)
				if (kernel-- == 0)
					return;
}

void
hmm_rocket_convolve(float *out, const struct hmm_rocket_series *series, size_t dilation,
    size_t kernel, size_t first, size_t step, size_t count)
{
	size_t taps[3];
	find_taps(taps, kernel);
	for (size_t i = 0; i < count; i++) {
		const size_t t = first + i * step, before = SIDE * dilation;
		float sum = -series->x[t];
		for (size_t tap = 0; tap < TAPS; tap++)
			if (tap != SIDE)
				sum -= (series->x + t + tap * dilation)[-(ptrdiff_t)before];
		for (size_t j = 0; j < 3; j++)
			sum += (series->three + t + taps[j] * dilation)[-(ptrdiff_t)before];
		out[i] = sum;
	}
}
