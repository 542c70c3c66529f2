#include "hmm/learn/learner.h"

static void
prepare(struct hmm_parameter *parameter, void *context)
{
	if (hmm_parameter_train(parameter))
		*(int *)context = -1;
}

int
hmm_learner_prepare(hmm_learner_each *each, void *self)
{
	int bad = 0;
	each(self, prepare, &bad);
	return bad;
}

static void
zero(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	hmm_parameter_zero(parameter);
}

void
hmm_learner_zero(hmm_learner_each *each, void *self)
{
	each(self, zero, NULL);
}

struct step {
	struct hmm_pool *pool;
	const struct hmm_adam *adam;
};

static void
take(struct hmm_parameter *parameter, void *context)
{
	const struct step *step = context;
	hmm_parameter_step(parameter, step->pool, step->adam);
}

void
hmm_learner_take(
    hmm_learner_each *each, void *self, struct hmm_pool *pool, const struct hmm_adam *adam)
{
	struct step step = {pool, adam};
	each(self, take, &step);
}

static void
keep(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	hmm_parameter_keep(parameter);
}

void
hmm_learner_keep(hmm_learner_each *each, void *self)
{
	each(self, keep, NULL);
}

static void
restore(struct hmm_parameter *parameter, void *context)
{
	(void)context;
	hmm_parameter_restore(parameter);
}

void
hmm_learner_restore(hmm_learner_each *each, void *self)
{
	each(self, restore, NULL);
}
