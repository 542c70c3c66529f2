#include "hmm/learn/rho.h"

#include <stdlib.h>

#include "hmm/base/memory.h"

int
hmm_rho_open(struct hmm_rho *rho, struct hmm_pool *pool, size_t inputs, const size_t *hidden,
    size_t hidden_count, double dropout)
{
	size_t width[HMM_MLP_LAYERS + 1] = {inputs};
	for (size_t i = 0; i < hidden_count; i++)
		width[i + 1] = hidden[i];
	width[hidden_count + 1] = 1;
	*rho = (struct hmm_rho){.pool = pool};
	if (hmm_mlp_open(&rho->mlp, "rho", width, hidden_count + 1))
		return -1;
	rho->mlp.dropout = dropout;
	return 0;
}

void
hmm_rho_close(struct hmm_rho *rho)
{
	hmm_mlp_close(&rho->mlp);
	free(rho->x);
	free(rho->dlogit);
	*rho = (struct hmm_rho){0};
}

void
hmm_rho_each(void *self, hmm_parameter_visit *visit, void *context)
{
	hmm_mlp_each(&((struct hmm_rho *)self)->mlp, visit, context);
}

/* Room for that many items. 0, or -1 reported. */
static int
reserve(struct hmm_rho *rho, size_t batch)
{
	if (batch <= rho->batch)
		return 0;
	free(rho->x);
	free(rho->dlogit);
	rho->batch = 0;
	rho->x = hmm_alloc(batch, sizeof(*rho->x));
	rho->dlogit = hmm_alloc(batch, sizeof(*rho->dlogit));
	if (!rho->x || !rho->dlogit || hmm_mlp_reserve(&rho->mlp, batch))
		return -1;
	rho->batch = batch;
	return 0;
}

/* The logits of the items; NULL, reported. */
static const float *
forward(struct hmm_rho *rho, const struct hmm_item *const *item, size_t items,
    const struct hmm_place *place)
{
	if (reserve(rho, items))
		return NULL;
	for (size_t b = 0; b < items; b++)
		rho->x[b] = item[b]->image->x;
	return hmm_mlp_forward_batch(&rho->mlp, rho->pool, rho->x, place, items);
}

int
hmm_rho_learn(void *self, const struct hmm_item *const *item, size_t items,
    const struct hmm_place *place, const struct hmm_learner_step *step, double *loss)
{
	struct hmm_rho *rho = self;
	const double scale = 1 / (double)items;
	double sum = 0;
	if (step && step->zero)
		hmm_learner_zero(hmm_rho_each, rho);
	const float *logit = forward(rho, item, items, place);
	for (size_t b = 0; b < items && logit; b++) {
		rho->dlogit[b] = (float)(hmm_learner_slope(item[b], (double)logit[b]) * scale);
		sum += hmm_learner_loss(item[b], (double)logit[b]);
	}
	if (!logit || hmm_mlp_backward_batch(&rho->mlp, rho->pool, rho->dlogit, NULL, items, NULL))
		return -1;
	*loss += sum;
	if (!step)
		return 0;
	if (step->next && hmm_parameter_expect(&rho->mlp.weight[0], step->next->image->x))
		return -1;
	hmm_learner_take(hmm_rho_each, rho, rho->pool, &step->adam);
	return 0;
}

int
hmm_rho_predict(
    void *self, const struct hmm_item *const *item, size_t items, double *logit, double *loss)
{
	const float *scores = forward(self, item, items, NULL);
	for (size_t b = 0; b < items && scores; b++) {
		logit[b] = (double)scores[b];
		loss[b] = hmm_learner_loss(item[b], logit[b]);
	}
	return scores ? 0 : -1;
}

struct hmm_learner
hmm_rho_learner(struct hmm_rho *rho)
{
	return (struct hmm_learner){rho, hmm_rho_learn, hmm_rho_predict, hmm_rho_each, NULL};
}

double
hmm_rho_logit(struct hmm_rho *rho, const float *x)
{
	return (double)hmm_mlp_forward(&rho->mlp, rho->pool, x, NULL);
}
