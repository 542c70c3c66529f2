/* MiniRocket's convolutions (Dempster, Schmidt, Webb: MiniRocket, KDD 2021): 84 kernels of nine
 * taps, three of which weigh 2 and the others -1, and how often what they make of a series is above
 * a bias.
 *
 * With float32 sums in this order, and 0 for what lies outside of the series:
 *   C[t] = -x[t] - x[t-4d] - .. - x[t-d] - x[t+d] - .. - x[t+4d] + 3 x of the three taps. */
#ifndef HMM_ROCKET_KERNEL_H
#define HMM_ROCKET_KERNEL_H

#include <stddef.h>
#include <stdint.h>

enum {
	HMM_ROCKET_KERNELS = 84, /* the triples of 0..8, in lexical order */
	HMM_ROCKET_BLOCK = 512   /* places that are summed at a time */
};

/* A series with zeros around it. */
struct hmm_rocket_series {
	float *x, *three; /* place 0 of x, and of x + x + x */
	size_t length;
};

/* Floats of memory for such a series and dilations of up to that. */
size_t hmm_rocket_series_room(size_t length, size_t dilation);

/* Lay it out in that memory, from in[length]. */
void hmm_rocket_lay(struct hmm_rocket_series *series, float *memory, const float *in, size_t length,
    size_t dilation);

/* above[84][each]: at how many places C of each kernel is above bias[84][each]. */
void hmm_rocket_count(uint32_t *above, const struct hmm_rocket_series *series, size_t dilation,
    const float *bias, size_t each);

/* C of one kernel at the places first, first + step, .., `count` of them. */
void hmm_rocket_convolve(float *out, const struct hmm_rocket_series *series, size_t dilation,
    size_t kernel, size_t first, size_t step, size_t count);

#endif
