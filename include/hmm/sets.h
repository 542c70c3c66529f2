/* The epochs of a model that learns from sets of images, a set a sample. */
#ifndef HMM_SETS_H
#define HMM_SETS_H

#include "hmm/train.h"

/* One sample: a subject's images, or a single one. */
struct hmm_set {
	const struct hmm_sample *image; /* sorted by modality */
	size_t count;                   /* 1 or more */
	const char *subject;
	int label;
	double weight; /* of the loss of its label */
};

/* A model. `place` names the epoch and the set, for what is drawn at random. */
struct hmm_set_learner {
	void *self;
	struct hmm_pool *pool;
	/* Add the gradients times `scale`; *loss: the loss. 0, or -1 reported. */
	int (*learn)(void *self, const struct hmm_set *set, double scale, const struct hmm_place *place,
	    double *loss);
	/* The logit as evaluation has it. 0, or -1 reported. */
	int (*predict)(void *self, const struct hmm_set *set, double *logit);
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
