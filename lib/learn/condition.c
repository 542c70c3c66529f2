#include "hmm/learn/condition.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/loss.h"
#include "hmm/kernel/metrics.h"
#include "hmm/learn/pointwise.h"
#include "hmm/kernel/product.h"
#include "hmm/kernel/transpose.h"

int
hmm_condition_open(struct hmm_condition *condition, struct hmm_phi *phi, struct hmm_pool *pool)
{
	const size_t C = phi->channels, S = phi->positions;
	const size_t widths[] = {C * S, HMM_CLASSIFIER_WIDTH, 1};
	size_t packed = hmm_tile_packed_size(C, C);
	if (hmm_tile_packed_size(C, S) > packed)
		packed = hmm_tile_packed_size(C, S);
	if (hmm_tile_packed_size(S, C) > packed)
		packed = hmm_tile_packed_size(S, C);
	*condition = (struct hmm_condition){.phi = phi, .pool = pool};
	if (hmm_parameter_open(&condition->decoder_weight, "decoder.weight", C, C, HMM_DENSE) ||
	    hmm_parameter_open(&condition->decoder_bias, "decoder.bias", C, 0, HMM_DENSE) ||
	    hmm_mlp_open(&condition->classifier, "classifier", widths, 2))
		return -1;
	condition->y_t = hmm_alloc(C * S, sizeof(float));
	condition->drebuilt_t = hmm_alloc(C * S, sizeof(float));
	condition->packed = hmm_alloc(packed, sizeof(float));
	if (!condition->y_t || !condition->drebuilt_t || !condition->packed)
		return -1;
	return hmm_condition_reserve(condition, 1);
}

static void
take_samples(void *self, size_t batch)
{
	struct hmm_condition *condition = self;
	const size_t block = condition->phi->channels * condition->phi->positions * sizeof(float);
	struct hmm_arena *arena = &condition->arena;
	condition->y = hmm_arena_take(arena, batch, block);
	condition->dy = hmm_arena_take(arena, batch, block);
	condition->rebuilt_t = hmm_arena_take(arena, batch, block);
	condition->z_t = hmm_arena_take(arena, batch, block);
	condition->inputs = hmm_arena_take(arena, batch, sizeof(*condition->inputs));
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
	hmm_parameter_close(&condition->decoder_weight);
	hmm_parameter_close(&condition->decoder_bias);
	hmm_mlp_close(&condition->classifier);
	hmm_arena_free(&condition->arena);
	free(condition->y_t);
	free(condition->drebuilt_t);
	free(condition->packed);
	free(condition->dgenerated);
	*condition = (struct hmm_condition){0};
}

