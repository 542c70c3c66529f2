#include "hmm/learn/rho.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/kernel/loss.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/metrics.h"

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

/* Samples of training or of validation. */
struct batch {
	const struct hmm_sample **sample;
	const float **x;
	struct hmm_place *place;
	float *dlogit;
};

/* Add the gradients of a batch's mean loss times `scale` and return the sum of the losses; NaN,
 * reported, when memory is short. */
static double
learn(struct hmm_rho *rho, const struct batch *batch, double scale, const struct hmm_place *place,
    size_t samples)
{
	double sum = 0;
	const float *logit = hmm_mlp_forward_batch(&rho->mlp, rho->pool, batch->x, place, samples);
	for (size_t b = 0; b < samples; b++) {
		const struct hmm_sample *sample = batch->sample[b];
		const double slope = hmm_loss_bce_gradient((double)logit[b], sample->label);
		batch->dlogit[b] = (float)(slope * sample->weight * scale);
		sum += hmm_loss_bce((double)logit[b], sample->label) * sample->weight;
	}
	if (hmm_mlp_backward_batch(&rho->mlp, rho->pool, batch->dlogit, NULL, samples, NULL))
		return (double)NAN;
	return sum;
}

double
hmm_rho_learn(struct hmm_rho *rho, const struct hmm_sample *sample, double scale,
    const struct hmm_place *place)
{
	float dlogit;
	const struct batch batch = {
	    &sample, (const float **)&(const float *){sample->x}, NULL, &dlogit};
	return learn(rho, &batch, scale, place, 1);
}

struct run {
	struct hmm_rho *rho;
	const struct hmm_sample *train, *validation;
	size_t train_count, validation_count;
	const struct hmm_rho_options *which;
	const struct hmm_train_options *options;
	size_t *used, *shuffled; /* indices of the training samples that count */
	size_t used_count;
	struct batch batch;
	struct hmm_scored *scored; /* validation */
};

static const struct hmm_sample *
shuffled_sample(const struct run *run, size_t i)
{
	return &run->train[run->used[run->shuffled[i]]];
}

static int
train_epoch(void *self, long epoch, double learning_rate, double *loss)
{
	struct run *run = self;
	struct hmm_rho *rho = run->rho;
	const struct hmm_train_options *options = run->options;
	const size_t batch = (size_t)options->batch, count = run->used_count;
	const struct hmm_place place = {.seed = options->seed, .epoch = (uint32_t)epoch};
	hmm_random_shuffle(run->shuffled, count, place);
	*loss = 0;
	for (size_t i = 0; i < count; i += batch) {
		const size_t size = count - i < batch ? count - i : batch;
		hmm_train_zero(rho, hmm_rho_each);
		for (size_t b = 0; b < size; b++) {
			const struct hmm_sample *sample = shuffled_sample(run, i + b);
			run->batch.sample[b] = sample;
			run->batch.x[b] = sample->x;
			run->batch.place[b] = place;
			run->batch.place[b].subject = hmm_random_name(sample->subject);
		}
		const double sum = learn(rho, &run->batch, 1 / (double)size, run->batch.place, size);
		if (isnan(sum))
			return -1;
		*loss += sum;
		if (batch == 1 && i + 1 < count &&
		    hmm_parameter_expect(&rho->mlp.weight[0], shuffled_sample(run, i + 1)->x))
			return -1;
		hmm_train_step(
		    rho->pool, ++rho->steps, learning_rate, options->weight_decay, rho, hmm_rho_each);
	}
	*loss /= (double)count;
	return 0;
}

/* Note the losses and scores of the batch that has been gathered. */
static void
validate_batch(struct run *run, size_t samples, double *loss, size_t *whole)
{
	const float *logit =
	    hmm_mlp_forward_batch(&run->rho->mlp, run->rho->pool, run->batch.x, NULL, samples);
	for (size_t b = 0; b < samples; b++) {
		const struct hmm_sample *sample = run->batch.sample[b];
		*loss += hmm_loss_bce((double)logit[b], sample->label) * sample->weight;
		if (sample->whole)
			run->scored[(*whole)++] = (struct hmm_scored){(double)logit[b], sample->label, 1, 0};
	}
}

static int
validate(void *self, double *loss, double *auc)
{
	struct run *run = self;
	size_t whole = 0, counted = 0, size = 0;
	*loss = 0;
	for (size_t i = 0; i < run->validation_count; i++) {
		const struct hmm_sample *sample = &run->validation[i];
		if (sample->whole || run->which->validate_subsets) {
			run->batch.sample[size] = sample;
			run->batch.x[size++] = sample->x;
			counted++;
		}
		if (size == HMM_TRAIN_GROUP || (size && i + 1 == run->validation_count)) {
			validate_batch(run, size, loss, &whole);
			size = 0;
		}
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
	const size_t batch = hmm_train_most(options, train_count);
	run.batch.sample = hmm_alloc(batch, sizeof(*run.batch.sample));
	run.batch.x = hmm_alloc(batch, sizeof(*run.batch.x));
	run.batch.place = hmm_alloc(batch, sizeof(*run.batch.place));
	run.batch.dlogit = hmm_alloc(batch, sizeof(float));
	int bad = !run.used || !run.shuffled || !run.scored || !run.batch.sample || !run.batch.x ||
	          !run.batch.place || !run.batch.dlogit || hmm_mlp_reserve(&rho->mlp, batch);
	for (size_t i = 0; i < train_count && !bad; i++)
		if (train[i].whole || which->subset_loss)
			run.used[run.used_count++] = i;
	rho->mlp.dropout = which->dropout;
	bad = bad || hmm_mlp_train(&rho->mlp) || hmm_train(&learner, options);
	free(run.used);
	free(run.shuffled);
	free(run.scored);
	free(run.batch.sample);
	free(run.batch.x);
	free(run.batch.place);
	free(run.batch.dlogit);
	return bad ? -1 : 0;
}
