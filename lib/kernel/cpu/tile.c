#include "cpu.h"

#include <math.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#if defined(__AVX512F__)

/* `rows` is a constant wherever this is inlined, so the 28 sums stay in
 * registers: 14 x 2 of them, 2 weights, 2 to spare. */
static inline __attribute__((always_inline)) void
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
				total[r][half] = _mm512_max_ps(_mm512_setzero_ps(), total[r][half]);
		_mm512_mask_storeu_ps(out, low, total[r][0]);
		_mm512_mask_storeu_ps(out + 16, high, total[r][1]);
	}
}

void
CPU(hmm_tile)(const struct hmm_tile *tile)
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

#elif defined(__AVX2__) && defined(__FMA__)

/* 16 registers hold 6 x 2 sums, 2 weights and a factor: a tile is done in
 * blocks of 6 rows by 16 columns. */
enum { ROWS = 6, COLUMNS = 16 };

static inline __attribute__((always_inline)) void
run(const struct hmm_tile *tile, size_t row, size_t column, const size_t rows)
{
	float *out = tile->out + row * tile->out_stride + column;
	const size_t columns = tile->columns - column < COLUMNS ? tile->columns - column : COLUMNS;
	__m256i mask[2];
	__m256 total[ROWS][2]; /* in memory: the registers are for `sum` */
	const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
	for (int half = 0; half < 2; half++)
		mask[half] = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)columns - 8 * half), lanes);

	for (size_t r = 0; r < rows; r++)
		for (int half = 0; half < 2; half++) {
			const float *from =
			    tile->start == HMM_START_BIAS ? tile->bias + column : out + r * tile->out_stride;
			total[r][half] = tile->start == HMM_START_ZERO
			                     ? _mm256_setzero_ps()
			                     : _mm256_maskload_ps(from + 8 * half, mask[half]);
		}
	const float *weights = tile->weights + column;
	for (size_t t = 0; t < tile->taps; t++) {
		const float *in = tile->in + tile->offsets[t] + (ptrdiff_t)(row * tile->in_stride);
		__m256 sum[ROWS][2];
#pragma GCC unroll 6
		for (size_t r = 0; r < rows; r++)
			sum[r][0] = sum[r][1] = _mm256_setzero_ps();
		for (size_t k = 0; k < tile->depth; k++, weights += HMM_TILE_COLUMNS) {
			const __m256 w0 = _mm256_loadu_ps(weights), w1 = _mm256_loadu_ps(weights + 8);
#pragma GCC unroll 6
			for (size_t r = 0; r < rows; r++) {
				const __m256 x = _mm256_set1_ps(in[r * tile->in_stride + k]);
				sum[r][0] = _mm256_fmadd_ps(x, w0, sum[r][0]);
				sum[r][1] = _mm256_fmadd_ps(x, w1, sum[r][1]);
			}
		}
#pragma GCC unroll 6
		for (size_t r = 0; r < rows; r++) {
			total[r][0] = _mm256_add_ps(total[r][0], sum[r][0]);
			total[r][1] = _mm256_add_ps(total[r][1], sum[r][1]);
		}
	}
	for (size_t r = 0; r < rows; r++)
		for (int half = 0; half < 2; half++) {
			if (tile->relu)
				total[r][half] = _mm256_max_ps(_mm256_setzero_ps(), total[r][half]);
			_mm256_maskstore_ps(out + r * tile->out_stride + 8 * half, mask[half], total[r][half]);
		}
}

void
CPU(hmm_tile)(const struct hmm_tile *tile)
{
	for (size_t column = 0; column < tile->columns; column += COLUMNS) {
		size_t row = 0;
		for (; row + 6 <= tile->rows; row += 6)
			run(tile, row, column, 6);
		for (; row + 2 <= tile->rows; row += 2)
			run(tile, row, column, 2);
		if (row < tile->rows)
			run(tile, row, column, 1);
	}
}

#else

void
CPU(hmm_tile)(const struct hmm_tile *tile)
{
	for (size_t r = 0; r < tile->rows; r++) {
		float total[HMM_TILE_COLUMNS] = {0};
		float *out = tile->out + r * tile->out_stride;
		for (size_t c = 0; c < tile->columns && tile->start != HMM_START_ZERO; c++)
			total[c] = tile->start == HMM_START_BIAS ? tile->bias[c] : out[c];
		const float *weights = tile->weights;
		for (size_t t = 0; t < tile->taps; t++) {
			const float *in = tile->in + tile->offsets[t] + (ptrdiff_t)(r * tile->in_stride);
			float sum[HMM_TILE_COLUMNS] = {0};
			for (size_t k = 0; k < tile->depth; k++, weights += HMM_TILE_COLUMNS)
				for (int c = 0; c < HMM_TILE_COLUMNS; c++)
					sum[c] = fmaf(in[k], weights[c], sum[c]);
			for (int c = 0; c < HMM_TILE_COLUMNS; c++)
				total[c] += sum[c];
		}
		for (size_t c = 0; c < tile->columns; c++)
			out[c] = tile->relu && total[c] < 0 ? 0 : total[c];
	}
}

#endif
