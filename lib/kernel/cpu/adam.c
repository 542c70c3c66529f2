/* The same bits on every processor: fmaf(), sqrtf() and division round exactly, and the order of
 * every sum is spelled out. */
#include "cpu.h"
#include "lanes.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* BLOCK columns of ROWS rows stay in the L1 cache from their share of dx to
 * their step; so do CHUNK rows of a narrow matrix. The step takes STEP floats at a time; a line
 * of the cache and a page of memory have LINE and PAGE. */
enum { BLOCK = 256, ROWS = 4, CHUNK = 64, STEP = 64, LINE = 16, PAGE = 1024 };

INLINE void
update(float *restrict w, float *restrict m, float *restrict v, const float *restrict g,
    size_t count, const struct hmm_adam adam)
{
	const float keep1 = adam.keep, take1 = adam.take;
	const float keep2 = .999f, take2 = (float)(1 - .999);
	for (size_t i = 0; i < count; i++) {
		const float gradient = fmaf(adam.weight_decay, w[i], g[i]);
		m[i] = fmaf(take1, gradient, m[i] * keep1);
		v[i] = fmaf(take2 * gradient, gradient, v[i] * keep2);
		const float scale = __builtin_sqrtf(v[i]) / adam.root + 1e-8f;
		w[i] = w[i] - adam.rate * (m[i] / scale);
	}
}

/* The same, while the values `ahead` floats further on come into the cache: a part is a few
 * columns of many rows, and a processor foresees only what lies side by side. */
INLINE void
update_ahead(float *w, float *m, float *v, const float *g, size_t count, size_t ahead,
    const struct hmm_adam *adam)
{
	for (size_t i = 0; i < count; i += STEP) {
		const size_t left = count - i;
		float *const at[] = {w + i, m + i, v + i};
		for (int k = 0; k < 3; k++)
			for (size_t c = 0; c < STEP; c += LINE)
				__builtin_prefetch(at[k] + ahead + c, 1, 2);
		update(at[0], at[1], at[2], g + i, left < STEP ? left : STEP, *adam);
	}
}

