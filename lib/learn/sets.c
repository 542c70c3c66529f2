#include "hmm/learn/sets.h"

#include <stdlib.h>

#include "hmm/kernel/loss.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/metrics.h"

struct run {
	const struct hmm_set_learner *learner;
	const struct hmm_set *train, *validation;
	size_t train_count, validation_count;
	const struct hmm_train_options *options;
	size_t *shuffled;
	const struct hmm_set **batch;
	struct hmm_place *place;   /* of the batch */
	struct hmm_scored *scored; /* validation */
	long steps;
};

static int
train_epoch(void *self, long epoch, double learning_rate, double *loss)
{
	struct run *run = self;
	const struct hmm_set_learner *learner = run->learner;
	const struct hmm_train_options *options = run->options;
	const size_t batch = (size_t)options->batch;
	struct hmm_place place = {.seed = options->seed, .epoch = (uint32_t)epoch};
	hmm_random_shuffle(run->shuffled, run->train_count, place);
	*loss = 0;
	for (size_t i = 0; i < run->train_count; i += batch) {
		const size_t left = run->train_count - i, size = left < batch ? left : batch;
		const struct hmm_adam adam =
		    hmm_adam_at(++run->steps, learning_rate, options->weight_decay);
		double sum = 0;
		hmm_train_zero(learner->self, learner->each);
		for (size_t b = 0; b < size; b++) {
			run->batch[b] = &run->train[run->shuffled[i + b]];
			place.subject = (uint32_t)run->shuffled[i + b] + 1; /* the order was drawn at 0 */
			run->place[b] = place;
		}
		if (learner->learn(learner->self, run->batch, size, run->place, &adam, &sum))
			return -1;
		*loss += sum;
		hmm_train_step(learner->pool, run->steps, learning_rate, options->weight_decay,
		    learner->self, learner->each);
	}
	*loss /= (double)run->train_count;
	return 0;
}

static int
validate(void *self, double *loss, double *auc)
{
	struct run *run = self;
	*loss = 0;
	for (size_t i = 0; i < run->validation_count; i += HMM_TRAIN_GROUP) {
		const size_t left = run->validation_count - i,
		             size = left < HMM_TRAIN_GROUP ? left : HMM_TRAIN_GROUP;
		double logit[HMM_TRAIN_GROUP];
		for (size_t b = 0; b < size; b++)
			run->batch[b] = &run->validation[i + b];
		if (run->learner->predict(run->learner->self, run->batch, size, logit))
			return -1;
		for (size_t b = 0; b < size; b++) {
			const struct hmm_set *set = run->batch[b];
			*loss += hmm_loss_bce(logit[b], set->label) * set->weight;
			run->scored[i + b] = (struct hmm_scored){logit[b], set->label, 1, 0};
		}
	}
	*loss /= (double)run->validation_count;
	hmm_metrics_sort(run->scored, run->validation_count);
	*auc = hmm_metrics_auc(run->scored, run->validation_count);
	return 0;
}

static void
each(void *self, hmm_parameter_visit *visit, void *context)
{
	const struct hmm_set_learner *learner = ((struct run *)self)->learner;
	learner->each(learner->self, visit, context);
}

int
hmm_sets_train(const struct hmm_set_learner *learner, const struct hmm_set *train,
    size_t train_count, const struct hmm_set *validation, size_t validation_count,
    const struct hmm_train_options *options,
    void (*report)(void *context, const struct hmm_epoch *epoch), void *report_context)
{
	struct run run = {.learner = learner,
	    .train = train,
	    .validation = validation,
	    .train_count = train_count,
	    .validation_count = validation_count,
	    .options = options};
	const struct hmm_learner loop = {&run, train_epoch, validate, each, report, report_context};
	const size_t batch = hmm_train_most(options, train_count);
	run.shuffled = hmm_alloc(train_count, sizeof(*run.shuffled));
	run.batch = hmm_alloc(batch, sizeof(*run.batch));
	run.place = hmm_alloc(batch, sizeof(*run.place));
	run.scored = hmm_alloc(validation_count, sizeof(*run.scored));
	const int bad = hmm_train_prepare(learner->self, learner->each) || !run.shuffled ||
	                !run.batch || !run.place || !run.scored || hmm_train(&loop, options);
	free(run.shuffled);
	free(run.batch);
	free(run.place);
	free(run.scored);
	return bad ? -1 : 0;
}
