/* Slices as networks see them, and back: the side by Pillow's bicubic resize of 8-bit images, bytes
 * to -1 to 1. */
#ifndef HMM_PICTURE_H
#define HMM_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/base/tensor.h"
#include "hmm/kernel/resample.h"

struct hmm_bicubic { /* one size to another */
	struct hmm_resample_axis x, y;
	int32_t *x_fixed, *y_fixed;
	unsigned char *between; /* [y.in][x.out] */
};

/* 0, or -1 reported; close it in either case. */
int hmm_bicubic_open(struct hmm_bicubic *resize, size_t in_height, size_t in_width,
    size_t out_height, size_t out_width);
void hmm_bicubic_close(struct hmm_bicubic *resize); /* legal on zeroes */

/* One channel. */
void hmm_bicubic_run(unsigned char *out, const unsigned char *in, struct hmm_bicubic *resize);

/* What is cut out of an image: `height` x `width` from that row and column on, then mirrored. */
struct hmm_picture_cut {
	size_t row, column, height, width;
	int flip;
};

/* One channel of an image of that width: (v / 255 - .5) / .5, as torchvision has it. */
void hmm_picture_floats(
    float *out, const unsigned char *in, size_t in_width, const struct hmm_picture_cut *cut);

/* A slice, uint8 (1|3, height, width), resized and cut, as a network of that many channels sees it:
 * out[channels][cut->height][cut->width]. Grey is repeated. `bytes` has room for a resized channel.
 */
void hmm_picture_load(float *out, const struct hmm_tensor *slice, size_t channels,
    struct hmm_bicubic *resize, unsigned char *bytes, const struct hmm_picture_cut *cut);

/* (v + 1) / 2 * 255, truncated. */
void hmm_picture_bytes(unsigned char *out, const float *in, size_t count);

/* Pillow's "L" of three channels of `count` pixels (ITU-R 601-2); out may be the first of them. */
void hmm_picture_grey(unsigned char *out, const unsigned char *in, size_t count);

#endif
