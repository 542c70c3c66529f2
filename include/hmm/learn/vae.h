/* The Multi-VAE classifier: MVAE (Wu and Goodman, NeurIPS 2018, arXiv 1802.05335)
 * with a linear head on the latent.
 *
 *   q(z | x_m) = N(mu_m, exp(logvar_m))         an encoder a modality
 *   q(z | X)   = product of N(0, 1) and the q(z | x_m) that there are (experts.h)
 *   ELBO(X)    = sum over m of lambda log p(x_m | z) - beta KL(q(z | X), N(0, 1))
 *   log p      = -|x_m - decoder_m(z)|^2 / 2    a Gaussian of variance 1, summed
 *   loss       = -ELBO(X) - sum over m of ELBO({x_m}) + objective(head(z), label)
 *
 * A subject with one modality has one ELBO, not the same twice. beta rises from 0
 * to 1 over the first epochs. Blocks are flat, of modality m channels[m] * positions floats. */
#ifndef HMM_VAE_H
#define HMM_VAE_H

#include "hmm/base/memory.h"
#include "hmm/learn/learner.h"

struct hmm_vae_shape {
	const size_t *channels; /* [modalities] */
	size_t positions, modalities, latents;
	size_t hidden[HMM_MLP_LAYERS], hidden_count; /* of encoders; decoders have them reversed */
	const struct hmm_objective *objective;       /* kept by reference */
};

struct hmm_vae {
	struct hmm_vae_shape shape;
	struct hmm_pool *pool;
	double lambda;                     /* of the reconstruction; 1 unless changed */
	long anneal;                       /* epochs until beta is 1; 0: always 1 */
	struct hmm_mlp *encoder, *decoder; /* [modalities]; an encoder's outputs: mu, logvar */
	struct hmm_mlp head;
	size_t encoders, decoders;
	size_t widest; /* block, in floats */
	/* of the items in hand; L = latents. An ELBO of an item is its joint one, 0, or that
	 * of modality m, 1 + m: [items][1 + modalities]. */
	size_t batch;              /* items there is room for */
	const float **code;        /* [items][modalities]: mu_m [L], logvar_m [L] of an image */
	float *dcode;              /* [modalities][items][2 L]: d loss / d (mu_m, logvar_m) */
	double *mu, *var, *noise;  /* [ELBOs][L]: the posterior, and what was drawn */
	float *z, *dz;             /* [ELBOs][L] */
	const float **in, **image; /* [2 items]: a perceptron's inputs; what is to be rebuilt */
	size_t *elbo;              /* [2 items]: which ELBO a decoder's row is of */
	float *row_dz;             /* [2 items][L] */
	float *drebuilt;           /* [2 items][widest] */
	float *doutput;            /* [items][outputs] */
	double *output, *slope;    /* likewise */
	double *loss;              /* [items]: the objective's */
	const float **expert;      /* [modalities]: the codes of one ELBO, */
	float **dexpert;           /* and where their gradients go */
	double *dmu, *dvar;        /* [L]: d loss / d (mu, var) of one ELBO */
	struct hmm_arena arena;    /* of all these */
};

/* All values 0; the pool and the numbers of channels are kept by reference. 0, or -1 reported. */
int hmm_vae_open(struct hmm_vae *vae, const struct hmm_vae_shape *shape, struct hmm_pool *pool);
void hmm_vae_close(struct hmm_vae *vae);
void hmm_vae_init(struct hmm_vae *vae, uint64_t seed);

/* Outputs at the joint posterior's mean, [items][outputs]; each matrix is read once. 0, or -1
 * reported. */
int hmm_vae_outputs(
    struct hmm_vae *vae, const struct hmm_item *const *item, size_t items, double *output);

/* For hmm_items_predict(). */
int hmm_vae_score(void *vae, const struct hmm_item *item, double *number);

/* See hmm_learner; an item has at most one image of a modality. z is drawn at the item's place,
 * that of a single image's ELBO at the image's stream; all places are of one epoch, which also
 * sets beta. With NULL z is the mean and beta 1. What is predicted is the head's loss alone,
 * which beta does not change. */
struct hmm_learner hmm_vae_learner(struct hmm_vae *vae);
int hmm_vae_learn(void *vae, const struct hmm_item *const *item, size_t items,
    const struct hmm_place *place, const struct hmm_learner_step *step, double *loss);
int hmm_vae_predict(
    void *vae, const struct hmm_item *const *item, size_t items, double *output, double *rest);
void hmm_vae_each(void *vae, hmm_parameter_visit *visit, void *context);

#endif
