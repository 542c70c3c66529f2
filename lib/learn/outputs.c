#include "outputs.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"

/* Items that share one pass over the matrices. */
enum { GROUP = 16 };

int
outputs_open(
    struct outputs *outputs, const struct hmm_learner *learner, const struct hmm_items *items)
{
	const size_t count = items->count, width = learner->objective->outputs * sizeof(double);
	*outputs = (struct outputs){.learner = learner, .items = items};
	outputs->item = hmm_alloc(count, sizeof(*outputs->item));
	outputs->output = hmm_alloc(count, width);
	outputs->some = hmm_alloc(count, width);
	outputs->rest = hmm_alloc(count, sizeof(*outputs->rest));
	outputs->loss = hmm_alloc(count, sizeof(*outputs->loss));
	hmm_feed_open(&outputs->feed, items);
	return outputs->item && outputs->output && outputs->some && outputs->rest && outputs->loss ? 0
	                                                                                           : -1;
}

void
outputs_close(struct outputs *outputs)
{
	hmm_feed_close(&outputs->feed);
	free(outputs->item);
	free(outputs->output);
	free(outputs->some);
	free(outputs->rest);
	free(outputs->loss);
	*outputs = (struct outputs){0};
}

int
outputs_make(struct outputs *outputs)
{
	const struct hmm_learner *learner = outputs->learner;
	const size_t count = outputs->items->count, K = learner->objective->outputs;
	for (size_t i = 0; i < count; i++)
		outputs->item[i] = &outputs->items->item[i];
	hmm_feed_begin(&outputs->feed, NULL, 0);
	for (size_t i = 0, group; i < count; i += group) {
		group = count - i < GROUP ? count - i : GROUP;
		if (hmm_feed_next(&outputs->feed, i, outputs->item + i, group, NULL) ||
		    learner->predict(learner->self, outputs->item + i, group, outputs->output + i * K,
		        outputs->rest + i))
			return -1;
	}
	return hmm_objective_losses(
	    learner->objective, outputs->item, count, outputs->output, outputs->loss, NULL);
}

int
outputs_auc(struct outputs *outputs, double *auc)
{
	const struct hmm_objective *objective = outputs->learner->objective;
	const size_t K = objective->outputs;
	size_t whole = 0;
	for (size_t i = 0; i < outputs->items->count; i++)
		if (outputs->items->item[i].whole) {
			memcpy(outputs->some + whole * K, outputs->output + i * K, K * sizeof(double));
			outputs->item[whole++] = &outputs->items->item[i];
		}
	return hmm_objective_auc(objective, auc, outputs->item, whole, outputs->some);
}
