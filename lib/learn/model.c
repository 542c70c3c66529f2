#include "hmm/learn/model.h"

#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "model_keys.h"

enum { MOST_CHANNELS = 1 << 24 };

void
hmm_model_modality(char key[HMM_MODEL_KEY], size_t number)
{
	snprintf(key, HMM_MODEL_KEY, "modality.%zu", number);
}

void
hmm_model_channels(char key[HMM_MODEL_KEY], size_t number)
{
	snprintf(key, HMM_MODEL_KEY, "channels.%zu", number);
}

int
hmm_model_count(size_t *count, const struct hmm_model *model, const char *key, long most)
{
	const char *text = hmm_weights_metadata(model->weights, key);
	char *end = NULL;
	const long number = text ? strtol(text, &end, 10) : 0;
	*count = (size_t)number;
	if (text && (text[0] < '0' || text[0] > '9' || *end || number < 1 || number > most))
		return hmm_error(
		    "%s: %s: found '%s', want 1 to %ld", model->weights->path, key, text, most);
	return text != NULL;
}

/* Their numbers, of all modalities or of none. 0, or -1 reported. */
static int
read_channels(struct hmm_model *model)
{
	const size_t count = model->modalities.count;
	size_t known = 0;
	if (!(model->channels = hmm_alloc(count, sizeof(*model->channels))))
		return -1;
	for (size_t m = 0; m < count; m++) {
		char key[HMM_MODEL_KEY];
		hmm_model_channels(key, m);
		const int found = hmm_model_count(&model->channels[m], model, key, MOST_CHANNELS);
		if (found < 0)
			return -1;
		known += (size_t)found;
	}
	if (known && known < count)
		return hmm_error(
		    "%s: channels of %zu of %zu modalities", model->weights->path, known, count);
	if (!known) {
		free(model->channels);
		model->channels = NULL;
	}
	return 0;
}

int
hmm_model_open(struct hmm_model *model, const char *path)
{
	*model = (struct hmm_model){.weights = hmm_weights_open(path)};
	if (!model->weights)
		return -1;
	const char *history = hmm_weights_metadata(model->weights, HMM_MODEL_HISTORY);
	if (history && hmm_history_parse(&model->history, history, path))
		return -1;
	for (long i = 0;; i++) {
		char key[HMM_MODEL_KEY];
		hmm_model_modality(key, (size_t)i);
		const char *name = hmm_weights_metadata(model->weights, key);
		if (!name)
			return read_channels(model);
		const long number = hmm_names_add(&model->modalities, name);
		if (number < 0)
			return -1;
		if (number != i)
			return hmm_error("%s: modality '%s' stands there twice", path, name);
	}
}

void
hmm_model_close(struct hmm_model *model)
{
	hmm_weights_close(model->weights);
	hmm_names_close(&model->modalities);
	free(model->channels);
	hmm_history_free(&model->history);
	*model = (struct hmm_model){0};
}

int
hmm_model_refuse(const struct hmm_model *model, const char *program)
{
	return hmm_error("%s: not a model of %s --train", model->weights->path, program);
}

size_t
hmm_model_layers(
    size_t width[HMM_MLP_LAYERS + 1], const struct hmm_model *model, const char *prefix)
{
	const struct hmm_weights *weights = model->weights;
	size_t layers = 0;
	for (; layers < HMM_MLP_LAYERS; layers++) {
		char name[64];
		snprintf(name, sizeof(name), "%s.%zu.weight", prefix, layers);
		const struct hmm_weight *found = hmm_weight_find(weights->weight, weights->count, name);
		if (!found || found->x.dimensions != 2)
			break;
		if (layers == 0)
			width[0] = found->x.shape[1];
		width[layers + 1] = found->x.shape[0];
	}
	return layers;
}

int
hmm_model_choice(const struct hmm_model *model, const char *key, const char *words)
{
	const char *word = hmm_weights_metadata(model->weights, key);
	return word ? hmm_option_place(words, word) : HMM_UNSET;
}

struct load {
	const struct hmm_weights *weights;
	int bad;
};

static void
load_one(struct hmm_parameter *parameter, void *context)
{
	struct load *load = context;
	if (!load->bad)
		load->bad = hmm_parameter_load(parameter, load->weights->weight, load->weights->count);
}

int
hmm_model_load(const struct hmm_model *model, hmm_learner_each *each, void *self)
{
	struct load load = {model->weights, 0};
	each(self, load_one, &load);
	return load.bad;
}