void
CPU(hmm_adam_dense)(
    float *w, float *m, float *v, const float *g, size_t count, const struct hmm_adam *adam)
{
	update(w, m, v, g, count, *adam);
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

/* Columns of ROWS rows whose weights, or whose gradients, fit the registers. */
enum { LANES_FLOATS = 16, STRIP = LANES_WIDE > 1 ? 4 : 1, WIDTH = STRIP * LANES_FLOATS };

/* What combine() does for all samples, of ROWS rows and WIDTH columns: dx[b] += dy[b]^T w. */
INLINE void
strip_down(const struct hmm_outer *o, const float *w, const float *dy, float *dx)
{
	struct lanes weight[ROWS][STRIP];
#pragma GCC unroll 4
	for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
		for (size_t s = 0; s < STRIP; s++)
			weight[r][s] = lanes_load(w + r * o->columns + s * LANES_FLOATS);
	for (size_t b = 0; b < o->samples; b++, dy += o->rows, dx += o->x_stride) {
		struct lanes sum[STRIP];
#pragma GCC unroll 4
		for (size_t s = 0; s < STRIP; s++)
			sum[s] = lanes_load(dx + s * LANES_FLOATS);
#pragma GCC unroll 4
		for (size_t r = 0; r < ROWS; r++) {
			const struct lanes factor = lanes_set(dy[r]);
#pragma GCC unroll 4
			for (size_t s = 0; s < STRIP; s++)
				sum[s] = lanes_fma(factor, weight[r][s], sum[s]);
		}
#pragma GCC unroll 4
		for (size_t s = 0; s < STRIP; s++)
			lanes_store(dx + s * LANES_FLOATS, sum[s]);
	}
}

/* g[ROWS][BLOCK] = dy^T x of all terms, of WIDTH columns. -0 is what a product can be added to
 * without a change. */
INLINE void
strip_gradient(float *g, const struct hmm_outer *o, const float *dy, const float *x)
{
	struct lanes sum[ROWS][STRIP];
#pragma GCC unroll 4
	for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
		for (size_t s = 0; s < STRIP; s++)
			sum[r][s] = lanes_set(-0.f);
	for (size_t b = 0; b < o->terms; b++, dy += o->rows, x += o->x_stride) {
		struct lanes in[STRIP];
#pragma GCC unroll 4
		for (size_t s = 0; s < STRIP; s++)
			in[s] = lanes_load(x + s * LANES_FLOATS);
#pragma GCC unroll 4
		for (size_t r = 0; r < ROWS; r++) {
			const struct lanes factor = lanes_set(dy[r]);
#pragma GCC unroll 4
			for (size_t s = 0; s < STRIP; s++)
				sum[r][s] = lanes_fma(factor, in[s], sum[r][s]);
		}
	}
#pragma GCC unroll 4
	for (size_t r = 0; r < ROWS; r++)
#pragma GCC unroll 4
		for (size_t s = 0; s < STRIP; s++)
			lanes_store(g + r * BLOCK + s * LANES_FLOATS, sum[r][s]);
}

/* g[width] = the gradient of a row. */
INLINE void
row_gradient(float *g, const struct hmm_outer *o, const float *dy, const float *x, size_t width)
{
	for (size_t c = 0; c < width; c++)
		g[c] = o->terms ? dy[0] * x[c] : 0;
	if (o->terms > 1)
		combine(g, x + o->x_stride, o->x_stride, dy + o->rows, o->rows, o->terms - 1, width);
}

/* `rows` <= ROWS rows from `row` and `width` <= BLOCK columns from `column`; the next block is
 * `ahead` floats further on. Where there are many terms, what fits strips goes by these. */
INLINE void
outer_block(const struct hmm_outer *o, size_t row, size_t rows, size_t column, size_t width,
    size_t ahead, const struct hmm_adam *adam)
{
	const size_t at = row * o->columns + column, first = o->terms - o->samples;
	const size_t strips = rows == ROWS && o->terms > 1 ? width - width % WIDTH : 0;
	const float *dy = o->dy + row, *last = dy + first * o->rows, *x = o->x + column;
	float g[ROWS][BLOCK];
	for (size_t c = 0; c < strips && o->samples; c += WIDTH)
		strip_down(o, o->w + at + c, last, o->dx + column + c);
	for (size_t b = 0; b < o->samples; b++)
		combine(o->dx + b * o->x_stride + column + strips, o->w + at + strips, o->columns,
		    last + b * o->rows, 1, rows, width - strips);
	for (size_t c = 0; adam && c < strips; c += WIDTH)
		strip_gradient(g[0] + c, o, dy, x + c);
	for (size_t r = 0; adam && r < rows; r++) {
		const size_t here = at + r * o->columns;
		row_gradient(g[r] + strips, o, dy + r, x + strips, width - strips);
		update_ahead(o->w + here, o->m + here, o->v + here, g[r], width, ahead, adam);
	}
}

void
CPU(hmm_adam_outer)(const struct hmm_outer *o, size_t first_row, size_t rows, size_t first_column,
    size_t columns, const struct hmm_adam *adam)
{
	for (size_t r = 0; r < rows; r += ROWS)
		for (size_t c = 0; c < columns; c += BLOCK)
			outer_block(o, first_row + r, rows - r < ROWS ? rows - r : ROWS, first_column + c,
			    columns - c < BLOCK ? columns - c : BLOCK,
			    c + BLOCK < columns ? BLOCK : ROWS * o->columns - c, adam);
}

/* Vectors of 4 and 16 floats in memory, aligned or not: what a compiler makes of them is the same
 * arithmetic on every processor, without fused multiply-adds. */
typedef float quad __attribute__((vector_size(16), aligned(4), may_alias));
typedef float wide __attribute__((vector_size(64), aligned(4), may_alias));

/* Four partial sums of a row. */
INLINE void
narrow_sum(quad *sum, const float *w, const float *x)
{
	*sum = *(const quad *)w * *(const quad *)x;
	for (size_t k = 4; k < HMM_NARROW; k += 4)
		*sum += *(const quad *)(w + k) * *(const quad *)(x + k);
}

/* A row's sums are joined as (0 + 2) + (1 + 3), four rows at once. */
void
CPU(hmm_narrow_forward)(
    float *restrict y, const float *w, const float *x, const float *bias, size_t rows)
{
	quad a, b, c, d;
	size_t r = 0;
	for (; r + 4 <= rows; r += 4, w += 4 * HMM_NARROW) {
		for (size_t i = 0; i < 4 * HMM_NARROW; i += LINE)
			__builtin_prefetch(w + PAGE + i, 0, 2);
		narrow_sum(&a, w, x);
		narrow_sum(&b, w + HMM_NARROW, x);
		narrow_sum(&c, w + 2 * HMM_NARROW, x);
		narrow_sum(&d, w + 3 * HMM_NARROW, x);
		const quad ab =
		    __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
		const quad cd =
		    __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
		*(quad *)(y + r) = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) +
		                   __builtin_shufflevector(ab, cd, 2, 3, 6, 7) + *(const quad *)(bias + r);
	}
	for (; r < rows; r++, w += HMM_NARROW) {
		narrow_sum(&a, w, x);
		y[r] = (a[0] + a[2]) + (a[1] + a[3]) + bias[r];
	}
}

