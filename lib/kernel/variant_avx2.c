#include "variant_loops.h"

#ifdef __x86_64__
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))

/* One dot product's 64 sums are 8 registers of the 16. */
AVX2 INLINE void
run(float *sum, const float *w, const float *x, size_t count)
{
	__m256 total[8];
#pragma GCC unroll 8
	for (size_t i = 0; i < 8; i++)
		total[i] = _mm256_loadu_ps(sum + 8 * i);
	for (size_t c = 0; c < count; c += HMM_LANES)
#pragma GCC unroll 8
		for (size_t i = 0; i < 8; i++)
			total[i] = _mm256_fmadd_ps(
			    _mm256_loadu_ps(w + c + 8 * i), _mm256_loadu_ps(x + c + 8 * i), total[i]);
#pragma GCC unroll 8
	for (size_t i = 0; i < 8; i++)
		_mm256_storeu_ps(sum + 8 * i, total[i]);
}

AVX2 static void
dot(float *sum, size_t sum_stride, const float *w, size_t stride, const float *const *x,
    size_t rows, size_t samples, size_t count)
{
	for (size_t r = 0; r < rows; r++)
		for (size_t b = 0; b < samples; b++)
			run(sum + r * sum_stride + b * HMM_LANES, w + r * stride, x[b], count);
}

AVX2 static void
dense(float *w, float *m, float *v, const float *g, size_t count, const struct hmm_adam *adam)
{
	update(w, m, v, g, count, *adam);
}

AVX2 static void
outer(const struct hmm_outer *o, size_t first_row, size_t rows, size_t first_column, size_t columns,
    const struct hmm_adam *adam)
{
	outer_loop(o, first_row, rows, first_column, columns, adam);
}

AVX2 static void
narrow_forward(float *y, const float *w, const float *x, const float *bias, size_t rows)
{
	narrow_forward_loop(y, w, x, bias, rows);
}

AVX2 static void
narrow_outer(
    const struct hmm_outer *o, float *lanes, size_t first, size_t rows, const struct hmm_adam *adam)
{
	narrow_loop(o, lanes, first, rows, adam);
}

const struct hmm_variant hmm_variant_avx2 = {dot, dense, outer, narrow_forward, narrow_outer};

#else

/* Never chosen there. */
const struct hmm_variant hmm_variant_avx2 = {0};

#endif
