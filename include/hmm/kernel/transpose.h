#ifndef HMM_TRANSPOSE_H
#define HMM_TRANSPOSE_H

#include <stddef.h>

/* out[c, r] = in[r, c] of [rows][columns]; rows of either lie `stride` floats apart. */
void hmm_transpose(
    float *out, size_t out_stride, const float *in, size_t in_stride, size_t rows, size_t columns);

#endif
