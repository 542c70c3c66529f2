/* 3x3 convolution by Winograd's F(7x7, 3x3), 81 products for 49 outputs instead of
 * 441, F(5x5, 3x3), 49 for 25 instead of 225, or F(4x4, 3x3), 36 for 16 instead of 144
 * (Lavin and Gray, arXiv 1509.09308). 7 divides every layer of a VGG at 224 pixels; 5 wants
 * 60 % of the memory for its weights. The interpolation points are +-1/4, +-11/16, +-9/8,
 * +-9/4 and infinity, and +-1/2, +-1, +-2 and infinity: rounding errors stay near 1e-5 of the
 * result. Those of F(4x4, 3x3) are 0, +-11/16, +-3/2 and infinity, and its products are summed
 * over 32 channels at a time: below 1e-6, as for a plain convolution.
 *
 * The bits of an output do not depend on the images that it is computed with. */
#ifndef HMM_WINOGRAD_H
#define HMM_WINOGRAD_H

#include <stddef.h>

#include "hmm/kernel/conv.h"

/* Tiles that are transformed and multiplied together. */
enum { HMM_WINOGRAD_TILES = 72 };

/* The floats of transformed weights, and of the scratch memory of one call; `tile` is
 * 7, 5 or 4, as conv->tile. */
enum { HMM_WINOGRAD_EXACT = 4 };
size_t hmm_winograd_packed_size(size_t tile, size_t in, size_t out);
size_t hmm_winograd_scratch_size(size_t tile, size_t in, size_t out);

/* The panels of 32 outputs that weights are packed in. */
size_t hmm_winograd_panels(size_t out);

/* The points of F(tile x tile, 3x3). */
struct hmm_winograd_points;
void hmm_winograd_fill(struct hmm_winograd_points *points, size_t tile);

/* Transform a panel of PyTorch's [out][in][3][3] to its place in [points][panel][in][32],
 * aligned to 16 bytes. Different threads may do different panels. */
void hmm_winograd_pack(
    float *packed, const float *weights, size_t tile, size_t in, size_t out, size_t panel);

/* What hmm_conv_run() does, for `images` padded activations, one behind the other;
 * conv->weights are those of hmm_winograd_pack(). Any size: tiles that reach over the
 * edge are cut. */
void hmm_winograd_run(float *out, const float *in, const struct hmm_conv *conv, size_t images,
    size_t height, size_t width, float *scratch);

#endif
