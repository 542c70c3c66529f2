#include "hmm/kernel/matmul.h"

#include "hmm/kernel/kernels.h"

void
hmm_matmul(float *out, size_t out_stride, const float *a, size_t a_stride, const float *b,
    size_t first, size_t rows, size_t columns, size_t depth, enum hmm_tile_start start,
    const float *bias)
{
	static const ptrdiff_t none = 0;
	hmm_kernel_tile *const run = hmm_kernels()->tile;
	struct hmm_tile tile = {.out_stride = out_stride,
	    .in_stride = a_stride,
	    .offsets = &none,
	    .taps = 1,
	    .depth = depth,
	    .start = start};
	for (size_t c = 0; c < columns; c += HMM_TILE_COLUMNS)
		for (size_t r = first; r < first + rows; r += HMM_TILE_ROWS) {
			tile.rows = first + rows - r < HMM_TILE_ROWS ? first + rows - r : HMM_TILE_ROWS;
			tile.columns = columns - c < HMM_TILE_COLUMNS ? columns - c : HMM_TILE_COLUMNS;
			tile.out = out + r * out_stride + c;
			tile.in = a + r * a_stride;
			tile.weights = b + c * depth;
			tile.bias = start == HMM_START_BIAS ? bias + c : NULL;
			run(&tile);
		}
}
