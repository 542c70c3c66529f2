/* The epochs of a model that learns from sets of images, a set a sample. */
#ifndef HMM_SETS_H
#define HMM_SETS_H

#include "hmm/learn/train.h"

/* One sample: a subject's images, or a single one. */
struct hmm_set {
	const struct hmm_sample *image; /* sorted by modality */
	size_t count;                   /* 1 or more */
	const char *subject;
	int label;
	double weight; /* of the loss of its label */
};

/* A model that learns from several sets at once. */
struct hmm_set_learner {
	void *self;
	struct hmm_pool *pool;
	/* Add the gradients of the sets' mean loss; *loss: the sum of their losses. place[sets] name
	 * the epoch and the set, for what is drawn at random. `adam` is the step that follows: see
	 * hmm_mlp_backward_batch(). 0, or -1 reported. */
	int (*learn)(void *self, const struct hmm_set *const *set, size_t sets,
	    const struct hmm_place *place, const struct hmm_adam *adam, double *loss);
	/* logit[sets] as evaluation has them. 0, or -1 reported. */
	int (*predict)(void *self, const struct hmm_set *const *set, size_t sets, double *logit);
	void (*each)(void *self, hmm_parameter_visit *visit, void *context);
};

/* Train with `batch` sets a step, in random order; the validation loss is the
 * weighted cross-entropy of the logits. The parameters are made ready here. 0, or
 * -1 reported. */
int hmm_sets_train(const struct hmm_set_learner *learner, const struct hmm_set *train,
    size_t train_count, const struct hmm_set *validation, size_t validation_count,
    const struct hmm_train_options *options,
    void (*report)(void *context, const struct hmm_epoch *epoch), void *report_context);

#endif
