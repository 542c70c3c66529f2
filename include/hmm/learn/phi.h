/* phi(x | m) = W(m) z + b(m): a 1x1 convolution whose weights a hypernetwork h
 * generates from the modality (paper, section 3.1).
 *
 *   h: Embedding(modalities, 5) -> Linear(5, 20) -> ReLU -> Linear(20, L*C + L)
 *
 * The first L*C outputs are W [out][in] in row-major order, the last L are b; in the paper L = C.
 *
 * C is the most channels that a modality has. One that has fewer, c of them, takes the first c
 * columns of W times sqrt(C / c): so each is started at its own width, and what comes of a modality
 * has the same scale, whatever others there are. */
#ifndef HMM_PHI_H
#define HMM_PHI_H

#include <stddef.h>

#include "hmm/learn/conv1x1.h"

enum { HMM_EMBEDDING = 5, HMM_HIDDEN = HMM_NARROW };

struct hmm_phi {
	size_t latent, channels, modalities;
	size_t *own; /* [modalities]: channels of each */
	struct hmm_parameter embedding, hidden_weight, hidden_bias, output_weight, output_bias;
	float *every;  /* [modalities][L*C + L]: W and b, where they were asked for */
	float *spread; /* [L*C + L]: gradients of W and b among those of all channels */
	long *made;    /* [modalities]: of which h; 0: never */
	void *dhidden; /* scratch of the backward pass */
	size_t dhidden_capacity;
};

/* A hypernetwork for so many modalities, which are numbers here, blocks of so many channels each,
 * and latents of so many, all values 0. 0, or -1 reported. */
int hmm_phi_open(struct hmm_phi *phi, size_t latent, const size_t *channels, size_t modalities);
void hmm_phi_close(struct hmm_phi *phi);

/* Seeded values: PyTorch's default initialisation, or hyperfan-in (Chang, Flokas, Lipson, ICLR
 * 2020, eq. 8-10), for which W(m) z and b(m) each have half the variance of a plain layer's output:
 * 1 / 2c an entry of W, 1/2 an entry of b. */
enum hmm_phi_start { HMM_HYPERFAN, HMM_PYTORCH };
void hmm_phi_init(struct hmm_phi *phi, enum hmm_phi_start start, uint64_t seed);

/* W(m) [L][c] and b(m) [L], for hmm_conv1x1_forward(); they stay until h changes. */
struct hmm_matrix hmm_phi_generate(struct hmm_phi *phi, struct hmm_pool *pool, size_t modality);

/* Where the gradients of a modality, the k-th of several, lie: of W(m) [L][c], behind them of b(m)
 * [L]. */
static inline float *
hmm_phi_dweight(const struct hmm_phi *phi, float *dgenerated, size_t k)
{
	return dgenerated + k * (phi->latent * phi->channels + phi->latent);
}

/* Add the gradients of h for those of `count` modalities, see hmm_phi_dweight().
 * Unless adam is NULL, every parameter takes this step, the output layer's matrix in the same
 * pass. 0, or -1 reported. */
int hmm_phi_backward(struct hmm_phi *phi, struct hmm_pool *pool, const size_t *modality,
    float *dgenerated, size_t count, const struct hmm_adam *adam);

void hmm_phi_each(void *phi, hmm_parameter_visit *visit, void *context);

#endif
