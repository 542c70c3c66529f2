/* phi(x | m) = W(m) z + b(m): a 1x1 convolution whose weights a hypernetwork h
 * generates from the modality (paper, section 3.1).
 *
 *   h: Embedding(modalities, 5) -> Linear(5, 20) -> ReLU -> Linear(20, C*C + C)
 *
 * The first C*C outputs are W [out, in] in row-major order, the last C are b.
 * Feature blocks are (channels, height, width) = [channels][positions]. */
#ifndef HMM_PHI_H
#define HMM_PHI_H

#include <stddef.h>

#include "hmm/learn/mlp.h"

enum { HMM_EMBEDDING = 5, HMM_HIDDEN = HMM_NARROW };

struct hmm_phi {
	size_t channels, modalities;
	char **modality; /* their names; the index is the embedding's row */
	struct hmm_parameter embedding, hidden_weight, hidden_bias, output_weight, output_bias;
	float *hidden;    /* [20] after ReLU, of the modality generated last */
	float *generated; /* [C*C + C]: W and b of that modality, in `every` */
	long current;     /* that modality, or -1 */
	float *every;     /* [modalities][C*C + C]: of those that are made */
	char *made;       /* [modalities] */
	float *packed;    /* [channels x positions] packed for the product */
	size_t positions;
	void *dhidden; /* scratch of the backward pass */
	size_t dhidden_capacity;
};

/* A hypernetwork for these modalities (names are copied) and blocks of channels
 * x positions, all values 0. 0, or -1 reported. */
int hmm_phi_open(struct hmm_phi *phi, size_t channels, size_t positions,
    const char *const *modality, size_t modalities);
void hmm_phi_close(struct hmm_phi *phi);

/* A trained model: `modality` are the names that its file gives. */
int hmm_phi_load(struct hmm_phi *phi, const struct hmm_weight *weight, size_t count);

/* Seeded values: PyTorch's default initialisation, or hyperfan-in (Chang, Flokas, Lipson, ICLR
 * 2020, eq. 8-10), for which W(m) has the variance 1/C of a plain layer. */
enum hmm_phi_start { HMM_HYPERFAN, HMM_PYTORCH };
void hmm_phi_init(struct hmm_phi *phi, enum hmm_phi_start start, uint64_t seed);

/* The index of a modality; -1, reported with the known names, when unknown. */
long hmm_phi_find(const struct hmm_phi *phi, const char *modality);

/* h has changed: forget what it generated. */
void hmm_phi_changed(struct hmm_phi *phi);

/* Generate W(m) and b(m) unless they are there already. */
void hmm_phi_generate(struct hmm_phi *phi, struct hmm_pool *pool, size_t modality);

/* y = W(m) z + b(m) for the modality generated last. */
void hmm_phi_apply(struct hmm_phi *phi, struct hmm_pool *pool, float *y, const float *z);

/* Add the gradients of h for d loss / d (W, b), [C*C + C], of the modality
 * generated last. 0, or -1 reported. */
int hmm_phi_backward(struct hmm_phi *phi, struct hmm_pool *pool, const float *dgenerated);

/* The same for several modalities, whichever was generated last: dgenerated is [count][C*C + C].
 * When adam is not NULL, the output layer's matrix takes this step in the same pass, and the
 * hmm_train_step() that must follow leaves it alone. */
int hmm_phi_backward_each(struct hmm_phi *phi, struct hmm_pool *pool, const size_t *modality,
    const float *dgenerated, size_t count, const struct hmm_adam *adam);

void hmm_phi_each(struct hmm_phi *phi, hmm_parameter_visit *visit, void *context);

#endif
