#include "hmm/learn/condition.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/loss.h"
#include "hmm/kernel/metrics.h"

int
hmm_condition_open(
    struct hmm_condition *condition, struct hmm_phi *phi, size_t positions, struct hmm_pool *pool)
{
	const size_t C = phi->channels;
	const size_t widths[] = {C * positions, HMM_CLASSIFIER_WIDTH, 1};
	*condition = (struct hmm_condition){.phi = phi, .positions = positions, .pool = pool};
	if (hmm_conv1x1_open(&condition->conv, C, positions, pool) ||
	    hmm_conv1x1_layer_open(&condition->decoder, "decoder", C) ||
	    hmm_mlp_open(&condition->classifier, "classifier", widths, 2))
		return -1;
	return hmm_condition_reserve(condition, 1);
}

static void
take_samples(void *self, size_t batch)
{
	struct hmm_condition *condition = self;
	const size_t block = condition->phi->channels * condition->positions * sizeof(float);
	struct hmm_arena *arena = &condition->arena;
	condition->y = hmm_arena_take(arena, batch, block);
	condition->dy = hmm_arena_take(arena, batch, block);
	condition->rebuilt = hmm_arena_take(arena, batch, block);
	condition->in = hmm_arena_take(arena, batch, sizeof(*condition->in));
	condition->out = hmm_arena_take(arena, batch, sizeof(*condition->out));
	condition->dout = hmm_arena_take(arena, batch, sizeof(*condition->dout));
	condition->dlogit = hmm_arena_take(arena, batch, sizeof(*condition->dlogit));
	condition->modality = hmm_arena_take(arena, batch, sizeof(*condition->modality));
}

int
hmm_condition_reserve(struct hmm_condition *condition, size_t batch)
{
	if (batch <= condition->batch)
		return 0;
	condition->batch = 0;
	if (hmm_arena_remake(&condition->arena, take_samples, condition, batch) ||
	    hmm_mlp_reserve(&condition->classifier, batch))
		return -1;
	condition->batch = batch;
	return 0;
}

void
hmm_condition_close(struct hmm_condition *condition)
{
	hmm_conv1x1_close(&condition->conv);
	hmm_conv1x1_layer_close(&condition->decoder);
	hmm_mlp_close(&condition->classifier);
	hmm_arena_free(&condition->arena);
	free(condition->dgenerated);
	*condition = (struct hmm_condition){0};
}

void
hmm_condition_init(struct hmm_condition *condition, uint64_t seed)
{
	const size_t C = condition->phi->channels;
	float *weight = condition->decoder.weight.w;
	hmm_conv1x1_layer_init(&condition->decoder, seed);
	for (size_t i = 0; i < C; i++) /* drawn as ConvTranspose2d has them, [in][out] */
		for (size_t o = 0; o < i; o++) {
			const float drawn = weight[i * C + o];
			weight[i * C + o] = weight[o * C + i];
			weight[o * C + i] = drawn;
		}
	hmm_mlp_init(&condition->classifier, seed);
}

/* condition->modality becomes the modalities of the samples, each once, in the order they are
 * met; returns how many. */
static size_t
list_modalities(
    struct hmm_condition *condition, const struct hmm_sample *const *sample, size_t samples)
{
	size_t count = 0;
	for (size_t b = 0; b < samples; b++) {
		size_t i = 0;
		while (i < count && condition->modality[i] != sample[b]->modality)
			i++;
		condition->modality[i] = sample[b]->modality;
		count += i == count;
	}
	return count;
}

/* The blocks of the samples of a modality: condition->in becomes theirs among x, condition->out
 * theirs in `rows`, a block a sample. Returns how many. */
static size_t
pick(struct hmm_condition *condition, float *rows, const struct hmm_sample *const *sample,
    size_t modality, size_t samples)
{
	const size_t values = condition->phi->channels * condition->positions;
	size_t count = 0;
	for (size_t b = 0; b < samples; b++)
		if (sample[b]->modality == modality) {
			condition->in[count] = sample[b]->x;
			condition->out[count++] = rows + b * values;
		}
	return count;
}

