#include "variant_loops.h"

#ifdef __x86_64__
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f")))

/* `rows` and `samples` are constants wherever this is inlined, so up to 24 sums
 * stay in registers. */
AVX512 INLINE void
run(float *sum, size_t sum_stride, const float *w, size_t stride, const float *const *x,
    const size_t rows, const size_t samples, size_t count)
{
	__m512 total[HMM_DOT_ROWS][HMM_DOT_SAMPLES][4];
#pragma GCC unroll 2
	for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 3
		for (size_t b = 0; b < samples; b++)
#pragma GCC unroll 4
			for (size_t i = 0; i < 4; i++)
				total[r][b][i] = _mm512_loadu_ps(sum + r * sum_stride + b * HMM_LANES + 16 * i);
	for (size_t c = 0; c < count; c += HMM_LANES)
#pragma GCC unroll 4
		for (size_t i = 0; i < 4; i++) {
			__m512 in[HMM_DOT_SAMPLES];
#pragma GCC unroll 3
			for (size_t b = 0; b < samples; b++)
				in[b] = _mm512_loadu_ps(x[b] + c + 16 * i);
#pragma GCC unroll 2
			for (size_t r = 0; r < rows; r++) {
				const __m512 weight = _mm512_loadu_ps(w + r * stride + c + 16 * i);
#pragma GCC unroll 3
				for (size_t b = 0; b < samples; b++)
					total[r][b][i] = _mm512_fmadd_ps(weight, in[b], total[r][b][i]);
			}
		}
#pragma GCC unroll 2
	for (size_t r = 0; r < rows; r++)
#pragma GCC unroll 3
		for (size_t b = 0; b < samples; b++)
#pragma GCC unroll 4
			for (size_t i = 0; i < 4; i++)
				_mm512_storeu_ps(sum + r * sum_stride + b * HMM_LANES + 16 * i, total[r][b][i]);
}

AVX512 static void
dot(float *sum, size_t sum_stride, const float *w, size_t stride, const float *const *x,
    size_t rows, size_t samples, size_t count)
{
	switch (rows * 4 + samples) {
	case 4 + 1:
		run(sum, sum_stride, w, stride, x, 1, 1, count);
		return;
	case 4 + 2:
		run(sum, sum_stride, w, stride, x, 1, 2, count);
		return;
	case 4 + 3:
		run(sum, sum_stride, w, stride, x, 1, 3, count);
		return;
	case 8 + 1:
		run(sum, sum_stride, w, stride, x, 2, 1, count);
		return;
	case 8 + 2:
		run(sum, sum_stride, w, stride, x, 2, 2, count);
		return;
	default:
		run(sum, sum_stride, w, stride, x, 2, 3, count);
	}
}

AVX512 static void
dense(float *w, float *m, float *v, const float *g, size_t count, const struct hmm_adam *adam)
{
	update(w, m, v, g, count, *adam);
}

AVX512 static void
outer(const struct hmm_outer *o, size_t first_row, size_t rows, size_t first_column, size_t columns,
    const struct hmm_adam *adam)
{
	outer_loop(o, first_row, rows, first_column, columns, adam);
}

AVX512 static void
narrow_forward(float *y, const float *w, const float *x, const float *bias, size_t rows)
{
	narrow_forward_loop(y, w, x, bias, rows);
}

AVX512 static void
narrow_outer(
    const struct hmm_outer *o, float *lanes, size_t first, size_t rows, const struct hmm_adam *adam)
{
	narrow_loop(o, lanes, first, rows, adam);
}

const struct hmm_variant hmm_variant_avx512 = {dot, dense, outer, narrow_forward, narrow_outer};

#else

/* Never chosen there. */
const struct hmm_variant hmm_variant_avx512 = {0};

#endif
