#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/learn/model.h"
#include "model_keys.h"

enum { OPTIONS = 1024 };

int
hmm_model_options_fit(const struct hmm_usage *usage)
{
	char options[OPTIONS];
	return hmm_option_history(options, sizeof(options), usage, HMM_NOTED);
}

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
	char options[OPTIONS];
	char *history;
	char (*key)[HMM_MODEL_KEY]; /* of the modalities, and of their channels */
	char (*number)[HMM_MODEL_KEY];
	struct hmm_pair *pair;
	size_t count;
};

/* Whether some modalities have other channels than others. */
static int
differ(const struct hmm_model_facts *of)
{
	for (size_t i = 1; of->channels && i < of->modalities->count; i++)
		if (of->channels[i] != of->channels[0])
			return 1;
	return 0;
}

static int
list_facts(struct facts *facts, const struct hmm_model_facts *of)
{
	const size_t modalities = of->modalities ? of->modalities->count : 0;
	size_t predicts = 0;
	const struct hmm_pair *predicted =
	    of->objective ? hmm_objective_pairs(of->objective, &predicts) : NULL;
	*facts = (struct facts){.count = 0};
	if (of->objective && !predicted)
		return -1;
	facts->key = hmm_alloc(2 * modalities, sizeof(*facts->key));
	facts->number = hmm_alloc(modalities, sizeof(*facts->number));
	facts->pair = hmm_alloc(3 + of->pairs + predicts + 2 * modalities, sizeof(*facts->pair));
	if (!facts->key || !facts->number || !facts->pair ||
	    !(facts->history = hmm_history_json(of->history)) ||
	    hmm_option_history(facts->options, sizeof(facts->options), of->usage, HMM_NOTED))
		return -1;
	facts->pair[facts->count++] = (struct hmm_pair){"program", hmm_program};
	facts->pair[facts->count++] = (struct hmm_pair){"options", facts->options};
	facts->pair[facts->count++] = (struct hmm_pair){HMM_MODEL_HISTORY, facts->history};
	for (size_t i = 0; i < of->pairs; i++)
		facts->pair[facts->count++] = of->pair[i];
	for (size_t i = 0; i < predicts; i++)
		facts->pair[facts->count++] = predicted[i];
	for (size_t i = 0; i < modalities; i++) {
		hmm_model_modality(facts->key[i], i);
		facts->pair[facts->count++] = (struct hmm_pair){facts->key[i], of->modalities->name[i]};
	}
	for (size_t i = 0; i < modalities && differ(of); i++) {
		char *key = facts->key[modalities + i];
		hmm_model_channels(key, i);
		snprintf(facts->number[i], sizeof(facts->number[i]), "%zu", of->channels[i]);
		facts->pair[facts->count++] = (struct hmm_pair){key, facts->number[i]};
	}
	return 0;
}

static int
check_finite(const struct hmm_weight *weight, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct hmm_tensor *x = &weight[i].x;
		size_t values = 0;
		hmm_tensor_count(x, &values);
		if (x->dtype == HMM_F32 && !hmm_all_finite(x->data, values))
			return hmm_error("%s has values that are not finite and is not written: try a smaller "
			                 "--learning-rate",
			    weight[i].name);
	}
	return 0;
}

int
hmm_model_write(struct hmm_output *output, const struct hmm_model_facts *of,
    const struct hmm_weight *weight, size_t count)
{
	struct facts facts;
	struct hmm_weight *all = hmm_alloc(count + HMM_GROUPS_TENSORS, sizeof(*all));
	int bad = list_facts(&facts, of) || !all || check_finite(weight, count);
	if (!bad) {
		memcpy(all, weight, count * sizeof(*all));
		count += of->groups ? hmm_groups_weights(all + count, of->groups) : 0;
		bad = hmm_weights_write(output, all, count, facts.pair, facts.count);
	}
	free(facts.history);
	free(facts.key);
	free(facts.number);
	free(facts.pair);
	free(all);
	return bad ? -1 : 0;
}

int
hmm_model_save(
    struct hmm_output *output, const struct hmm_model_facts *of, hmm_learner_each *each, void *self)
{
	struct views views = {NULL, 0};
	const int bad =
	    view_all(&views, each, self) || hmm_model_write(output, of, views.view, views.count);
	free(views.view);
	return bad ? -1 : 0;
}
