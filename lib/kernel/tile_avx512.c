#include "hmm/kernel/tile.h"

#ifdef __x86_64__
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f")))

/* `rows` is a constant wherever this is inlined, so the 28 sums stay in
 * registers: 14 x 2 of them, 2 weights, 2 to spare. */
AVX512 static inline __attribute__((always_inline)) void
run(const struct hmm_tile *tile, const size_t rows)
{
	const size_t columns = tile->columns;
	const __mmask16 low = (__mmask16)((1u << (columns < 16 ? columns : 16)) - 1);
	const __mmask16 high = (__mmask16)(columns > 16 ? (1u << (columns - 16)) - 1 : 0);
	__m512 total[HMM_TILE_ROWS][2]; /* in memory: the registers are for `sum` */

	for (size_t r = 0; r < rows; r++) {
		const float *from =
		    tile->start == HMM_START_BIAS ? tile->bias : tile->out + r * tile->out_stride;
		const int zero = tile->start == HMM_START_ZERO;
		total[r][0] = zero ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(low, from);
		total[r][1] = zero ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(high, from + 16);
	}
	const float *weights = tile->weights;
	for (size_t t = 0; t < tile->taps; t++) {
		const float *in = tile->in + tile->offsets[t];
		__m512 sum[HMM_TILE_ROWS][2];
#pragma GCC unroll 14
		for (size_t r = 0; r < rows; r++)
			sum[r][0] = sum[r][1] = _mm512_setzero_ps();
		for (size_t k = 0; k < tile->depth; k++, weights += HMM_TILE_COLUMNS) {
			const __m512 w0 = _mm512_loadu_ps(weights), w1 = _mm512_loadu_ps(weights + 16);
#pragma GCC unroll 14
			for (size_t r = 0; r < rows; r++) {
				const __m512 x = _mm512_set1_ps(in[r * tile->in_stride + k]);
				sum[r][0] = _mm512_fmadd_ps(x, w0, sum[r][0]);
				sum[r][1] = _mm512_fmadd_ps(x, w1, sum[r][1]);
			}
		}
#pragma GCC unroll 14
		for (size_t r = 0; r < rows; r++) {
			total[r][0] = _mm512_add_ps(total[r][0], sum[r][0]);
			total[r][1] = _mm512_add_ps(total[r][1], sum[r][1]);
		}
	}
	for (size_t r = 0; r < rows; r++) {
		float *out = tile->out + r * tile->out_stride;
		for (int half = 0; half < 2; half++)
			if (tile->relu)
				total[r][half] = _mm512_max_ps(total[r][half], _mm512_setzero_ps());
		_mm512_mask_storeu_ps(out, low, total[r][0]);
		_mm512_mask_storeu_ps(out + 16, high, total[r][1]);
	}
}

AVX512 void
hmm_tile_avx512(const struct hmm_tile *tile)
{
	switch (tile->rows) {
	case 14:
		run(tile, 14);
		return;
	case 13:
		run(tile, 13);
		return;
	case 12:
		run(tile, 12);
		return;
	case 11:
		run(tile, 11);
		return;
	case 10:
		run(tile, 10);
		return;
	case 9:
		run(tile, 9);
		return;
	case 8:
		run(tile, 8);
		return;
	case 7:
		run(tile, 7);
		return;
	case 6:
		run(tile, 6);
		return;
	case 5:
		run(tile, 5);
		return;
	case 4:
		run(tile, 4);
		return;
	case 3:
		run(tile, 3);
		return;
	case 2:
		run(tile, 2);
		return;
	default:
		run(tile, 1);
	}
}

#else

void
hmm_tile_avx512(const struct hmm_tile *tile)
{
	hmm_tile_plain(tile);
}

#endif
