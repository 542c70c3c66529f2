/* The layers of a VGG. Activations are [channels / 64][height + 2][width + 2][64] with a
 * border of zeros, which is the padding of the next 3x3 convolution; channels that are no
 * multiple of 64 are one block: [height + 2][width + 2][channels]. */
#ifndef HMM_CONV_H
#define HMM_CONV_H

#include <stddef.h>

enum {
	HMM_CONV_BLOCK = 64,      /* channels side by side */
	HMM_CONV_TOO_MANY = 65536 /* channels of a layer */
};

struct hmm_conv {
	size_t in, out;       /* channels */
	const float *weights; /* hmm_conv_pack() */
	const float *bias;    /* [out] */
	/* NULL, or with one or three channels the biases of outputs at the border: [3][3][out],
	 * of the first, of the inner and of the last row, and so of the columns */
	const float *edge_bias;
	int pool;    /* 1: followed by a 2x2 max-pool of stride 2 */
	size_t tile; /* outputs a side of a Winograd tile: 7, 5; 0: plain, as here */
};

/* The floats of a padded activation, of packed weights, and of the scratch
 * memory that one call needs. */
size_t hmm_conv_activation_size(size_t height, size_t width, size_t channels);
size_t hmm_conv_packed_size(size_t in, size_t out);
size_t hmm_conv_scratch_size(size_t width);

/* The channels of a block, and where in an activation channel c of the border's first pixel
 * lies. */
size_t hmm_conv_block(size_t channels);
size_t hmm_conv_at(size_t height, size_t width, size_t channels, size_t c);

/* PyTorch's [out][in][3][3] to panels of 32 outputs, [panel][3][3][in][32]. */
void hmm_conv_pack(float *packed, const float *weights, size_t in, size_t out);

/* 3x3 convolution of stride 1 and padding 1, bias, ReLU, and the pool if there
 * is one, of 2 or more pixels a side. `out` is a padded activation of height x width, or of
 * half of both (rounded down) with a pool; its border is left as it is. A block of
 * every pixel of the window is summed on its own, see tile.h. */
void hmm_conv_run(float *out, const float *in, const struct hmm_conv *conv, size_t height,
    size_t width, float *scratch);

/* The same for one or three input channels, with one sum from the bias on; hmm_conv_run()
 * calls it. */
void hmm_first_run(
    float *out, const float *in, const struct hmm_conv *conv, size_t height, size_t width);

#endif