/* Rows whose values fill whole vectors: 4 x 20 = 5 x 16. */
enum { VECTORS = 5, FOUR = 4 * HMM_NARROW };

/* out[r * 20 + k] = dy[r] for four rows. */
INLINE void
spread(wide *out, const float *dy)
{
	const quad d = *(const quad *)dy;
	out[0] = __builtin_shufflevector(d, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	out[1] = __builtin_shufflevector(d, d, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
	out[2] = __builtin_shufflevector(d, d, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2);
	out[3] = __builtin_shufflevector(d, d, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3);
	out[4] = __builtin_shufflevector(d, d, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3);
}

/* Four rows of one term: its share of the gradient g, and dx of lanes[16][20], unless NULL. */
INLINE void
narrow_term(float *restrict g, float *restrict lanes, const float *restrict w, const float *dy,
    const float *x)
{
	wide share[VECTORS];
	spread(share, dy);
	for (size_t i = 0; i < VECTORS; i++) {
		if (lanes)
			*(wide *)(lanes + 16 * i) += share[i] * *(const wide *)(w + 16 * i);
		*(wide *)(g + 16 * i) += share[i] * *(const wide *)(x + 16 * i);
	}
}

/* CHUNK rows, or fewer at the end. */
INLINE void
narrow_chunk(
    const struct hmm_outer *o, float *lanes, size_t row, size_t rows, const struct hmm_adam *adam)
{
	float g[CHUNK * HMM_NARROW] = {0}, x[FOUR];
	const size_t at = row * HMM_NARROW, first = o->terms - o->samples;
	for (size_t b = 0; b < o->terms; b++) {
		const float *dy = o->dy + b * o->rows + row;
		float *sum = b < first ? NULL : lanes + (b - first) * HMM_NARROW_LANES;
		size_t r = 0;
		for (size_t i = 0; i < 4; i++)
			memcpy(x + i * HMM_NARROW, o->x + b * HMM_NARROW, sizeof(x) / 4);
		for (; r + 4 <= rows; r += 4)
			narrow_term(g + r * HMM_NARROW, sum ? sum + r * HMM_NARROW % HMM_NARROW_LANES : NULL,
			    o->w + at + r * HMM_NARROW, dy + r, x);
		for (size_t i = r * HMM_NARROW; i < rows * HMM_NARROW; i++) {
			const float share = dy[i / HMM_NARROW];
			if (sum)
				sum[i % HMM_NARROW_LANES] += share * o->w[at + i];
			g[i] += share * x[i % HMM_NARROW];
		}
	}
	if (adam)
		update_ahead(
		    o->w + at, o->m + at, o->v + at, g, rows * HMM_NARROW, CHUNK * HMM_NARROW, adam);
}

void
CPU(hmm_narrow_outer)(
    const struct hmm_outer *o, float *lanes, size_t first, size_t rows, const struct hmm_adam *adam)
{
	for (size_t r = 0; r < rows; r += CHUNK)
		narrow_chunk(o, lanes, first + r, rows - r < CHUNK ? rows - r : CHUNK, adam);
}
