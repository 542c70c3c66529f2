/* Activations are [channels / 64][height + 2][width + 2][64] with a border of zeros, which is the
 * padding of the next 3x3 convolution; channels that are no multiple of 64 are one block:
 * [height + 2][width + 2][channels]. */
#ifndef HMM_ACTIVATION_H
#define HMM_ACTIVATION_H

#include <stddef.h>

enum { HMM_ACTIVATION_BLOCK = 64 }; /* channels side by side */

/* The floats of an activation. */
size_t hmm_activation_size(size_t height, size_t width, size_t channels);

/* The channels of a block, and where in an activation channel c of the border's first pixel
 * lies. */
size_t hmm_activation_block(size_t channels);
size_t hmm_activation_at(size_t height, size_t width, size_t channels, size_t c);

/* The greater of two, for pools: one that is no number, where there is one. */
static inline float
hmm_activation_most(float a, float b)
{
	return a > b || a != a ? a : b;
}

#endif
