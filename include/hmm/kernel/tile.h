/* The one inner loop of every convolution and matrix product here: up to 14
 * rows by 32 columns of outputs, held in registers while the depth runs by.
 *
 *   out[r, c] = start + sum over taps t and depth k of
 *               in[offsets[t] + r * in_stride + k] * weights[t, k, c]
 *
 * The terms of one tap are added up one after the other, each with one fused
 * multiply-add, and the taps' sums are then added to `start` in their order,
 * which keeps the rounding error of a 3x3 convolution a third of that of one
 * long sum. So the bits are the same whatever the processor, the number of
 * threads or the way the work is cut, and equal to those of a plain loop.
 */
#ifndef HMM_TILE_H
#define HMM_TILE_H

#include <stddef.h>

enum { HMM_TILE_ROWS = 14, HMM_TILE_COLUMNS = 32 };

enum hmm_tile_start {
	HMM_START_ZERO,
	HMM_START_BIAS, /* bias[c] */
	HMM_START_OUT,  /* what stands in out */
};

struct hmm_tile {
	float *out;
	size_t out_stride; /* floats from one row of outputs to the next */
	const float *in;
	size_t in_stride; /* floats from one row of inputs to the next */
	const ptrdiff_t *offsets;
	size_t taps, depth;
	const float *weights; /* packed [taps][depth][32], see hmm_tile_pack() */
	const float *bias;    /* [columns], for HMM_START_BIAS */
	size_t rows;          /* 1..14 */
	size_t columns;       /* 1..32 */
	enum hmm_tile_start start;
	int relu;
};

/* The floats of a packed matrix of depth x columns. */
size_t hmm_tile_packed_size(size_t depth, size_t columns);

/* Pack B[k, c] = in[k * depth_stride + c * column_stride], one of the strides being 1, into
 * panels of 32 columns, [panel][depth][32], the last one padded with zeros. */
void hmm_tile_pack(float *packed, const float *in, size_t depth, size_t columns,
    size_t depth_stride, size_t column_stride);

#endif
