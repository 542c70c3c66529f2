/* The layers of a VGG, on the activations of activation.h. */
#ifndef HMM_CONV_H
#define HMM_CONV_H

#include <stddef.h>

enum { HMM_CONV_TOO_MANY = 65536 }; /* channels of a layer */

struct hmm_conv {
	size_t in, out;       /* channels */
	const float *weights; /* hmm_conv_pack() */
	const float *bias;    /* [out] */
	/* NULL, or with one or three channels the biases of outputs at the border: [3][3][out],
	 * of the first, of the inner and of the last row, and so of the columns */
	const float *edge_bias;
	int pool;    /* 1: followed by a 2x2 max-pool of stride 2 */
	size_t tile; /* outputs a side of a Winograd tile: 7, 5, 4; 0: plain, as here */
};

/* The floats of packed weights, and of the scratch memory that one call needs. */
size_t hmm_conv_packed_size(size_t in, size_t out);
size_t hmm_conv_scratch_size(size_t width);

/* PyTorch's [out][in][3][3] to panels of 32 outputs, [panel][3][3][in][32]. */
void hmm_conv_pack(float *packed, const float *weights, size_t in, size_t out);

/* 3x3 convolution of stride 1 and padding 1, bias, ReLU, and the pool if there
 * is one, of 2 or more pixels a side. `out` is a padded activation of height x width, or of
 * half of both (rounded down) with a pool; its border is left as it is. A block of
 * every pixel of the window is summed on its own, see tile.h; with one or three input
 * channels there is one sum, from the bias on (first.h). */
void hmm_conv_run(float *out, const float *in, const struct hmm_conv *conv, size_t height,
    size_t width, float *scratch);

#endif
