/* What is trained: a model that learns from items and predicts them, parameter by
 * parameter. */
#ifndef HMM_LEARNER_H
#define HMM_LEARNER_H

#include "hmm/base/random.h"
#include "hmm/learn/items.h"
#include "hmm/learn/mlp.h"

/* One step of a training. */
struct hmm_learner_step {
	struct hmm_adam adam;
	int zero; /* 1: forget the gradients of earlier steps first; 0: add to them */
	const struct hmm_item *next; /* the next step's only item; NULL: not known, or several */
};

/* Visits every parameter of a model, always in the same order. */
typedef void hmm_learner_each(void *self, hmm_parameter_visit *visit, void *context);

struct hmm_learner {
	void *self;
	const struct hmm_objective *objective;

	/* Learn from `items` items at once: the gradients of their mean loss and the step. With
	 * NULL for the step the gradients are added to those there are, and that is all. place[items]
	 * say where to draw what is random; NULL: nothing is. The sum of the losses is added to
	 * *loss. 0, or -1 reported. */
	int (*learn)(void *self, const struct hmm_item *const *item, size_t items,
	    const struct hmm_place *place, const struct hmm_learner_step *step, double *loss);

	/* Outputs [items][objective->outputs], and losses beside the objective's [items], with nothing
	 * random. 0, or -1 reported. */
	int (*predict)(
	    void *self, const struct hmm_item *const *item, size_t items, double *output, double *rest);

	hmm_learner_each *each;

	/* Both add to it what of the losses is a squared error; NULL: nothing is. */
	double *mse;
};

/* Make every parameter ready to be trained. 0, or -1 reported. */
int hmm_learner_prepare(hmm_learner_each *each, void *self);

/* Forget every gradient. */
void hmm_learner_zero(hmm_learner_each *each, void *self);

/* One step of Adam on every parameter that has not taken it; see hmm_parameter_back(). */
void hmm_learner_take(
    hmm_learner_each *each, void *self, struct hmm_pool *pool, const struct hmm_adam *adam);

/* Remember all values; have them again. */
void hmm_learner_keep(hmm_learner_each *each, void *self);
void hmm_learner_restore(hmm_learner_each *each, void *self);
#endif
