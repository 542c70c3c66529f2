#include "hmm/tile.h"

static int
has_avx512(void)
{
#ifdef __x86_64__
	return __builtin_cpu_supports("avx512f");
#else
	return 0;
#endif
}

static int
has_avx2(void)
{
#ifdef __x86_64__
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
	return 0;
#endif
}

hmm_tile_run *
hmm_tile_best(void)
{
	return has_avx512() ? hmm_tile_avx512 : has_avx2() ? hmm_tile_avx2 : hmm_tile_plain;
}

const char *
hmm_tile_name(void)
{
	return has_avx512() ? "avx512" : has_avx2() ? "avx2" : "plain";
}

size_t
hmm_tile_packed_size(size_t depth, size_t columns)
{
	return (columns + HMM_TILE_COLUMNS - 1) / HMM_TILE_COLUMNS * HMM_TILE_COLUMNS * depth;
}

void
hmm_tile_pack(float *packed, const float *in, size_t depth, size_t columns, size_t depth_stride,
    size_t column_stride)
{
	for (size_t first = 0; first < columns; first += HMM_TILE_COLUMNS)
		for (size_t k = 0; k < depth; k++)
			for (size_t c = first; c < first + HMM_TILE_COLUMNS; c++)
				*packed++ = c < columns ? in[k * depth_stride + c * column_stride] : 0;
}
