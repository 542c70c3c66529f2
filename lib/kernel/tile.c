#include "hmm/kernel/tile.h"

#include <string.h>

#include "hmm/kernel/transpose.h"

size_t
hmm_tile_packed_size(size_t depth, size_t columns)
{
	return (columns + HMM_TILE_COLUMNS - 1) / HMM_TILE_COLUMNS * HMM_TILE_COLUMNS * depth;
}

/* A panel of `wide` columns whose values lie side by side. */
static void
pack_rows(float *packed, const float *in, size_t depth, size_t wide, size_t depth_stride)
{
	for (size_t k = 0; k < depth; k++, packed += HMM_TILE_COLUMNS, in += depth_stride)
		if (wide == HMM_TILE_COLUMNS)
			memcpy(packed, in, HMM_TILE_COLUMNS * sizeof(*in));
		else
			memcpy(packed, in, wide * sizeof(*in));
}

void
hmm_tile_pack(float *packed, const float *in, size_t depth, size_t columns, size_t depth_stride,
    size_t column_stride)
{
	for (size_t first = 0; first < columns; first += HMM_TILE_COLUMNS) {
		const size_t left = columns - first,
		             wide = left < HMM_TILE_COLUMNS ? left : HMM_TILE_COLUMNS;
		const float *from = in + first * column_stride;
		if (wide < HMM_TILE_COLUMNS)
			memset(packed, 0, depth * HMM_TILE_COLUMNS * sizeof(*packed));
		if (column_stride == 1)
			pack_rows(packed, from, depth, wide, depth_stride);
		else
			hmm_transpose(packed, HMM_TILE_COLUMNS, from, column_stride, wide, depth);
		packed += depth * HMM_TILE_COLUMNS;
	}
}
