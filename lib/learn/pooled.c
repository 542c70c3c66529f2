#include "hmm/learn/pooled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/loss.h"
#include "hmm/learn/channels.h"

enum hmm_loss
hmm_pooled_loss(enum hmm_target target)
{
	static const enum hmm_loss loss[] = {HMM_BCE, HMM_CROSS_ENTROPY, HMM_SQUARED, HMM_COX};
	return loss[target];
}

int
hmm_pooled_open(struct hmm_pooled *pooled, int system, int only,
    const struct hmm_objective *objective, size_t modalities, const size_t shape[3])
{
	const size_t channels = shape[0], outputs = objective->outputs;
	size_t all, weights;
	*pooled = (struct hmm_pooled){.system = system,
	    .only = only,
	    .objective = objective,
	    .modalities = modalities,
	    .channels = channels,
	    .positions = shape[1] * shape[2]};
	if (hmm_multiply(&all, modalities, channels) || hmm_multiply(&weights, all, outputs))
		return hmm_error("%zu modalities of %zu channels are too many", modalities, channels);
	pooled->mean = hmm_alloc(all, sizeof(double));
	pooled->weight = hmm_alloc(weights, sizeof(double));
	pooled->number = hmm_alloc(all, sizeof(double));
	pooled->bias = hmm_alloc(modalities, outputs * sizeof(double));
	pooled->images = hmm_alloc(modalities, sizeof(*pooled->images));
	pooled->output = hmm_alloc(outputs, sizeof(double));
	return pooled->mean && pooled->weight && pooled->number && pooled->bias && pooled->images &&
	               pooled->output
	           ? 0
	           : -1;
}

void
hmm_pooled_close(struct hmm_pooled *pooled)
{
	free(pooled->mean);
	free(pooled->weight);
	free(pooled->number);
	free(pooled->bias);
	free(pooled->images);
	free(pooled->output);
	*pooled = (struct hmm_pooled){0};
}

/* ---- prediction ---- */

void
hmm_pooled_take(struct hmm_pooled *pooled, const struct hmm_item *item)
{
	const size_t channels = pooled->channels, positions = pooled->positions;
	memset(pooled->number, 0, pooled->modalities * channels * sizeof(double));
	memset(pooled->images, 0, pooled->modalities * sizeof(*pooled->images));
	for (size_t i = 0; i < item->count; i++) {
		const struct hmm_item_image *image = &item->image[i];
		double *number = pooled->number + image->modality * channels;
		pooled->images[image->modality]++;
		for (size_t c = 0; c < channels; c++) {
			double sum = 0;
			for (size_t p = 0; p < positions; p++)
				sum += (double)image->x[c * positions + p];
			number[c] += sum / (double)positions;
		}
	}
	for (size_t m = 0; m < pooled->modalities; m++)
		for (size_t c = 0; c < channels && pooled->images[m] > 1; c++)
			pooled->number[m * channels + c] /= (double)pooled->images[m];
}

/* What the regressions of an output say. */
static double
predict(const struct hmm_pooled *pooled, size_t output)
{
	const size_t channels = pooled->channels;
	const double *bias = pooled->bias + output * pooled->modalities;
	const double *weight = pooled->weight + output * pooled->modalities * channels;
	const int mean = pooled->system == HMM_MEAN_LOGIT;
	double sum = mean ? 0 : bias[0];
	size_t count = 0;
	for (size_t m = 0; m < pooled->modalities && pooled->system != HMM_MAJORITY; m++) {
		if (!pooled->images[m])
			continue;
		count++;
		sum += mean ? bias[m] : 0;
		for (size_t c = m * channels; c < (m + 1) * channels; c++)
			sum += (pooled->number[c] - pooled->mean[c]) * weight[c];
	}
	return mean ? sum / (double)count : sum;
}

void
hmm_pooled_outputs(const struct hmm_pooled *pooled, double *output)
{
	for (size_t k = 0; k < pooled->objective->outputs; k++) {
		output[k] = predict(pooled, k);
		if (pooled->objective->target == HMM_CLASSES)
			output[k] = -hmm_loss_bce(output[k], 1);
	}
}