void
hmm_condition_init(struct hmm_condition *condition, uint64_t seed)
{
	const double bound = 1 / sqrt((double)condition->phi->channels);
	hmm_parameter_uniform(&condition->decoder_weight, bound, seed);
	hmm_parameter_uniform(&condition->decoder_bias, bound, seed);
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

/* y of every sample. */
static void
apply_each(struct hmm_condition *condition, const struct hmm_sample *const *sample, size_t samples)
{
	struct hmm_phi *phi = condition->phi;
	const size_t values = phi->channels * phi->positions;
	const size_t modalities = list_modalities(condition, sample, samples);
	for (size_t i = 0; i < modalities; i++) {
		hmm_phi_generate(phi, condition->pool, condition->modality[i]);
		for (size_t b = 0; b < samples; b++)
			if (sample[b]->modality == condition->modality[i])
				hmm_phi_apply(phi, condition->pool, condition->y + b * values, sample[b]->x);
	}
}

void
hmm_condition_forward_batch(struct hmm_condition *condition, const struct hmm_sample *const *sample,
    struct hmm_condition_loss *loss, size_t samples)
{
	const size_t C = condition->phi->channels, S = condition->phi->positions;
	apply_each(condition, sample, samples);
	hmm_tile_pack(condition->packed, condition->decoder_weight.w, C, C, C, 1);
	for (size_t b = 0; b < samples; b++) {
		float *rebuilt_t = condition->rebuilt_t + b * C * S, *z_t = condition->z_t + b * C * S;
		condition->inputs[b] = condition->y + b * C * S;
		hmm_transpose(condition->y_t, C, condition->inputs[b], S, C, S);
		hmm_transpose(z_t, C, sample[b]->x, S, C, S);
		/* rebuilt^T [S][C] = bias + y^T [S][C] D [C][C] */
		for (size_t s = 0; s < S; s++)
			memcpy(rebuilt_t + s * C, condition->decoder_bias.w, C * sizeof(float));
		hmm_product(
		    condition->pool, rebuilt_t, condition->y_t, condition->packed, S, C, C, HMM_START_OUT);
		loss[b].mse = hmm_loss_mse(NULL, rebuilt_t, z_t, C * S, 1);
	}
	const float *logit = hmm_mlp_forward_batch(
	    &condition->classifier, condition->pool, condition->inputs, NULL, samples);
	for (size_t b = 0; b < samples; b++)
		loss[b].bce = hmm_loss_bce((double)logit[b], sample[b]->label);
}

struct hmm_condition_loss
hmm_condition_forward(struct hmm_condition *condition, const struct hmm_sample *sample)
{
	struct hmm_condition_loss loss;
	hmm_condition_forward_batch(condition, &sample, &loss, 1);
	return loss;
}

/* The decoder's gradients for sample b, and its share of dy. */
static void
backward_decoder(struct hmm_condition *condition, size_t b, double scale)
{
	const size_t C = condition->phi->channels, S = condition->phi->positions;
	const float *y = condition->y + b * C * S;
	float *packed = condition->packed, *drebuilt_t = condition->drebuilt_t;
	float *restrict dbias = condition->decoder_bias.gradient;
	hmm_loss_mse(
	    drebuilt_t, condition->rebuilt_t + b * C * S, condition->z_t + b * C * S, C * S, scale);

	/* dD [C][C] += y [C][S] drebuilt^T [S][C] */
	hmm_tile_pack(packed, drebuilt_t, S, C, C, 1);
	hmm_product(
	    condition->pool, condition->decoder_weight.gradient, y, packed, C, C, S, HMM_START_OUT);
	for (size_t s = 0; s < S; s++)
		for (size_t c = 0; c < C; c++)
			dbias[c] += drebuilt_t[s * C + c];

	/* dy [C][S] += D [C][C] drebuilt [C][S] */
	hmm_tile_pack(packed, drebuilt_t, C, S, 1, C);
	hmm_product(condition->pool, condition->dy + b * C * S, condition->decoder_weight.w, packed, C,
	    S, C, HMM_START_OUT);
}

/* d loss / d (W, b) of a modality, [C*C + C], over its samples. */
static void
backward_generated(struct hmm_condition *condition, float *dgenerated, size_t modality,
    const struct hmm_sample *const *sample, size_t samples)
{
	const size_t C = condition->phi->channels, S = condition->phi->positions;
	memset(dgenerated, 0, (C * C + C) * sizeof(*dgenerated));
	for (size_t b = 0; b < samples; b++)
		if (sample[b]->modality == modality)
			hmm_pointwise_gradient(condition->pool, dgenerated, dgenerated + C * C,
			    condition->dy + b * C * S, sample[b]->x, C, S, condition->packed);
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
	for (size_t b = 0; b < samples; b++)
		backward_decoder(condition, b, scale);
	for (size_t i = 0; i < modalities; i++)
		backward_generated(condition, (float *)condition->dgenerated + i * outputs,
		    condition->modality[i], sample, samples);
	return hmm_phi_backward_each(condition->phi, condition->pool, condition->modality,
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
	visit(&condition->decoder_weight, context);
	visit(&condition->decoder_bias, context);
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
	hmm_phi_changed(condition->phi);
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
	hmm_phi_changed(condition->phi);
	free(run.shuffled);
	free(run.batch);
	free(run.losses);
	free(run.scored);
	return bad ? -1 : 0;
}
