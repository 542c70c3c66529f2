/* phi(x | m) = W(m) z + b(m): a 1x1 convolution whose weights a hypernetwork h
 * generates from the modality (paper, section 3.1).
 *
 *   h: Embedding(modalities, 5) -> Linear(5, 20) -> ReLU -> Linear(20, C*C + C)
 *
 * The first C*C outputs are W [out, in] in row-major order, the last C are b. */
#ifndef HMM_PHI_H
#define HMM_PHI_H

#include <stddef.h>

#include "hmm/learn/parameter.h"

enum { HMM_EMBEDDING = 5, HMM_HIDDEN = HMM_NARROW };

struct hmm_phi {
	size_t channels, modalities;
	struct hmm_parameter embedding, hidden_weight, hidden_bias, output_weight, output_bias;
	float *every;  /* [modalities][C*C + C]: W and b, where they were asked for */
	long *made;    /* [modalities]: of which h; 0: never */
	void *dhidden; /* scratch of the backward pass */
	size_t dhidden_capacity;
};

/* A hypernetwork for so many modalities, which are numbers here, and blocks of so many channels,
 * all values 0. 0, or -1 reported. */
int hmm_phi_open(struct hmm_phi *phi, size_t channels, size_t modalities);
void hmm_phi_close(struct hmm_phi *phi);

/* Seeded values: PyTorch's default initialisation, or hyperfan-in (Chang, Flokas, Lipson, ICLR
 * 2020, eq. 8-10), for which W(m) z and b(m) each have half the variance of a plain layer's output:
 * 1 / 2C an entry of W, 1/2 an entry of b. */
enum hmm_phi_start { HMM_HYPERFAN, HMM_PYTORCH };
void hmm_phi_init(struct hmm_phi *phi, enum hmm_phi_start start, uint64_t seed);

/* W(m) [C][C] and behind it b(m) [C], for hmm_conv1x1_forward(); they stay until h changes. */
const float *hmm_phi_generate(struct hmm_phi *phi, struct hmm_pool *pool, size_t modality);

/* Add the gradients of h for d loss / d (W, b) of `count` modalities, dgenerated [count][C*C + C].
 * Unless adam is NULL, every parameter takes this step, the output layer's matrix in the same
 * pass. 0, or -1 reported. */
int hmm_phi_backward(struct hmm_phi *phi, struct hmm_pool *pool, const size_t *modality,
    const float *dgenerated, size_t count, const struct hmm_adam *adam);

void hmm_phi_each(void *phi, hmm_parameter_visit *visit, void *context);

#endif
