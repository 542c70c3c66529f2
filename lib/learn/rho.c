#include "hmm/learn/rho.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"

int
hmm_rho_open(struct hmm_rho *rho, struct hmm_pool *pool, const struct hmm_objective *objective,
    size_t inputs, const size_t *hidden, size_t hidden_count, double dropout)
{
	size_t width[HMM_MLP_LAYERS + 1] = {inputs};
	for (size_t i = 0; i < hidden_count; i++)
		width[i + 1] = hidden[i];
	width[hidden_count + 1] = objective->outputs;
	*rho = (struct hmm_rho){.objective = objective, .pool = pool};
	if (hmm_mlp_open(&rho->mlp, "rho", width, hidden_count + 1))
		return -1;
	rho->mlp.dropout = dropout;
	return 0;
}

static void
free_items(struct hmm_rho *rho)
{
	free(rho->x);
	free(rho->output);
	free(rho->slope);
	free(rho->loss);
	free(rho->doutput);
	rho->x = NULL;
	rho->output = rho->slope = rho->loss = NULL;
	rho->doutput = NULL;
}

void
hmm_rho_close(struct hmm_rho *rho)
{
	hmm_mlp_close(&rho->mlp);
	free_items(rho);
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
	const size_t outputs = rho->objective->outputs;
	free_items(rho);
	rho->batch = 0;
	rho->x = hmm_alloc(batch, sizeof(*rho->x));
	rho->output = hmm_alloc(batch, outputs * sizeof(*rho->output));
	rho->slope = hmm_alloc(batch, outputs * sizeof(*rho->slope));
	rho->loss = hmm_alloc(batch, sizeof(*rho->loss));
	rho->doutput = hmm_alloc(batch, outputs * sizeof(*rho->doutput));
	if (!rho->x || !rho->output || !rho->slope || !rho->loss || !rho->doutput ||
	    hmm_mlp_reserve(&rho->mlp, batch))
		return -1;
	rho->batch = batch;
	return 0;
}

/* output[items][outputs], for which there is room. */
static void
forward(struct hmm_rho *rho, double *output, const struct hmm_item *const *item, size_t items,
    const struct hmm_place *place)
{
	for (size_t b = 0; b < items; b++)
		rho->x[b] = item[b]->image->x;
	const float *scores = hmm_mlp_forward_batch(&rho->mlp, rho->pool, rho->x, place, items);
	for (size_t i = 0; i < items * rho->objective->outputs; i++)
		output[i] = (double)scores[i];
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
	if (reserve(rho, items))
		return -1;
	forward(rho, rho->output, item, items, place);
	if (hmm_objective_losses(rho->objective, item, items, rho->output, rho->loss, rho->slope))
		return -1;
	for (size_t i = 0; i < items * rho->objective->outputs; i++)
		rho->doutput[i] = (float)(rho->slope[i] * scale);
	for (size_t b = 0; b < items; b++)
		sum += rho->loss[b];
	if (hmm_mlp_backward_batch(&rho->mlp, rho->pool, rho->doutput, NULL, items, NULL))
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
    void *self, const struct hmm_item *const *item, size_t items, double *output, double *rest)
{
	struct hmm_rho *rho = self;
	if (reserve(rho, items))
		return -1;
	forward(rho, output, item, items, NULL);
	memset(rest, 0, items * sizeof(*rest));
	return 0;
}

struct hmm_learner
hmm_rho_learner(struct hmm_rho *rho)
{
	return (struct hmm_learner){
	    rho, rho->objective, hmm_rho_learn, hmm_rho_predict, hmm_rho_each, NULL};
}

void
hmm_rho_outputs(struct hmm_rho *rho, double *output, const float *x)
{
	const float *scores = hmm_mlp_forward_batch(&rho->mlp, rho->pool, &x, NULL, 1);
	for (size_t k = 0; k < rho->objective->outputs; k++)
		output[k] = (double)scores[k];
}

double
hmm_rho_logit(struct hmm_rho *rho, const float *x)
{
	return (double)hmm_mlp_forward(&rho->mlp, rho->pool, x, NULL);
}
