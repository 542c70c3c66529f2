#include "hmm/kernel/tile.h"

#ifdef __x86_64__
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))

/* 16 registers hold 6 x 2 sums, 2 weights and a factor: a tile is done in
 * blocks of 6 rows by 16 columns. */
enum { ROWS = 6, COLUMNS = 16 };

AVX2 static inline __attribute__((always_inline)) void
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
				total[r][half] = _mm256_max_ps(total[r][half], _mm256_setzero_ps());
			_mm256_maskstore_ps(out + r * tile->out_stride + 8 * half, mask[half], total[r][half]);
		}
}

AVX2 void
hmm_tile_avx2(const struct hmm_tile *tile)
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
hmm_tile_avx2(const struct hmm_tile *tile)
{
	hmm_tile_plain(tile);
}

#endif
