#include "hmm/learn/frozen.h"

#include <stdlib.h>

#include "hmm/kernel/matmul.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/transpose.h"

/* Positions at a time; the padding keeps their rows from one set of the cache. */
enum { ROWS = 4 * HMM_TILE_ROWS, PADDING = 16 };

static size_t
stride_of(const struct hmm_frozen *frozen)
{
	return frozen->phi->channels + PADDING;
}

int
hmm_frozen_open(struct hmm_frozen *frozen, struct hmm_phi *phi, struct hmm_pool *pool)
{
	*frozen = (struct hmm_frozen){.phi = phi};
	frozen->weights = hmm_alloc(phi->modalities, sizeof(*frozen->weights));
	frozen->scratch = hmm_alloc(hmm_pool_threads(pool), sizeof(*frozen->scratch));
	if (!frozen->weights || !frozen->scratch)
		return -1;
	for (; frozen->threads < hmm_pool_threads(pool); frozen->threads++)
		if (!(frozen->scratch[frozen->threads] =
		            hmm_alloc_raw(2 * ROWS * stride_of(frozen), sizeof(float))))
			return -1;
	return 0;
}

void
hmm_frozen_close(struct hmm_frozen *frozen)
{
	for (size_t m = 0; frozen->weights && m < frozen->phi->modalities; m++)
		free(frozen->weights[m]);
	for (size_t t = 0; t < frozen->threads; t++)
		free(frozen->scratch[t]);
	free(frozen->weights);
	free(frozen->scratch);
	*frozen = (struct hmm_frozen){0};
}

int
hmm_frozen_ready(struct hmm_frozen *frozen, struct hmm_pool *pool, size_t modality)
{
	const size_t channels = frozen->phi->channels;
	if (frozen->weights[modality])
		return 0;
	float *packed = hmm_alloc_raw(hmm_tile_packed_size(channels, channels), sizeof(float));
	if (!packed)
		return -1;
	hmm_phi_generate(frozen->phi, pool, modality);
	hmm_tile_pack(packed, frozen->phi->generated, channels, channels, 1, channels);
	frozen->weights[modality] = packed;
	return 0;
}

void
hmm_frozen_apply(const struct hmm_frozen *frozen, float *x, size_t modality, size_t thread)
{
	const struct hmm_phi *phi = frozen->phi;
	const size_t channels = phi->channels, positions = phi->positions;
	const size_t stride = stride_of(frozen);
	const float *bias = phi->every + modality * phi->output_weight.rows + channels * channels;
	float *in = frozen->scratch[thread], *out = in + ROWS * stride;
	for (size_t s = 0; s < positions; s += ROWS) {
		const size_t rows = positions - s < ROWS ? positions - s : ROWS;
		hmm_transpose(in, stride, x + s, positions, channels, rows);
		hmm_matmul(out, stride, in, stride, frozen->weights[modality], 0, rows, channels, channels,
		    HMM_START_BIAS, bias);
		hmm_transpose(x + s, positions, out, stride, rows, channels);
	}
}
