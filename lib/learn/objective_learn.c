#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/base/option.h"
#include "hmm/base/utf8.h"
#include "hmm/learn/model.h"
#include "objective.h"

/* Of each target, its first loss. */
static const enum hmm_loss loss_of[] = {HMM_BCE, HMM_CROSS_ENTROPY, HMM_GAUSSIAN, HMM_HAZARDS};

enum hmm_target
hmm_objective_target(const struct hmm_objective_options *asked)
{
	return asked->target != HMM_UNSET ? (enum hmm_target)asked->target
	       : asked->loss != HMM_UNSET ? objective_target_of[asked->loss]
	                                  : HMM_BINARY;
}

/* The labels of the subjects that are trained on, one of each. */
struct labels {
	double *number;      /* [count]: values; the times of events, ascending */
	size_t count, known; /* known: of times, events and censored */
};

/* Take a subject's. 0, or -1 reported. */
static int
take(struct hmm_objective *objective, struct labels *labels, const struct hmm_sample *sample)
{
	struct hmm_known known;
	double truth = 0;
	int number;
	if (objective->target == HMM_CLASSES) {
		if (!hmm_target_read(&known, HMM_CLASSES, sample->label, -1))
			return 0;
		if (!hmm_utf8_valid(sample->label))
			return hmm_error("subject %s: class '%s' is no UTF-8, as names in a model are",
			    sample->subject, sample->label);
		labels->known++;
		return hmm_names_add(&objective->classes, sample->label) < 0 ? -1 : 0;
	}
	const int is = hmm_objective_truth(objective, sample, &number, &truth);
	labels->known += is == 1;
	if (is == 1 && (objective->target == HMM_VALUE || number == 1))
		labels->number[labels->count++] = truth;
	return is < 0 ? -1 : 0;
}

static int
take_all(struct hmm_objective *objective, struct labels *labels, const struct hmm_dataset *data)
{
	const struct hmm_sample *before = NULL;
	if (!(labels->number = hmm_alloc(data->count, sizeof(*labels->number))))
		return -1;
	for (size_t i = 0; i < data->count; i++) {
		const struct hmm_sample *sample = &data->sample[i];
		if (strcmp(sample->split, "train") || !sample->label[0] ||
		    (before && !strcmp(before->subject, sample->subject)))
			continue;
		before = sample;
		if (take(objective, labels, sample))
			return -1;
	}
	hmm_numbers_sort(labels->number, labels->count);
	return labels->known
	           ? 0
	           : hmm_error("no labelled records of split 'train': hmm-split assigns train, "
	                       "val, cal and test");
}

static int
learn_classes(struct hmm_objective *objective)
{
	const size_t count = objective->classes.count;
	if (count < 2)
		return hmm_error("all training subjects are of class '%s', want two or more",
		    objective->classes.name[0]);
	if (count > HMM_OBJECTIVE_CLASSES)
		return hmm_error("%zu classes, want at most %d (a number is --target value)", count,
		    HMM_OBJECTIVE_CLASSES);
	return hmm_names_sort(&objective->classes, NULL);
}

static int
learn_value(struct hmm_objective *objective, const struct labels *labels)
{
	const double n = (double)labels->count;
	double sum = 0, squares = 0;
	for (size_t i = 0; i < labels->count; i++)
		sum += labels->number[i] / n;
	for (size_t i = 0; i < labels->count; i++)
		squares += (labels->number[i] - sum) * (labels->number[i] - sum) / n;
	objective->mean = sum;
	objective->sd = sqrt(squares);
	/* rounding alone may give equal values, which are sorted, a deviation */
	const int differ = labels->number[0] < labels->number[labels->count - 1];
	return differ && objective->sd > 0 && isfinite(objective->sd)
	           ? 0
	           : hmm_error("the values of %zu training subjects have no deviation that a number "
	                       "holds: want "
	                       "some that differ",
	                 labels->count);
}

/* The times of --times. 0, or -1 reported. */
static int
parse_times(struct hmm_objective *objective, const char *text)
{
	for (const char *at = text; *at;) {
		const size_t length = strcspn(at, ",");
		const char *end = at + length;
		const double before = objective->times ? objective->time[objective->times - 1] : 0;
		struct hmm_known known;
		char one[64] = "";
		memcpy(one, at, length < sizeof(one) ? length : 0);
		const int is = hmm_target_read(&known, HMM_VALUE, one, -1);
		const double time = known.number;
		if (is != 1 || (*end && !end[1]) || time <= before ||
		    objective->times == HMM_OBJECTIVE_TIMES)
			return hmm_error(
			    "--times: found '%s', want up to %d times above 0 that ascend, such as "
			    "365,730",
			    text, HMM_OBJECTIVE_TIMES);
		objective->time[objective->times++] = time;
		at = *end ? end + 1 : end;
	}
	return objective->times ? 0 : hmm_error("--times: found '', want times such as 365,730");
}

