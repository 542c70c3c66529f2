/* Padding by reflection (PyTorch's ReflectionPad2d), and its gradient. */
#ifndef MIRROR_H
#define MIRROR_H

#include "hmm/gan/strided.h"

/* padded[in][in_height][in_width] of that convolution, whose outer `pad` pixels mirror the inner
 * ones; an image is larger than pad. */
void mirror(float *padded, const float *image, const struct hmm_strided *conv, size_t pad,
    struct hmm_pool *pool);

/* Fold the gradient of such a padded image into that of the image, in place. */
void mirror_back(
    float *gradient, const struct hmm_strided *conv, size_t pad, struct hmm_pool *pool);

#endif
