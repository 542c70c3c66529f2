/* A trained phi for many blocks: each modality's W(m) is generated and packed once.
 *
 * A product of [positions][channels] and W(m)^T wastes no columns of a tile as
 * that of W(m) and [channels][positions] = 512 x 49 does, and gives the same bits
 * as hmm_phi_apply(). */
#ifndef HMM_FROZEN_H
#define HMM_FROZEN_H

#include "hmm/learn/phi.h"

struct hmm_frozen {
	struct hmm_phi *phi; /* not owned */
	float **weights;     /* [modalities]: W(m)^T packed, or NULL: not wanted so far */
	float **scratch;     /* [threads] */
	size_t threads;
};

/* For a phi that will not change any more, and the threads of a pool. 0, or -1 reported. */
int hmm_frozen_open(struct hmm_frozen *frozen, struct hmm_phi *phi, struct hmm_pool *pool);
void hmm_frozen_close(struct hmm_frozen *frozen);

/* Make W(m) ready, unless it is. 0, or -1 reported. */
int hmm_frozen_ready(struct hmm_frozen *frozen, struct hmm_pool *pool, size_t modality);

/* x [channels][positions] becomes W(m) x + b(m), of a modality that is ready. Different
 * threads may do it at once. */
void hmm_frozen_apply(const struct hmm_frozen *frozen, float *x, size_t modality, size_t thread);

#endif
