/* Step 2: rho classifies a subject's set latent; phi is frozen, so only rho is
 * trained (paper, section 3.2, eq. 2). */
#ifndef HMM_RHO_H
#define HMM_RHO_H

#include "hmm/learn/learner.h"

struct hmm_rho {
	struct hmm_mlp mlp; /* channels * positions -> hidden ... -> outputs */
	const struct hmm_objective *objective;
	struct hmm_pool *pool;
	/* of the items in hand */
	size_t batch; /* items there is room for */
	const float **x;
	double *output, *slope, *loss; /* [batch][outputs], and of each item */
	float *doutput;
};

/* `hidden` widths between the set latent and the outputs, `dropout` after each; the objective is
 * kept by reference. 0, or -1 reported. */
int hmm_rho_open(struct hmm_rho *rho, struct hmm_pool *pool, const struct hmm_objective *objective,
    size_t inputs, const size_t *hidden, size_t hidden_count, double dropout);
void hmm_rho_close(struct hmm_rho *rho);

/* See hmm_learner; an item's one block is its set latent. */
struct hmm_learner hmm_rho_learner(struct hmm_rho *rho);
int hmm_rho_learn(void *rho, const struct hmm_item *const *item, size_t items,
    const struct hmm_place *place, const struct hmm_learner_step *step, double *loss);
int hmm_rho_predict(
    void *rho, const struct hmm_item *const *item, size_t items, double *output, double *rest);
void hmm_rho_each(void *rho, hmm_parameter_visit *visit, void *context);

/* The outputs of one set latent. */
void hmm_rho_outputs(struct hmm_rho *rho, double *output, const float *x);
/* The first one, which is the binary target's logit. */
double hmm_rho_logit(struct hmm_rho *rho, const float *x);

#endif