/* The times at which survival is predicted. Behind the last event nobody has one, and a hazard that
 * is learned there is of the events alone. */
static int
learn_times(struct hmm_objective *objective, const struct labels *labels, const char *asked)
{
	enum { USUAL = 8 };
	const double *event = labels->number;
	const double last = labels->count ? event[labels->count - 1] : 0;
	if (!labels->count)
		return hmm_error(
		    "%zu training subjects are censored, and none has an event", labels->known);
	if (asked && parse_times(objective, asked))
		return -1;
	if (asked)
		return objective->time[objective->times - 1] < last
		           ? 0
		           : hmm_error("--times: %g is not before the last event that is trained on, %g",
		                 objective->time[objective->times - 1], last);
	for (size_t k = 1; k <= USUAL; k++) {
		const double time = event[k * labels->count / (USUAL + 1)];
		const double before = objective->times ? objective->time[objective->times - 1] : 0;
		if (time > before && time < last)
			objective->time[objective->times++] = time;
	}
	return objective->times
	           ? 0
	           : hmm_error("all events of the training subjects are at one time, %g: --times says "
	                       "where survival is predicted before it",
	                 last);
}

/* As asked for, beside what a model before says. */
static int
check_asked(const struct hmm_objective *objective, const struct hmm_objective_options *asked,
    const struct hmm_model *before)
{
	const char *path = before->weights->path;
	char have[24], want[24];
	if (asked->target != HMM_UNSET && asked->target != (int)objective->target)
		return hmm_error("%s: a model of target %s, want %s", path,
		    hmm_target_names[objective->target], hmm_target_names[asked->target]);
	if (asked->loss != HMM_UNSET && asked->loss != (int)objective->loss)
		return hmm_error("%s: a model of loss %s, want %s", path,
		    hmm_option_word(have, sizeof(have), HMM_LOSSES, (int)objective->loss),
		    hmm_option_word(want, sizeof(want), HMM_LOSSES, asked->loss));
	return asked->times ? hmm_error("--times is for new models, not for %s", path) : 0;
}

int
hmm_objective_learn(struct hmm_objective *objective, const struct hmm_objective_options *asked,
    const struct hmm_dataset *data, const struct hmm_model *before)
{
	struct labels labels = {0};
	hmm_objective_close(objective);
	if (before && before->weights)
		return hmm_objective_read(objective, before) || check_asked(objective, asked, before) ? -1
		                                                                                      : 0;
	const enum hmm_target target = hmm_objective_target(asked);
	*objective = (struct hmm_objective){.target = target,
	    .loss = asked->loss != HMM_UNSET ? (enum hmm_loss)asked->loss : loss_of[target]};
	int bad = target != HMM_BINARY && take_all(objective, &labels, data);
	if (!bad && target == HMM_CLASSES)
		bad = learn_classes(objective);
	if (!bad && target == HMM_VALUE)
		bad = learn_value(objective, &labels);
	if (!bad && target == HMM_TIME)
		bad = learn_times(objective, &labels, asked->times);
	free(labels.number);
	return bad || objective_finish(objective) ? -1 : 0;
}

int
hmm_objective_steps(enum hmm_loss loss, long batch)
{
	return loss == HMM_COX && batch < 2
	           ? hmm_error(
	                 "--loss cox wants a --batch of 2 or more, such as 64: one patient has no "
	                 "risk set")
	           : 0;
}

int
hmm_objective_fits(const struct hmm_objective_options *asked, long batch)
{
	char loss[24];
	const enum hmm_target target = hmm_objective_target(asked);
	if (asked->loss != HMM_UNSET && objective_target_of[asked->loss] != target)
		return hmm_error("--loss %s is for --target %s",
		    hmm_option_word(loss, sizeof(loss), HMM_LOSSES, asked->loss),
		    hmm_target_names[objective_target_of[asked->loss]]);
	if (asked->times && target != HMM_TIME)
		return hmm_error("--times is for --target time");
	return asked->loss == HMM_COX ? hmm_objective_steps(HMM_COX, batch) : 0;
}
