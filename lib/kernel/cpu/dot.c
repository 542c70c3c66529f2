#include "cpu.h"

#include <math.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

#if defined(__AVX512F__)

/* `rows` and `samples` are constants wherever this is inlined, so up to 24 sums
 * stay in registers. */
INLINE void
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
				total[r][b][i] = _mm512_loadu_ps(sum + r * sum_stride + b * HMM_DOT_LANES + 16 * i);
	for (size_t c = 0; c < count; c += HMM_DOT_LANES)
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
				_mm512_storeu_ps(sum + r * sum_stride + b * HMM_DOT_LANES + 16 * i, total[r][b][i]);
}

void
CPU(hmm_dot)(float *sum, size_t sum_stride, const float *w, size_t stride, const float *const *x,
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

#elif defined(__AVX2__) && defined(__FMA__)

/* One dot product's 64 sums are 8 registers of the 16. */
INLINE void
run(float *sum, const float *w, const float *x, size_t count)
{
	__m256 total[8];
#pragma GCC unroll 8
	for (size_t i = 0; i < 8; i++)
		total[i] = _mm256_loadu_ps(sum + 8 * i);
	for (size_t c = 0; c < count; c += HMM_DOT_LANES)
#pragma GCC unroll 8
		for (size_t i = 0; i < 8; i++)
			total[i] = _mm256_fmadd_ps(
			    _mm256_loadu_ps(w + c + 8 * i), _mm256_loadu_ps(x + c + 8 * i), total[i]);
#pragma GCC unroll 8
	for (size_t i = 0; i < 8; i++)
		_mm256_storeu_ps(sum + 8 * i, total[i]);
}

void
CPU(hmm_dot)(float *sum, size_t sum_stride, const float *w, size_t stride, const float *const *x,
    size_t rows, size_t samples, size_t count)
{
	for (size_t r = 0; r < rows; r++)
		for (size_t b = 0; b < samples; b++)
			run(sum + r * sum_stride + b * HMM_DOT_LANES, w + r * stride, x[b], count);
}

#else

void
CPU(hmm_dot)(float *sum, size_t sum_stride, const float *w, size_t stride, const float *const *x,
    size_t rows, size_t samples, size_t count)
{
	for (size_t r = 0; r < rows; r++)
		for (size_t b = 0; b < samples; b++)
			for (size_t c = 0; c < count; c++) {
				float *lane = sum + r * sum_stride + b * HMM_DOT_LANES + c % HMM_DOT_LANES;
				*lane = fmaf(w[r * stride + c], x[b][c], *lane);
			}
}

#endif
