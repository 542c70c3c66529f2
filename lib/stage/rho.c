#include "hmm/rho.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/loss.h"
#include "hmm/memory.h"
#include "hmm/metrics.h"

int
hmm_rho_open(struct hmm_rho *rho, struct hmm_pool *pool, size_t inputs, const size_t *hidden,
    size_t hidden_count)
{
	size_t width[HMM_MLP_LAYERS + 1] = {inputs};
	for (size_t i = 0; i < hidden_count; i++)
		width[i + 1] = hidden[i];
	width[hidden_count + 1] = 1;
	*rho = (struct hmm_rho){.pool = pool};
	return hmm_mlp_open(&rho->mlp, "rho", width, hidden_count + 1);
}

void
hmm_rho_close(struct hmm_rho *rho)
{
	hmm_mlp_close(&rho->mlp);
}

void
hmm_rho_each(void *self, hmm_parameter_visit *visit, void *context)
{
	hmm_mlp_each(&((struct hmm_rho *)self)->mlp, visit, context);
}

double
hmm_rho_logit(struct hmm_rho *rho, const float *x)
{
	return (double)hmm_mlp_forward(&rho->mlp, rho->pool, x, NULL);
}

double
hmm_rho_learn(struct hmm_rho *rho, const struct hmm_sample *sample, double scale,
    const struct hmm_place *place)
{
	const double logit = (double)hmm_mlp_forward(&rho->mlp, rho->pool, sample->x, place);
	const double slope = hmm_loss_bce_gradient(logit, sample->label) * sample->weight * scale;
	if (hmm_mlp_backward(&rho->mlp, rho->pool, (float)slope, NULL))
		return (double)NAN;
	return hmm_loss_bce(logit, sample->label) * sample->weight;
}

struct run {
	struct hmm_rho *rho;
	const struct hmm_sample *train, *validation;
	size_t train_count, validation_count;
	const struct hmm_rho_options *which;
	const struct hmm_train_options *options;
	size_t *used, *shuffled; /* indices of the training samples that count */
	size_t used_count;
	struct hmm_scored *scored; /* validation */
};

static int
train_epoch(void *self, long epoch, double learning_rate, double *loss)
{
	struct run *run = self;
	const struct hmm_train_options *options = run->options;
	const size_t batch = (size_t)options->batch;
	struct hmm_place place = {.seed = options->seed, .epoch = (uint32_t)epoch};
	hmm_random_shuffle(run->shuffled, run->used_count, place);
	*loss = 0;
	for (size_t i = 0; i < run->used_count; i += batch) {
		const size_t left = run->used_count - i, size = left < batch ? left : batch;
		hmm_train_zero(run->rho, hmm_rho_each);
		for (size_t j = i; j < i + size; j++) {
			const struct hmm_sample *sample = &run->train[run->used[run->shuffled[j]]];
			place.subject = hmm_random_name(sample->subject);
			const double one = hmm_rho_learn(run->rho, sample, 1 / (double)size, &place);
			if (isnan(one))
				return -1;
			*loss += one;
		}
		hmm_train_step(run->rho->pool, ++run->rho->steps, learning_rate, options->weight_decay,
		    run->rho, hmm_rho_each);
	}
	*loss /= (double)run->used_count;
	return 0;
}

static int
validate(void *self, double *loss, double *auc)
{
	struct run *run = self;
	size_t whole = 0, counted = 0;
	*loss = 0;
	for (size_t i = 0; i < run->validation_count; i++) {
		const struct hmm_sample *sample = &run->validation[i];
		if (!sample->whole && !run->which->validate_subsets)
			continue;
		const double logit = hmm_rho_logit(run->rho, sample->x);
		*loss += hmm_loss_bce(logit, sample->label) * sample->weight;
		counted++;
		if (sample->whole)
			run->scored[whole++] = (struct hmm_scored){logit, sample->label, 1, 0};
	}
	*loss /= (double)counted;
	hmm_metrics_sort(run->scored, whole);
	*auc = hmm_metrics_auc(run->scored, whole);
	return 0;
}

static void
each(void *self, hmm_parameter_visit *visit, void *context)
{
	hmm_rho_each(((struct run *)self)->rho, visit, context);
}

int
hmm_rho_train(struct hmm_rho *rho, const struct hmm_sample *train, size_t train_count,
    const struct hmm_sample *validation, size_t validation_count,
    const struct hmm_rho_options *which, const struct hmm_train_options *options,
    void (*report)(void *context, const struct hmm_epoch *epoch), void *report_context)
{
	struct run run = {.rho = rho,
	    .train = train,
	    .validation = validation,
	    .train_count = train_count,
	    .validation_count = validation_count,
	    .which = which,
	    .options = options};
	const struct hmm_learner learner = {&run, train_epoch, validate, each, report, report_context};
	run.used = hmm_alloc(train_count, sizeof(*run.used));
	run.shuffled = hmm_alloc(train_count, sizeof(*run.shuffled));
	run.scored = hmm_alloc(validation_count, sizeof(*run.scored));
	int bad = !run.used || !run.shuffled || !run.scored;
	for (size_t i = 0; i < train_count && !bad; i++)
		if (train[i].whole || which->subset_loss)
			run.used[run.used_count++] = i;
	rho->mlp.dropout = which->dropout;
	bad = bad || hmm_mlp_train(&rho->mlp) || hmm_train(&learner, options);
	free(run.used);
	free(run.shuffled);
	free(run.scored);
	return bad ? -1 : 0;
}
