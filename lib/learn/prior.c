#include "hmm/learn/prior.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"

size_t
hmm_prior_note(char text[HMM_PRIOR_TEXT], const struct hmm_dataset *data,
    const struct hmm_objective *objective, int balanced)
{
	struct hmm_known known;
	size_t of_class[2] = {0, 0};
	if (objective->target != HMM_BINARY)
		return 0;
	for (size_t i = 0; i < data->count; i++) {
		const struct hmm_sample *sample = &data->sample[i];
		if (!strcmp(sample->split, "train") && !sample->observed[0] &&
		    hmm_target_read(&known, HMM_BINARY, sample->label, -1) == 1)
			of_class[(int)known.number]++; /* what is no label is the training's to report */
	}
	const double share = (double)of_class[1] / (double)(of_class[0] + of_class[1]);
	snprintf(text, HMM_PRIOR_TEXT, "%.17g", balanced ? .5 : share);
	return of_class[0] && of_class[1];
}

int
hmm_prior_read(double *logit, const struct hmm_model *model)
{
	const char *text = hmm_weights_metadata(model->weights, HMM_PRIOR_KEY);
	char *end = NULL;
	const double share = text ? strtod(text, &end) : 0;
	if (!text)
		return hmm_error("%s does not say the prevalence that it was trained on: train it again, "
		                 "or say it with --prevalence P",
		    model->weights->path);
	if (end == text || *end || !(share > 0 && share < 1))
		return hmm_error(
		    "%s: prevalence '%s', want a number between 0 and 1", model->weights->path, text);
	*logit = log(share / (1 - share));
	return 0;
}
