/* The loops of the training kernels, written once; variant_*.c compile them for
 * their processor. What is inlined here has the same bits everywhere: fmaf(),
 * sqrtf() and division round exactly, and the order of every sum is spelled out. */
#ifndef VARIANT_LOOPS_H
#define VARIANT_LOOPS_H

#include <math.h>

#include "hmm/variant.h"

#define INLINE static inline __attribute__((always_inline))

/* BLOCK columns of ROWS rows stay in the L1 cache from their share of dx to
 * their step; so do CHUNK rows of a narrow matrix, a whole number of vectors. */
enum { BLOCK = 256, ROWS = 4, CHUNK = HMM_NARROW_LANES / HMM_NARROW };

INLINE void
update(float *restrict w, float *restrict m, float *restrict v, const float *restrict g,
    size_t count, const struct hmm_adam adam)
{
	const float keep1 = .9f, take1 = (float)(1 - .9);
	const float keep2 = .999f, take2 = (float)(1 - .999);
	for (size_t i = 0; i < count; i++) {
		const float gradient = fmaf(adam.weight_decay, w[i], g[i]);
		m[i] = fmaf(take1, gradient, m[i] * keep1);
		v[i] = fmaf(take2 * gradient, gradient, v[i] * keep2);
		const float scale = __builtin_sqrtf(v[i]) / adam.root + 1e-8f;
		w[i] = w[i] - adam.rate * (m[i] / scale);
	}
}

/* out[c] += sum over i of factor[i * factor_stride] in[i * in_stride + c], i ascending. */
INLINE void
combine(float *restrict out, const float *restrict in, size_t in_stride,
    const float *restrict factor, size_t factor_stride, size_t terms, size_t width)
{
	size_t i = 0;
	for (; i + 4 <= terms; i += 4) {
		const float a = factor[i * factor_stride], b = factor[(i + 1) * factor_stride];
		const float c = factor[(i + 2) * factor_stride], d = factor[(i + 3) * factor_stride];
		const float *restrict p = in + i * in_stride, *restrict q = p + in_stride;
		const float *restrict r = q + in_stride, *restrict s = r + in_stride;
		for (size_t k = 0; k < width; k++)
			out[k] = fmaf(d, s[k], fmaf(c, r[k], fmaf(b, q[k], fmaf(a, p[k], out[k]))));
	}
	for (; i < terms; i++) {
		const float a = factor[i * factor_stride];
		const float *restrict p = in + i * in_stride;
		for (size_t k = 0; k < width; k++)
			out[k] = fmaf(a, p[k], out[k]);
	}
}

/* `rows` <= ROWS rows from `row` and `width` <= BLOCK columns from `column`. */
INLINE void
outer_block(const struct hmm_outer *o, size_t row, size_t rows, size_t column, size_t width,
    const struct hmm_adam *adam)
{
	const size_t at = row * o->columns + column, first = o->terms - o->samples;
	for (size_t b = 0; b < o->samples; b++)
		combine(o->dx + b * o->columns + column, o->w + at, o->columns,
		    o->dy + (first + b) * o->rows + row, 1, rows, width);
	for (size_t r = 0; adam && r < rows; r++) {
		float g[BLOCK];
		const float *dy = o->dy + row + r, *x = o->x + column;
		for (size_t c = 0; c < width; c++)
			g[c] = o->terms ? dy[0] * x[c] : 0;
		if (o->terms > 1)
			combine(g, x + o->columns, o->columns, dy + o->rows, o->rows, o->terms - 1, width);
		const size_t here = at + r * o->columns;
		update(o->w + here, o->m + here, o->v + here, g, width, *adam);
	}
}

INLINE void
outer_loop(const struct hmm_outer *o, size_t first_row, size_t rows, size_t first_column,
    size_t columns, const struct hmm_adam *adam)
{
	for (size_t r = 0; r < rows; r += ROWS)
		for (size_t c = 0; c < columns; c += BLOCK)
			outer_block(o, first_row + r, rows - r < ROWS ? rows - r : ROWS, first_column + c,
			    columns - c < BLOCK ? columns - c : BLOCK, adam);
}

/* Four partial sums a row, joined as (0 + 2) + (1 + 3). */
INLINE void
narrow_forward_loop(float *restrict y, const float *restrict w, const float *restrict x,
    const float *restrict bias, size_t rows)
{
	for (size_t r = 0; r < rows; r++, w += HMM_NARROW) {
		float sum[4] = {0};
		for (size_t k = 0; k < HMM_NARROW; k += 4)
			for (size_t lane = 0; lane < 4; lane++)
				sum[lane] = fmaf(w[k + lane], x[k + lane], sum[lane]);
		y[r] = (sum[0] + sum[2]) + (sum[1] + sum[3]) + bias[r];
	}
}

/* A chunk of `rows` <= CHUNK rows as one vector of rows * 20. */
INLINE void
narrow_chunk(const struct hmm_outer *o, float *restrict lanes, size_t row, size_t rows,
    const struct hmm_adam *adam)
{
	float g[HMM_NARROW_LANES] = {0}, spread[HMM_NARROW_LANES];
	const size_t count = rows * HMM_NARROW, at = row * HMM_NARROW;
	for (size_t b = 0; b < o->terms; b++) {
		const float *dy = o->dy + b * o->rows + row, *x = o->x + b * HMM_NARROW;
		for (size_t r = 0; r < rows; r++)
			for (size_t k = 0; k < HMM_NARROW; k++) {
				spread[r * HMM_NARROW + k] = dy[r];
				g[r * HMM_NARROW + k] = fmaf(dy[r], x[k], g[r * HMM_NARROW + k]);
			}
		if (b < o->terms - o->samples)
			continue;
		for (size_t i = 0; i < count; i++)
			lanes[i] = fmaf(spread[i], o->w[at + i], lanes[i]);
		lanes += HMM_NARROW_LANES;
	}
	if (adam)
		update(o->w + at, o->m + at, o->v + at, g, count, *adam);
}

INLINE void
narrow_loop(
    const struct hmm_outer *o, float *lanes, size_t first, size_t rows, const struct hmm_adam *adam)
{
	size_t r = 0;
	for (; r + CHUNK <= rows; r += CHUNK) /* a constant count unrolls */
		narrow_chunk(o, lanes, first + r, CHUNK, adam);
	if (r < rows)
		narrow_chunk(o, lanes, first + r, rows - r, adam);
}

#endif
