/* The Multi-VAE classifier: MVAE (Wu and Goodman, NeurIPS 2018, arXiv 1802.05335)
 * with a linear head on the latent.
 *
 *   q(z | x_m) = N(mu_m, exp(logvar_m))         an encoder a modality
 *   q(z | X)   = product of N(0, 1) and the q(z | x_m) that there are:
 *                T_m = 1 / (exp(logvar_m) + 1e-8), var = 1 / sum T, mu = var sum mu_m T_m
 *   ELBO(X)    = sum over m of lambda log p(x_m | z) - beta KL(q(z | X), N(0, 1))
 *   log p      = -|x_m - decoder_m(z)|^2 / 2    a Gaussian of variance 1, summed
 *   loss       = -ELBO(X) - sum over m of ELBO({x_m}) + BCEWithLogits(head(z), label)
 *
 * A subject with one modality has one ELBO, not the same twice. beta rises from 0
 * to 1 over the first epochs. Blocks are flat, `inputs` floats. */
#ifndef HMM_VAE_H
#define HMM_VAE_H

#include "hmm/base/memory.h"
#include "hmm/learn/sets.h"

struct hmm_vae_shape {
	size_t inputs, modalities, latents;
	size_t hidden[HMM_MLP_LAYERS], hidden_count; /* of encoders; decoders have them reversed */
};

struct hmm_vae {
	struct hmm_vae_shape shape;
	struct hmm_pool *pool;
	double lambda;                     /* of the reconstruction; 1 unless changed */
	long anneal;                       /* epochs until beta is 1; 0: always 1 */
	struct hmm_mlp *encoder, *decoder; /* [modalities]; an encoder's outputs: mu, logvar */
	struct hmm_mlp head;
	size_t encoders, decoders;
	/* of the sets in hand; L = latents. An ELBO of a set is its joint one, 0, or that of
	 * modality m, 1 + m: [sets][1 + modalities]. */
	size_t batch;              /* sets there is room for */
	const float **code;        /* [sets][modalities]: mu_m [L], logvar_m [L] of an image */
	float *dcode;              /* [modalities][sets][2 L]: d loss / d (mu_m, logvar_m) */
	double *mu, *var, *noise;  /* [ELBOs][L]: the posterior, and what was drawn */
	float *z, *dz;             /* [ELBOs][L] */
	const float **in, **image; /* [2 sets]: a perceptron's inputs; what is to be rebuilt */
	size_t *elbo;              /* [2 sets]: which ELBO a decoder's row is of */
	float *row_dz;             /* [2 sets][L] */
	float *drebuilt;           /* [2 sets][inputs] */
	float *dlogit;             /* [sets] */
	struct hmm_arena arena;    /* of all these */
};

/* All values 0; the pool is kept by reference. 0, or -1 reported. */
int hmm_vae_open(struct hmm_vae *vae, const struct hmm_vae_shape *shape, struct hmm_pool *pool);
void hmm_vae_close(struct hmm_vae *vae);
void hmm_vae_init(struct hmm_vae *vae, uint64_t seed);

/* Add the gradients of the loss of a set, with at most one image of a modality,
 * times `scale`; *loss: the loss. z is drawn at `place`, stream 0 for the joint
 * ELBO, 1 + m for that of modality m, whose epoch also sets beta; NULL: z is the
 * mean and beta 1. 0, or -1 reported. */
int hmm_vae_learn(struct hmm_vae *vae, const struct hmm_set *set, double scale,
    const struct hmm_place *place, double *loss);

/* The logit at the joint posterior's mean. */
double hmm_vae_logit(struct hmm_vae *vae, const struct hmm_set *set);

/* The same for a batch; each matrix is read once. */

/* Room for that many sets; 1 from the start. 0, or -1 reported. */
int hmm_vae_reserve(struct hmm_vae *vae, size_t batch);

/* place[sets], of one epoch, or NULL; *loss: the sum. 0, or -1 reported. */
int hmm_vae_learn_batch(struct hmm_vae *vae, const struct hmm_set *const *set, size_t sets,
    double scale, const struct hmm_place *place, double *loss);

void hmm_vae_logit_batch(
    struct hmm_vae *vae, const struct hmm_set *const *set, size_t sets, double *logit);

void hmm_vae_each(void *vae, hmm_parameter_visit *visit, void *context);

/* See hmm_sets_train(): the validation loss is that of the head alone, which beta
 * does not change. */
int hmm_vae_train(struct hmm_vae *vae, const struct hmm_set *train, size_t train_count,
    const struct hmm_set *validation, size_t validation_count,
    const struct hmm_train_options *options,
    void (*report)(void *context, const struct hmm_epoch *epoch), void *report_context);

#endif
