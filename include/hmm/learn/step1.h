/* Step 1: train the hypernetwork on single images with two throw-away heads
 * (paper, section 3.2; METHOD of the code: a 1x1 transposed convolution that
 * reconstructs z, and a perceptron that predicts the label). A modality of fewer channels than
 * others is reconstructed in its own.
 *
 *   loss = MSE(z, decoder(phi(z | m))) + objective(classifier(phi(z | m)), label)
 *
 * In the paper the objective is BCEWithLogits. */
#ifndef HMM_STEP1_H
#define HMM_STEP1_H

#include "hmm/base/memory.h"
#include "hmm/learn/conv1x1.h"
#include "hmm/learn/learner.h"
#include "hmm/learn/phi.h"

struct hmm_step1 {
	struct hmm_phi *phi;
	const struct hmm_objective *objective;
	size_t positions;
	struct hmm_conv1x1_layer decoder; /* ConvTranspose2d(L, C, 1) */
	struct hmm_mlp classifier;        /* L * positions -> hidden -> outputs */
	struct hmm_conv1x1 conv;          /* of phi, of the decoder */
	struct hmm_pool *pool;
	/* of the last forward pass, a row an item; c = its channels of at most C, S = positions */
	size_t batch;           /* items there is room for */
	float *y, *dy;          /* latent [L][S] */
	float *rebuilt;         /* reconstruction [c][S]; after the backward pass, its gradient */
	float *doutput;         /* [outputs] */
	double *output, *slope; /* likewise */
	double *loss;           /* the objective's; the reconstruction's in */
	double *squared;
	double mse;               /* of the items so far, see hmm_learner */
	const float **in, **dout; /* blocks that a convolution takes, */
	float **out;              /* and that it makes */
	size_t *modality;         /* those of a batch, each once */
	struct hmm_arena arena;   /* of all these */
	void *dgenerated;         /* [modalities of the batch][L*C + L] */
	size_t dgenerated_capacity;
};

/* Heads and scratch memory for training phi (kept by reference, as objective and pool) on blocks of
 * so many positions, with a classifier of these hidden layers. 0, or -1 reported. */
int hmm_step1_open(struct hmm_step1 *step1, struct hmm_phi *phi,
    const struct hmm_objective *objective, size_t positions, const size_t *hidden, size_t layers,
    struct hmm_pool *pool);
void hmm_step1_close(struct hmm_step1 *step1);

/* PyTorch's default initialisation of the heads. 0, or -1 reported. */
int hmm_step1_init(struct hmm_step1 *step1, uint64_t seed);

/* step1->output, and step1->squared, the reconstruction's loss of every item, which is one image.
 * Every matrix is read once, W(m) generated once a modality. 0, or -1 reported. */
int hmm_step1_forward(struct hmm_step1 *step1, const struct hmm_item *const *item, size_t items);

/* See hmm_learner; nothing is drawn at random. */
struct hmm_learner hmm_step1_learner(struct hmm_step1 *step1);
int hmm_step1_learn(void *step1, const struct hmm_item *const *item, size_t items,
    const struct hmm_place *place, const struct hmm_learner_step *step, double *loss);
int hmm_step1_predict(
    void *step1, const struct hmm_item *const *item, size_t items, double *output, double *rest);
void hmm_step1_each(void *step1, hmm_parameter_visit *visit, void *context);

#endif
