#include "hmm/condition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/loss.h"
#include "hmm/memory.h"
#include "hmm/metrics.h"
#include "hmm/product.h"

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
	float **const blocks[] = {&condition->y, &condition->dy, &condition->y_t, &condition->rebuilt_t,
	    &condition->z_t, &condition->drebuilt_t};
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (!(*blocks[i] = hmm_alloc(C * S, sizeof(float))))
			return -1;
	condition->dgenerated = hmm_alloc(C * C + C, sizeof(float));
	condition->packed = hmm_alloc(packed, sizeof(float));
	return condition->dgenerated && condition->packed ? 0 : -1;
}

void
hmm_condition_close(struct hmm_condition *condition)
{
	hmm_parameter_close(&condition->decoder_weight);
	hmm_parameter_close(&condition->decoder_bias);
	hmm_mlp_close(&condition->classifier);
	free(condition->y);
	free(condition->dy);
	free(condition->y_t);
	free(condition->rebuilt_t);
	free(condition->z_t);
	free(condition->drebuilt_t);
	free(condition->dgenerated);
	free(condition->packed);
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

static void
transpose(float *out, const float *in, size_t rows, size_t columns)
{
	for (size_t c = 0; c < columns; c++)
		for (size_t r = 0; r < rows; r++)
			out[c * rows + r] = in[r * columns + c];
}

struct hmm_condition_loss
hmm_condition_forward(struct hmm_condition *condition, const struct hmm_sample *sample)
{
	struct hmm_phi *phi = condition->phi;
	const size_t C = phi->channels, S = phi->positions;
	struct hmm_condition_loss loss;

	hmm_phi_generate(phi, condition->pool, sample->modality);
	hmm_phi_apply(phi, condition->pool, condition->y, sample->x);
	transpose(condition->y_t, condition->y, C, S);
	transpose(condition->z_t, sample->x, C, S);

	/* rebuilt^T [S][C] = bias + y^T [S][C] D [C][C] */
	hmm_tile_pack(condition->packed, condition->decoder_weight.w, C, C, C, 1);
	for (size_t s = 0; s < S; s++)
		memcpy(condition->rebuilt_t + s * C, condition->decoder_bias.w, C * sizeof(float));
	hmm_product(condition->pool, condition->rebuilt_t, condition->y_t, condition->packed, S, C, C,
	    HMM_START_OUT);
	loss.mse = hmm_loss_mse(NULL, condition->rebuilt_t, condition->z_t, C * S, 1);
	loss.bce = hmm_loss_bce(
	    (double)hmm_mlp_forward(&condition->classifier, condition->pool, condition->y, NULL),
	    sample->label);
	return loss;
}

int
hmm_condition_backward(
    struct hmm_condition *condition, const struct hmm_sample *sample, double scale)
{
	struct hmm_phi *phi = condition->phi;
	const size_t C = phi->channels, S = phi->positions;
	float *packed = condition->packed, *drebuilt_t = condition->drebuilt_t;
	float *dweight = condition->dgenerated, *dbias = dweight + C * C;

	const double logit = (double)condition->classifier.out[1][0];
	const double dlogit = hmm_loss_bce_gradient(logit, sample->label) * scale;
	if (hmm_mlp_backward(&condition->classifier, condition->pool, (float)dlogit, condition->dy))
		return -1;
	hmm_loss_mse(drebuilt_t, condition->rebuilt_t, condition->z_t, C * S, scale);

	/* dD [C][C] += y [C][S] drebuilt^T [S][C] */
	hmm_tile_pack(packed, drebuilt_t, S, C, C, 1);
	hmm_product(condition->pool, condition->decoder_weight.gradient, condition->y, packed, C, C, S,
	    HMM_START_OUT);
	for (size_t s = 0; s < S; s++)
		for (size_t c = 0; c < C; c++)
			condition->decoder_bias.gradient[c] += drebuilt_t[s * C + c];

	/* dy [C][S] += D [C][C] drebuilt [C][S] */
	hmm_tile_pack(packed, drebuilt_t, C, S, 1, C);
	hmm_product(condition->pool, condition->dy, condition->decoder_weight.w, packed, C, S, C,
	    HMM_START_OUT);

	/* dW [C][C] = dy [C][S] z^T [S][C], db [C] = sum of dy over positions */
	hmm_tile_pack(packed, condition->z_t, S, C, C, 1);
	hmm_product(condition->pool, dweight, condition->dy, packed, C, C, S, HMM_START_ZERO);
	for (size_t c = 0; c < C; c++) {
		dbias[c] = 0;
		for (size_t s = 0; s < S; s++)
			dbias[c] += condition->dy[c * S + s];
	}
	return hmm_phi_backward(phi, condition->pool, condition->dgenerated);
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
	struct hmm_scored *scored; /* validation */
};

static void
take_step(struct run *run, double learning_rate)
{
	struct hmm_condition *condition = run->condition;
	hmm_train_step(condition->pool, ++condition->steps, learning_rate, run->options->weight_decay,
	    condition, hmm_condition_each);
	condition->phi->current = -1; /* h has changed */
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
		for (size_t j = i; j < i + size; j++) {
			const struct hmm_sample *sample = &run->train[run->shuffled[j]];
			const struct hmm_condition_loss loss = hmm_condition_forward(run->condition, sample);
			*sum += loss.mse + loss.bce;
			if (hmm_condition_backward(run->condition, sample, 1 / (double)size))
				return -1;
		}
		take_step(run, learning_rate);
	}
	return 0;
}

static int
train_by_subject(struct run *run, double learning_rate, double *sum)
{
	for (size_t i = 0; i < run->train_count; i++) {
		const struct hmm_sample *sample = &run->train[i];
		if (i == 0 || strcmp(sample->subject, sample[-1].subject))
			hmm_train_zero(run->condition, hmm_condition_each);
		const struct hmm_condition_loss loss = hmm_condition_forward(run->condition, sample);
		*sum += loss.mse + loss.bce;
		if (hmm_condition_backward(run->condition, sample, 1))
			return -1;
		take_step(run, learning_rate);
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
	for (size_t i = 0; i < run->validation_count; i++) {
		const struct hmm_sample *sample = &run->validation[i];
		const struct hmm_condition_loss both = hmm_condition_forward(run->condition, sample);
		*loss += both.mse + both.bce;
		run->scored[i] =
		    (struct hmm_scored){(double)run->condition->classifier.out[1][0], sample->label, 1, 0};
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

static void
prepare(struct hmm_parameter *parameter, void *context)
{
	if (hmm_parameter_train(parameter))
		*(int *)context = -1;
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
	int bad = 0;
	run.shuffled = hmm_alloc(train_count, sizeof(*run.shuffled));
	run.scored = hmm_alloc(validation_count, sizeof(*run.scored));
	hmm_condition_each(condition, prepare, &bad);
	bad = bad || !run.shuffled || !run.scored || hmm_train(&learner, options);
	condition->phi->current = -1;
	free(run.shuffled);
	free(run.scored);
	return bad ? -1 : 0;
}
