#include "hmm/learn/model.h"

#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { KEY = 32, HISTORY = 1024 };

static void
modality_key(char key[KEY], size_t number)
{
	snprintf(key, KEY, "modality.%zu", number);
}

/* ---- reading ---- */

int
hmm_model_open(struct hmm_model *model, const char *path)
{
	*model = (struct hmm_model){.weights = hmm_weights_open(path)};
	if (!model->weights)
		return -1;
	for (long i = 0;; i++) {
		char key[KEY];
		modality_key(key, (size_t)i);
		const char *name = hmm_weights_metadata(model->weights, key);
		if (!name)
			return 0;
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
	*model = (struct hmm_model){0};
}

int
hmm_model_refuse(const struct hmm_model *model)
{
	return hmm_error("%s: not a model of %s --train", model->weights->path, hmm_program);
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

/* ---- writing ---- */

struct views {
	struct hmm_weight *view; /* NULL: they are only counted */
	size_t count;
};

static void
gather(struct hmm_parameter *parameter, void *context)
{
	struct views *views = context;
	if (views->view)
		views->view[views->count] = hmm_parameter_view(parameter);
	views->count++;
}

/* Views of all parameters, to free(). 0, or -1 reported. */
static int
view_all(struct views *views, hmm_learner_each *each, void *self)
{
	*views = (struct views){NULL, 0};
	each(self, gather, views);
	views->view = hmm_alloc(views->count, sizeof(*views->view));
	views->count = 0;
	if (views->view)
		each(self, gather, views);
	return views->view ? 0 : -1;
}

/* The metadata. */
struct facts {
	char options[HISTORY];
	char (*key)[KEY]; /* of the modalities */
	struct hmm_pair *pair;
	size_t count;
};

static int
list_facts(struct facts *facts, const struct hmm_model_facts *of)
{
	const size_t modalities = of->modalities ? of->modalities->count : 0;
	*facts = (struct facts){.count = 0};
	facts->key = hmm_alloc(modalities, sizeof(*facts->key));
	facts->pair = hmm_alloc(2 + of->pairs + modalities, sizeof(*facts->pair));
	if (!facts->key || !facts->pair ||
	    hmm_option_history(facts->options, sizeof(facts->options), of->usage))
		return -1;
	facts->pair[facts->count++] = (struct hmm_pair){"program", hmm_program};
	facts->pair[facts->count++] = (struct hmm_pair){"options", facts->options};
	for (size_t i = 0; i < of->pairs; i++)
		facts->pair[facts->count++] = of->pair[i];
	for (size_t i = 0; i < modalities; i++) {
		modality_key(facts->key[i], i);
		facts->pair[facts->count++] = (struct hmm_pair){facts->key[i], of->modalities->name[i]};
	}
	return 0;
}

static int
write_file(const char *path, const struct views *views, const struct facts *facts)
{
	struct hmm_output output;
	if (hmm_output_open(&output, path))
		return -1;
	if (!hmm_weights_write(&output, views->view, views->count, facts->pair, facts->count))
		return hmm_output_finish(&output);
	hmm_output_abandon(&output);
	return -1;
}

int
hmm_model_save(
    const char *path, const struct hmm_model_facts *of, hmm_learner_each *each, void *self)
{
	struct facts facts;
	struct views views = {NULL, 0};
	const int bad =
	    list_facts(&facts, of) || view_all(&views, each, self) || write_file(path, &views, &facts);
	free(facts.key);
	free(facts.pair);
	free(views.view);
	return bad ? -1 : 0;
}
