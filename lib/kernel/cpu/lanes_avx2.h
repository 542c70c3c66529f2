/* lanes_avx512.h with AVX2 and FMA. */
#ifndef HMM_LANES_AVX2_H
#define HMM_LANES_AVX2_H

#include <immintrin.h>
#include <stddef.h>

#define LANES static inline __attribute__((always_inline))

enum { LANES_ROWS = 6, LANES_WIDE = 1 };

struct lanes {
	__m256 low, high;
};

LANES struct lanes
lanes_set(float value)
{
	return (struct lanes){_mm256_set1_ps(value), _mm256_set1_ps(value)};
}

LANES struct lanes
lanes_load(const float *from)
{
	return (struct lanes){_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)};
}

LANES void
lanes_store(float *to, struct lanes a)
{
	_mm256_storeu_ps(to, a.low);
	_mm256_storeu_ps(to + 8, a.high);
}

LANES struct lanes
lanes_add(struct lanes a, struct lanes b)
{
	return (struct lanes){_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}

LANES struct lanes
lanes_subtract(struct lanes a, struct lanes b)
{
	return (struct lanes){_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)};
}

LANES struct lanes
lanes_fma(struct lanes a, struct lanes b, struct lanes c)
{
	return (struct lanes){
	    _mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}

LANES struct lanes
lanes_relu(struct lanes a)
{
	const __m256 zero = _mm256_setzero_ps();
	return (struct lanes){_mm256_max_ps(zero, a.low), _mm256_max_ps(zero, a.high)};
}

LANES struct lanes
lanes_max(struct lanes a, struct lanes b)
{
	return (struct lanes){_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}

LANES __m256
lanes_most_half(__m256 a, __m256 b)
{
	return _mm256_castsi256_ps(_mm256_max_epu32(_mm256_castps_si256(a), _mm256_castps_si256(b)));
}

LANES struct lanes
lanes_most(struct lanes a, struct lanes b)
{
	return (struct lanes){lanes_most_half(a.low, b.low), lanes_most_half(a.high, b.high)};
}

LANES struct lanes
lanes_spoil(struct lanes a, struct lanes b, struct lanes c)
{
	return (struct lanes){_mm256_or_ps(a.low, _mm256_cmp_ps(b.low, c.low, _CMP_UNORD_Q)),
	    _mm256_or_ps(a.high, _mm256_cmp_ps(b.high, c.high, _CMP_UNORD_Q))};
}

LANES void
lanes_prefetch(const float *at)
{
	_mm_prefetch(at, _MM_HINT_T1);
}

#endif