void
hmm_condition_forward_batch(struct hmm_condition *condition, const struct hmm_sample *const *sample,
    struct hmm_condition_loss *loss, size_t samples)
{
	const size_t C = condition->phi->channels, values = C * condition->positions;
	const size_t modalities = list_modalities(condition, sample, samples);
	for (size_t i = 0; i < modalities; i++) {
		const float *weight =
		    hmm_phi_generate(condition->phi, condition->pool, condition->modality[i]);
		const size_t count = pick(condition, condition->y, sample, condition->modality[i], samples);
		hmm_conv1x1_forward(
		    &condition->conv, condition->out, condition->in, weight, weight + C * C, count);
	}
	for (size_t b = 0; b < samples; b++) {
		condition->in[b] = condition->y + b * values;
		condition->out[b] = condition->rebuilt + b * values;
	}
	hmm_conv1x1_forward(&condition->conv, condition->out, condition->in,
	    condition->decoder.weight.w, condition->decoder.bias.w, samples);
	const float *logit = hmm_mlp_forward_batch(
	    &condition->classifier, condition->pool, condition->in, NULL, samples);
	for (size_t b = 0; b < samples; b++) {
		loss[b].mse = hmm_loss_mse(NULL, condition->out[b], sample[b]->x, values, 1);
		loss[b].bce = hmm_loss_bce((double)logit[b], sample[b]->label);
	}
}

struct hmm_condition_loss
hmm_condition_forward(struct hmm_condition *condition, const struct hmm_sample *sample)
{
	struct hmm_condition_loss loss;
	hmm_condition_forward_batch(condition, &sample, &loss, 1);
	return loss;
}

/* The decoder's gradients, and its share of dy. */
static void
backward_decoder(struct hmm_condition *condition, const struct hmm_sample *const *sample,
    double scale, size_t samples)
{
	const size_t values = condition->phi->channels * condition->positions;
	struct hmm_conv1x1_layer *decoder = &condition->decoder;
	for (size_t b = 0; b < samples; b++) {
		float *rebuilt = condition->rebuilt + b * values; /* then d loss / d rebuilt */
		hmm_loss_mse(rebuilt, rebuilt, sample[b]->x, values, scale);
		condition->dout[b] = rebuilt;
		condition->in[b] = condition->y + b * values;
		condition->out[b] = condition->dy + b * values;
	}
	hmm_conv1x1_backward(&condition->conv, condition->out, decoder->weight.gradient,
	    decoder->bias.gradient, condition->dout, condition->in, decoder->weight.w, samples);
}

/* d loss / d (W, b) of a modality, [C*C + C], over its samples. */
static void
backward_generated(struct hmm_condition *condition, float *dgenerated, size_t modality,
    const struct hmm_sample *const *sample, size_t samples)
{
	const size_t C = condition->phi->channels;
	const size_t count = pick(condition, condition->dy, sample, modality, samples);
	memset(dgenerated, 0, (C * C + C) * sizeof(*dgenerated));
	for (size_t i = 0; i < count; i++)
		condition->dout[i] = condition->out[i];
	hmm_conv1x1_backward(&condition->conv, NULL, dgenerated, dgenerated + C * C, condition->dout,
	    condition->in, NULL, count);
}

int
hmm_condition_backward_batch(struct hmm_condition *condition,
    const struct hmm_sample *const *sample, double scale, size_t samples,
    const struct hmm_adam *adam)
{
	const size_t outputs = condition->phi->output_bias.rows;
	const size_t modalities = list_modalities(condition, sample, samples);
	if (hmm_grow(&condition->dgenerated, &condition->dgenerated_capacity,
	        modalities * outputs * sizeof(float)))
		return -1;
	for (size_t b = 0; b < samples; b++)
		condition->dlogit[b] =
		    (float)(hmm_loss_bce_gradient(
		                (double)condition->classifier.out[1][b], sample[b]->label) *
		            scale);
	if (hmm_mlp_backward_batch(&condition->classifier, condition->pool, condition->dlogit,
	        condition->dy, samples, adam))
		return -1;
	backward_decoder(condition, sample, scale, samples);
	for (size_t i = 0; i < modalities; i++)
		backward_generated(condition, (float *)condition->dgenerated + i * outputs,
		    condition->modality[i], sample, samples);
	return hmm_phi_backward(condition->phi, condition->pool, condition->modality,
	    condition->dgenerated, modalities, adam);
}

int
hmm_condition_backward(
    struct hmm_condition *condition, const struct hmm_sample *sample, double scale)
{
	return hmm_condition_backward_batch(condition, &sample, scale, 1, NULL);
}

void
hmm_condition_each(void *self, hmm_parameter_visit *visit, void *context)
{
	struct hmm_condition *condition = self;
	hmm_phi_each(condition->phi, visit, context);
	hmm_conv1x1_layer_each(&condition->decoder, visit, context);
	hmm_mlp_each(&condition->classifier, visit, context);
}

/* ---- the training loop ---- */

struct run {
	struct hmm_condition *condition;
	const struct hmm_sample *train, *validation;
	size_t train_count, validation_count;
	enum hmm_condition_order order;
	const struct hmm_train_options *options;
	size_t *shuffled;
	const struct hmm_sample **batch;
	struct hmm_condition_loss *losses; /* of the batch */
	struct hmm_scored *scored;         /* validation */
};

