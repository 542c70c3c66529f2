#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/learn/model.h"
#include "model_keys.h"

enum { OPTIONS = 1024 };

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

/* Views of all parameters, and room for those of the groups, to free(). 0, or -1 reported. */
static int
view_all(struct views *views, hmm_learner_each *each, void *self)
{
	*views = (struct views){NULL, 0};
	each(self, gather, views);
	views->view = hmm_alloc(views->count + HMM_GROUPS_TENSORS, sizeof(*views->view));
	views->count = 0;
	if (views->view)
		each(self, gather, views);
	return views->view ? 0 : -1;
}

/* The metadata. */
struct facts {
	char options[OPTIONS];
	char *history;
	char (*key)[HMM_MODEL_KEY]; /* of the modalities */
	struct hmm_pair *pair;
	size_t count;
};

static int
list_facts(struct facts *facts, const struct hmm_model_facts *of)
{
	const size_t modalities = of->modalities ? of->modalities->count : 0;
	*facts = (struct facts){.count = 0};
	facts->key = hmm_alloc(modalities, sizeof(*facts->key));
	facts->pair = hmm_alloc(3 + of->pairs + modalities, sizeof(*facts->pair));
	if (!facts->key || !facts->pair || !(facts->history = hmm_history_json(of->history)) ||
	    hmm_option_history(facts->options, sizeof(facts->options), of->usage, HMM_NOTED))
		return -1;
	facts->pair[facts->count++] = (struct hmm_pair){"program", hmm_program};
	facts->pair[facts->count++] = (struct hmm_pair){"options", facts->options};
	facts->pair[facts->count++] = (struct hmm_pair){HMM_MODEL_HISTORY, facts->history};
	for (size_t i = 0; i < of->pairs; i++)
		facts->pair[facts->count++] = of->pair[i];
	for (size_t i = 0; i < modalities; i++) {
		hmm_model_modality(facts->key[i], i);
		facts->pair[facts->count++] = (struct hmm_pair){facts->key[i], of->modalities->name[i]};
	}
	return 0;
}

static int
check_finite(const struct views *views)
{
	for (size_t i = 0; i < views->count; i++) {
		const struct hmm_tensor *x = &views->view[i].x;
		size_t count = 0;
		hmm_tensor_count(x, &count);
		if (!hmm_all_finite(x->data, count))
			return hmm_error("%s has values that are not finite and is not written: try a smaller "
			                 "--learning-rate",
			    views->view[i].name);
	}
	return 0;
}

int
hmm_model_save(
    struct hmm_output *output, const struct hmm_model_facts *of, hmm_learner_each *each, void *self)
{
	struct facts facts;
	struct views views = {NULL, 0};
	int bad = list_facts(&facts, of) || view_all(&views, each, self) || check_finite(&views);
	if (!bad && of->groups)
		views.count += hmm_groups_weights(views.view + views.count, of->groups);
	bad = bad || hmm_weights_write(output, views.view, views.count, facts.pair, facts.count);
	free(facts.history);
	free(facts.key);
	free(facts.pair);
	free(views.view);
	return bad ? -1 : 0;
}
