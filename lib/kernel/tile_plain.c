#include "hmm/kernel/tile.h"

#include <math.h>

void
hmm_tile_plain(const struct hmm_tile *tile)
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
			out[c] = tile->relu && !(total[c] > 0) ? 0 : total[c];
	}
}