/* Add up the batch's gradients and losses and take a step. */
static int
learn(struct run *run, size_t samples, double learning_rate, double *sum)
{
	struct hmm_condition *condition = run->condition;
	const double weight_decay = run->options->weight_decay;
	const struct hmm_adam adam = hmm_adam_at(++condition->steps, learning_rate, weight_decay);
	hmm_condition_forward_batch(condition, run->batch, run->losses, samples);
	if (hmm_condition_backward_batch(condition, run->batch, 1 / (double)samples, samples, &adam))
		return -1;
	for (size_t b = 0; b < samples; b++)
		*sum += run->losses[b].mse + run->losses[b].bce;
	hmm_train_step(condition->pool, condition->steps, learning_rate, weight_decay, condition,
	    hmm_condition_each);
	return 0;
}

static int
train_shuffled(struct run *run, long epoch, double learning_rate, double *sum)
{
	const struct hmm_place place = {.seed = run->options->seed, .epoch = (uint32_t)epoch};
	const size_t batch = (size_t)run->options->batch;
	hmm_random_shuffle(run->shuffled, run->train_count, place);
	for (size_t i = 0; i < run->train_count; i += batch) {
		const size_t left = run->train_count - i, size = left < batch ? left : batch;
		hmm_train_zero(run->condition, hmm_condition_each);
		for (size_t j = 0; j < size; j++)
			run->batch[j] = &run->train[run->shuffled[i + j]];
		if (learn(run, size, learning_rate, sum))
			return -1;
	}
	return 0;
}

static int
train_by_subject(struct run *run, double learning_rate, double *sum)
{
	for (size_t i = 0; i < run->train_count; i++) {
		run->batch[0] = &run->train[i];
		if (i == 0 || strcmp(run->batch[0]->subject, run->train[i - 1].subject))
			hmm_train_zero(run->condition, hmm_condition_each);
		if (learn(run, 1, learning_rate, sum))
			return -1;
	}
	return 0;
}

static int
train_epoch(void *self, long epoch, double learning_rate, double *loss)
{
	struct run *run = self;
	*loss = 0;
	const int bad = run->order == HMM_SHUFFLED ? train_shuffled(run, epoch, learning_rate, loss)
	                                           : train_by_subject(run, learning_rate, loss);
	*loss /= (double)run->train_count;
	return bad;
}

static int
validate(void *self, double *loss, double *auc)
{
	struct run *run = self;
	*loss = 0;
	for (size_t i = 0; i < run->validation_count; i += HMM_TRAIN_GROUP) {
		const size_t left = run->validation_count - i,
		             size = left < HMM_TRAIN_GROUP ? left : HMM_TRAIN_GROUP;
		for (size_t b = 0; b < size; b++)
			run->batch[b] = &run->validation[i + b];
		hmm_condition_forward_batch(run->condition, run->batch, run->losses, size);
		for (size_t b = 0; b < size; b++) {
			const double logit = (double)run->condition->classifier.out[1][b];
			*loss += run->losses[b].mse + run->losses[b].bce;
			run->scored[i + b] = (struct hmm_scored){logit, run->batch[b]->label, 1, 0};
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
	hmm_condition_each(((struct run *)self)->condition, visit, context);
}

int
hmm_condition_train(struct hmm_condition *condition, const struct hmm_sample *train,
    size_t train_count, const struct hmm_sample *validation, size_t validation_count,
    enum hmm_condition_order order, const struct hmm_train_options *options,
    void (*report)(void *context, const struct hmm_epoch *epoch), void *report_context)
{
	struct run run = {.condition = condition,
	    .train = train,
	    .validation = validation,
	    .train_count = train_count,
	    .validation_count = validation_count,
	    .order = order,
	    .options = options};
	const struct hmm_learner learner = {&run, train_epoch, validate, each, report, report_context};
	const size_t batch = hmm_train_most(options, train_count);
	run.shuffled = hmm_alloc(train_count, sizeof(*run.shuffled));
	run.batch = hmm_alloc(batch, sizeof(*run.batch));
	run.losses = hmm_alloc(batch, sizeof(*run.losses));
	run.scored = hmm_alloc(validation_count, sizeof(*run.scored));
	const int bad = hmm_train_prepare(condition, hmm_condition_each) || !run.shuffled ||
	                !run.batch || !run.losses || !run.scored ||
	                hmm_condition_reserve(condition, batch) || hmm_train(&learner, options);
	free(run.shuffled);
	free(run.batch);
	free(run.losses);
	free(run.scored);
	return bad ? -1 : 0;
}
