#include "variant_loops.h"

static void
dot(float *sum, size_t sum_stride, const float *w, size_t stride, const float *const *x,
    size_t rows, size_t samples, size_t count)
{
	for (size_t r = 0; r < rows; r++)
		for (size_t b = 0; b < samples; b++)
			for (size_t c = 0; c < count; c++) {
				float *lane = sum + r * sum_stride + b * HMM_LANES + c % HMM_LANES;
				*lane = fmaf(w[r * stride + c], x[b][c], *lane);
			}
}

static void
dense(float *w, float *m, float *v, const float *g, size_t count, const struct hmm_adam *adam)
{
	update(w, m, v, g, count, *adam);
}

static void
outer(const struct hmm_outer *o, size_t first_row, size_t rows, size_t first_column, size_t columns,
    const struct hmm_adam *adam)
{
	outer_loop(o, first_row, rows, first_column, columns, adam);
}

static void
narrow_forward(float *y, const float *w, const float *x, const float *bias, size_t rows)
{
	narrow_forward_loop(y, w, x, bias, rows);
}

static void
narrow_outer(
    const struct hmm_outer *o, float *lanes, size_t first, size_t rows, const struct hmm_adam *adam)
{
	narrow_loop(o, lanes, first, rows, adam);
}

const struct hmm_variant hmm_variant_plain = {dot, dense, outer, narrow_forward, narrow_outer};
