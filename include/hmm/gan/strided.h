/* Convolutions of any stride, and the same transposed, with both gradients, as matrix products
 * that multiply no zeros (lowering; for the strides see arXiv 2002.00552): the image is laid out by
 * the phases of its stride, so that a row of a tap's pixels is a row of a phase.
 *
 * There is one convolution, from `in` to `out`, and three products with it:
 *
 *   forward  out from in and the weights    a transposed convolution's gradient of its input
 *   back     in from out and the weights    a transposed convolution itself
 *   weights  the weights' gradient from in and out    the same of a transposed one
 *
 * The bits depend on the shapes and on OpenBLAS's kernels, never on the number of threads. */
#ifndef HMM_STRIDED_H
#define HMM_STRIDED_H

#include <stddef.h>

#include "hmm/base/parallel.h"

struct hmm_strided {
	size_t in, in_height, in_width; /* channels, pixels */
	size_t out, out_height, out_width;
	size_t kernel, stride, pad; /* zeros around `in` */
};

/* The convolution of that input. */
struct hmm_strided hmm_strided_plan(
    size_t in, size_t height, size_t width, size_t out, size_t kernel, size_t stride, size_t pad);

/* Scratch memory that one convolution after another may use. */
struct hmm_strided_work {
	struct hmm_pool *pool;
	void *planes, *columns, *turned, *tiles; /* private */
	size_t planes_size, columns_size, turned_size, tiles_size;
};
/* Make room for this one too. 0, or -1 reported. */
int hmm_strided_room(struct hmm_strided_work *work, const struct hmm_strided *conv);
void hmm_strided_free(struct hmm_strided_work *work);

/* Arrays are [in][in_height][in_width], [out][out_height][out_width] and
 * [out][in][kernel][kernel], PyTorch's weight of Conv2d; that of ConvTranspose2d is [its in][its
 * out][kernel][kernel], which is this very layout with in and out exchanged. */
void hmm_strided_forward(float *out, const float *in, const float *weights,
    const struct hmm_strided *conv, struct hmm_strided_work *work);
void hmm_strided_back(float *in, const float *out, const float *weights,
    const struct hmm_strided *conv, struct hmm_strided_work *work);
/* `add`: to what is there. */
void hmm_strided_weights(float *weights, const float *in, const float *out, int add,
    const struct hmm_strided *conv, struct hmm_strided_work *work);

#endif
