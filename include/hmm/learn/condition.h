/* Step 1: train the hypernetwork on single images with two throw-away heads
 * (paper, section 3.2; METHOD of the code: a 1x1 transposed convolution that
 * reconstructs z, and a classifier).
 *
 *   loss = MSE(z, decoder(phi(z | m))) + BCEWithLogits(classifier(phi(z | m)), label) */
#ifndef HMM_CONDITION_H
#define HMM_CONDITION_H

#include "hmm/base/memory.h"
#include "hmm/learn/conv1x1.h"
#include "hmm/learn/phi.h"
#include "hmm/learn/train.h"

enum { HMM_CLASSIFIER_WIDTH = 512 };

struct hmm_condition {
	struct hmm_phi *phi;
	size_t positions;
	struct hmm_conv1x1_layer decoder; /* ConvTranspose2d(C, C, 1) */
	struct hmm_mlp classifier;        /* C * positions -> 512 -> 1 */
	struct hmm_conv1x1 conv;          /* of phi, of the decoder */
	struct hmm_pool *pool;
	/* of the last forward pass, a row a sample; C = channels, S = positions */
	size_t batch;   /* samples there is room for */
	float *y, *dy;  /* latent [C][S] */
	float *rebuilt; /* reconstruction [C][S]; after the backward pass, its gradient */
	float *dlogit;
	const float **in, **dout; /* blocks that a convolution takes, */
	float **out;              /* and that it makes */
	size_t *modality;         /* those of a batch, each once */
	struct hmm_arena arena;   /* of all these */
	void *dgenerated;         /* [modalities of the batch][C*C + C] */
	size_t dgenerated_capacity;
	long steps; /* taken so far */
};

struct hmm_condition_loss {
	double mse, bce;
};

/* Heads and scratch memory for training phi (kept by reference, as the pool) on blocks of so many
 * positions. 0, or -1 reported. */
int hmm_condition_open(
    struct hmm_condition *condition, struct hmm_phi *phi, size_t positions, struct hmm_pool *pool);
void hmm_condition_close(struct hmm_condition *condition);

/* PyTorch's default initialisation of the heads. */
void hmm_condition_init(struct hmm_condition *condition, uint64_t seed);

/* Both losses of one image. */
struct hmm_condition_loss hmm_condition_forward(
    struct hmm_condition *condition, const struct hmm_sample *sample);

/* Add `scale` times the gradients of the last forward pass. 0, or -1 reported. */
int hmm_condition_backward(
    struct hmm_condition *condition, const struct hmm_sample *sample, double scale);

/* The same for a batch: every matrix is read once, W(m) generated once a modality. */

/* Room for that many samples; 1 from the start. 0, or -1 reported. */
int hmm_condition_reserve(struct hmm_condition *condition, size_t batch);

/* loss has an entry for each sample. */
void hmm_condition_forward_batch(struct hmm_condition *condition,
    const struct hmm_sample *const *sample, struct hmm_condition_loss *loss, size_t samples);

/* Unless adam is NULL, phi and the classifier take this step in the passes that bring the gradients
 * down; hmm_train_step() then steps what is left. */
int hmm_condition_backward_batch(struct hmm_condition *condition,
    const struct hmm_sample *const *sample, double scale, size_t samples,
    const struct hmm_adam *adam);

void hmm_condition_each(void *condition, hmm_parameter_visit *visit, void *context);

/* How step 1 goes through its data. */
enum hmm_condition_order {
	HMM_SHUFFLED,   /* single images in random order, `batch` a step */
	HMM_BY_SUBJECT, /* the paper's code: subject by subject, a step an image, the
	                   gradient zeroed once a subject and so adding up in between */
};

/* Train on samples sorted by subject. 0, or -1 reported. */
int hmm_condition_train(struct hmm_condition *condition, const struct hmm_sample *train,
    size_t train_count, const struct hmm_sample *validation, size_t validation_count,
    enum hmm_condition_order order, const struct hmm_train_options *options,
    void (*report)(void *context, const struct hmm_epoch *epoch), void *report_context);

#endif
