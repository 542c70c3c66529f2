/* A VGG's first layer: a convolution of one or three channels. */
#ifndef HMM_FIRST_H
#define HMM_FIRST_H

#include <stddef.h>

#include "hmm/kernel/conv.h"

/* What hmm_conv_run() promises, for one or three channels. */
void hmm_first_run(
    float *out, const float *in, const struct hmm_conv *conv, size_t height, size_t width);

#endif
