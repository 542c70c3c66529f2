/* Step 2: rho classifies a subject's set latent; phi is frozen, so only rho is
 * trained (paper, section 3.2, eq. 2). */
#ifndef HMM_RHO_H
#define HMM_RHO_H

#include "hmm/learn/train.h"

struct hmm_rho {
	struct hmm_mlp mlp; /* channels * positions -> hidden ... -> 1 */
	struct hmm_pool *pool;
	long steps;
};

/* `hidden` widths between the set latent and the logit. 0, or -1 reported. */
int hmm_rho_open(struct hmm_rho *rho, struct hmm_pool *pool, size_t inputs, const size_t *hidden,
    size_t hidden_count);
void hmm_rho_close(struct hmm_rho *rho);

/* Which sets count. */
struct hmm_rho_options {
	double dropout;
	int subset_loss;      /* 1: train on subsets as well as on full sets */
	int validate_subsets; /* 1: the validation loss is over subsets too */
};

/* Train on set latents. 0, or -1 reported. */
int hmm_rho_train(struct hmm_rho *rho, const struct hmm_sample *train, size_t train_count,
    const struct hmm_sample *validation, size_t validation_count,
    const struct hmm_rho_options *which, const struct hmm_train_options *options,
    void (*report)(void *context, const struct hmm_epoch *epoch), void *report_context);

/* Add the gradient of one sample's weighted BCE loss times `scale` and return
 * the loss; NaN, reported, when memory is short. `place`: see hmm_mlp_forward(). */
double hmm_rho_learn(struct hmm_rho *rho, const struct hmm_sample *sample, double scale,
    const struct hmm_place *place);

/* The logit of one set. */
double hmm_rho_logit(struct hmm_rho *rho, const float *x);

void hmm_rho_each(void *rho, hmm_parameter_visit *visit, void *context);

#endif
