/* Pillow's resize of 8-bit images, bit for bit: weights of 22 fractional bits, a
 * horizontal pass to 8 bits, then a vertical one. The axes are those of resample.h. */
#ifndef HMM_RESIZE_H
#define HMM_RESIZE_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/kernel/resample.h"

enum { HMM_RESIZE_FRACTION = 32 - 8 - 2 }; /* bits */

/* fixed[count * taps], the weights in fixed point. */
void hmm_resize_fix(int32_t *fixed, const struct hmm_resample_axis *axis);

/* Horizontally: out[rows][axis->count] from in[rows][axis->in]. */
void hmm_resize_rows(unsigned char *out, const unsigned char *in, size_t rows,
    const struct hmm_resample_axis *axis, const int32_t *fixed);

/* Vertically: axis->count rows of `width` pixels, `stride` apart, from rows
 * axis->from[0] onwards, which is where `in`, [rows][width], begins. */
void hmm_resize_columns(unsigned char *out, size_t stride, const unsigned char *in, size_t width,
    const struct hmm_resample_axis *axis, const int32_t *fixed);

#endif