int
hmm_pooled_score(void *self, const struct hmm_item *item, double *number)
{
	struct hmm_pooled *pooled = self;
	if (pooled->system != HMM_MAJORITY)
		hmm_pooled_take(pooled, item);
	hmm_pooled_outputs(pooled, pooled->output);
	return hmm_objective_numbers(pooled->objective, number, pooled->output, item->subject);
}

/* ---- its file ---- */

int
hmm_pooled_save(
    struct hmm_output *output, struct hmm_pooled *pooled, const struct hmm_model_facts *facts)
{
	static char names[][8] = {"bias", "mean", "weight"};
	double *const data[] = {pooled->bias, pooled->mean, pooled->weight};
	const size_t outputs = pooled->objective->outputs;
	char word[16];
	const struct hmm_pair pairs[] = {
	    {"model", hmm_option_word(word, sizeof(word), HMM_POOLED_SYSTEMS, pooled->system)},
	    {"others", pooled->only ? "left out" : "refused"}};
	struct hmm_weight weight[HMM_COUNT_OF(names)] = {{0}};
	struct hmm_model_facts of = *facts;
	for (size_t i = 0; i < HMM_COUNT_OF(names); i++) {
		weight[i].name = names[i];
		weight[i].x = (struct hmm_tensor){.dtype = HMM_F64, .dimensions = 2, .data = data[i]};
		weight[i].x.shape[0] = pooled->modalities * (data[i] == pooled->mean ? 1 : outputs);
		weight[i].x.shape[1] = i ? pooled->channels : 1;
	}
	of.pair = pairs;
	of.pairs = HMM_COUNT_OF(pairs);
	return hmm_model_write(output, &of, weight, HMM_COUNT_OF(weight));
}

/* Take a tensor's numbers. 0, or -1 reported. */
static int
load(double *to, const struct hmm_model *file, const char *name, size_t rows, size_t columns)
{
	const struct hmm_weights *weights = file->weights;
	const struct hmm_weight *found = hmm_weight_find(weights->weight, weights->count, name);
	if (!found || found->x.dtype != HMM_F64 ||
	    !hmm_tensor_is(&found->x, (const size_t[]){rows, columns}, 2))
		return hmm_model_refuse(file, "hmm-linear");
	memcpy(to, found->x.data, rows * columns * sizeof(*to));
	for (size_t i = 0; i < rows * columns; i++)
		if (!isfinite(to[i]))
			return hmm_error("%s: %s has values that are not finite", weights->path, name);
	return 0;
}

int
hmm_pooled_load(struct hmm_pooled *pooled, const struct hmm_objective *objective,
    const struct hmm_model *file, struct hmm_dataset *data)
{
	const struct hmm_weights *weights = file->weights;
	const struct hmm_weight *found = hmm_weight_find(weights->weight, weights->count, "weight");
	const int system = hmm_model_choice(file, "model", HMM_POOLED_SYSTEMS);
	const int only = hmm_model_choice(file, "others", "refused|left out");
	const size_t m = file->modalities.count, outputs = objective->outputs, *shape = data->x.shape;
	struct hmm_channels channels = {0};
	if (system == HMM_UNSET || only == HMM_UNSET || m == 0 || !found || found->x.dimensions != 2 ||
	    objective->loss != hmm_pooled_loss(objective->target))
		return hmm_model_refuse(file, "hmm-linear");
	const size_t c = found->x.shape[1];
	const int bad =
	    hmm_channels_open(&channels, data, &file->modalities, file, c) || hmm_dataset_pad(data, c);
	hmm_channels_close(&channels);
	if (bad)
		return -1;
	return hmm_pooled_open(pooled, system, only, objective, m, (size_t[]){c, shape[1], shape[2]}) ||
	               load(pooled->bias, file, "bias", outputs * m, 1) ||
	               load(pooled->mean, file, "mean", m, c) ||
	               load(pooled->weight, file, "weight", outputs * m, c)
	           ? -1
	           : 0;
}
