/* The plain twins: each fast kernel as the loop one would write down, and the
 * tolerance by which floats are compared. */
#ifndef REF_H
#define REF_H

#include <stddef.h>

#include "hmm/kernel/conv.h"
#include "hmm/learn/parameter.h"
#include "hmm/file/safetensors.h"

/* |a - b| / |b|, in the L2 norm. */
double ref_distance(const float *a, const float *b, size_t count);

/* Seeded values in (-1, 1). */
void ref_random(float *values, size_t count, unsigned seed);

/* out[c][y][x] of a 3x3 convolution, bias and ReLU over in[c][y][x], the terms
 * of a tap added up with fmaf(), then the taps: the kernel's very bits. */
void ref_conv(float *out, const float *in, const float *weights, const float *bias, size_t in_count,
    size_t out_count, size_t height, size_t width);

/* 2x2 max-pool of [channels][height][width]. */
void ref_pool(float *out, const float *in, size_t channels, size_t height, size_t width);

/* y [out][S] = W [out][in] z [in][S] + b of a 1x1 convolution, and its gradients, which are added
 * (W's summed over the blocks first): the kernels' very bits. */
void ref_conv1x1(float *y, const float *z, const float *weight, const float *bias, size_t out,
    size_t in, size_t positions);
void ref_conv1x1_dweight(float *dweight, const float *const *dy, const float *const *z, size_t out,
    size_t in, size_t positions, size_t blocks);
void ref_conv1x1_backward(float *dz, float *dbias, const float *dy, const float *weight, size_t out,
    size_t in, size_t positions);

/* Multiply out a parameter's gradient: [rows][columns], to free(). */
float *ref_gradient(const struct hmm_parameter *parameter);

/* A tensor of a golden file as floats, to free(); ends the program when it is not there. */
float *ref_golden(const struct hmm_weights *golden, const char *name, size_t *count);

#endif
