/* Sixteen floats side by side, with AVX-512F. The same operations stand in
 * lanes_avx2.h and lanes_plain.h, with the same results to the bit. */
#ifndef HMM_LANES_AVX512_H
#define HMM_LANES_AVX512_H

#include <immintrin.h>
#include <stddef.h>

#define LANES static inline __attribute__((always_inline))

/* Sums that fit the registers beside what goes into them: rows, times so many lanes. */
enum { LANES_ROWS = 14, LANES_WIDE = 2 };

struct lanes {
	__m512 v;
};

LANES struct lanes
lanes_set(float value)
{
	return (struct lanes){_mm512_set1_ps(value)};
}

LANES struct lanes
lanes_load(const float *from)
{
	return (struct lanes){_mm512_loadu_ps(from)};
}

LANES void
lanes_store(float *to, struct lanes a)
{
	_mm512_storeu_ps(to, a.v);
}

LANES struct lanes
lanes_add(struct lanes a, struct lanes b)
{
	return (struct lanes){_mm512_add_ps(a.v, b.v)};
}

LANES struct lanes
lanes_subtract(struct lanes a, struct lanes b)
{
	return (struct lanes){_mm512_sub_ps(a.v, b.v)};
}

/* a * b + c, rounded once */
LANES struct lanes
lanes_fma(struct lanes a, struct lanes b, struct lanes c)
{
	return (struct lanes){_mm512_fmadd_ps(a.v, b.v, c.v)};
}

/* a < 0 ? 0 : a: what is no number stays so */
LANES struct lanes
lanes_relu(struct lanes a)
{
	return (struct lanes){_mm512_max_ps(_mm512_setzero_ps(), a.v)};
}

/* a > b ? a : b: the first is lost where it is no number */
LANES struct lanes
lanes_max(struct lanes a, struct lanes b)
{
	return (struct lanes){_mm512_max_ps(a.v, b.v)};
}

/* The greater of two that are no less than 0, or no numbers, which are the greatest: so have
 * their bits it. For -0 it is wrong. */
LANES struct lanes
lanes_most(struct lanes a, struct lanes b)
{
	return (struct lanes){
	    _mm512_castsi512_ps(_mm512_max_epu32(_mm512_castps_si512(a.v), _mm512_castps_si512(b.v)))};
}

/* a, or no number where b or c is none */
LANES struct lanes
lanes_spoil(struct lanes a, struct lanes b, struct lanes c)
{
	const __mmask16 none = _mm512_cmp_ps_mask(b.v, c.v, _CMP_UNORD_Q);
	return (struct lanes){
	    _mm512_mask_mov_ps(a.v, none, _mm512_castsi512_ps(_mm512_set1_epi32(-1)))};
}

/* Bring a line into the L2 cache that will be wanted soon. */
LANES void
lanes_prefetch(const float *at)
{
	_mm_prefetch(at, _MM_HINT_T1);
}

#endif
