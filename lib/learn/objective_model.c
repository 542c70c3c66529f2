#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/learn/model.h"
#include "objective.h"

static char logit[] = "logit", probability[] = "probability";
static char *binary_columns[] = {logit, probability};
const struct hmm_objective hmm_objective_binary = {
    .outputs = 1, .columns = {.count = 2, .name = binary_columns}};

const enum hmm_target objective_target_of[] = {
    HMM_BINARY, HMM_CLASSES, HMM_VALUE, HMM_VALUE, HMM_VALUE, HMM_TIME, HMM_TIME};

struct hmm_objective_fact {
	char key[32], value[40];
};

void
hmm_objective_close(struct hmm_objective *objective)
{
	if (objective->target != HMM_BINARY)
		hmm_names_close(&objective->columns);
	hmm_names_close(&objective->classes);
	free(objective->fact);
	free(objective->pair);
	*objective = (struct hmm_objective){0};
}

/* With as many digits as tell a time from all others, and no fewer than a person wants. */
static void
name_time(char *text, size_t size, double time)
{
	for (int digits = 9; digits <= 17; digits++) {
		snprintf(text, size, "survival_%.*g", digits, time);
		if (strtod(strchr(text, '_') + 1, NULL) == time)
			return;
	}
}

int
objective_finish(struct hmm_objective *objective)
{
	struct hmm_names *columns = &objective->columns;
	char name[sizeof("probability_") + HMM_OBJECTIVE_NAME];
	int bad = 0;
	objective->outputs = 1;
	switch (objective->target) {
	case HMM_BINARY:
		*objective = hmm_objective_binary;
		return 0;
	case HMM_CLASSES:
		objective->outputs = objective->classes.count;
		for (size_t k = 0; k < objective->classes.count && !bad; k++) {
			snprintf(name, sizeof(name), "probability_%s", objective->classes.name[k]);
			bad = hmm_names_add(columns, name) < 0;
		}
		break;
	case HMM_VALUE:
		objective->outputs = objective->loss == HMM_GAUSSIAN ? 2 : 1;
		bad = hmm_names_add(columns, "value") < 0 ||
		      (objective->loss == HMM_GAUSSIAN && hmm_names_add(columns, "sd") < 0);
		break;
	case HMM_TIME:
		objective->outputs = objective->loss == HMM_HAZARDS ? objective->times : 1;
		bad = hmm_names_add(columns, "risk") < 0;
		for (size_t k = 0; k < objective->times && !bad; k++) {
			name_time(name, sizeof(name), objective->time[k]);
			bad = hmm_names_add(columns, name) < 0;
		}
	}
	return bad ? -1 : 0;
}

/* ---- a model's file ---- */

/* A number of its metadata. 0, or -1 reported. */
static int
read_number(double *number, const struct hmm_model *model, const char *key)
{
	const char *text = hmm_weights_metadata(model->weights, key);
	struct hmm_known known;
	const int is = hmm_target_read(&known, HMM_VALUE, text ? text : "", -1);
	*number = known.number;
	return is == 1 ? 0
	               : hmm_error("%s: %s: found '%s', want a number", model->weights->path, key,
	                     text ? text : "nothing");
}

static int
read_classes(struct hmm_objective *objective, const struct hmm_model *model)
{
	char key[32];
	for (size_t k = 0; k < HMM_OBJECTIVE_CLASSES; k++) {
		snprintf(key, sizeof(key), "class.%zu", k);
		const char *name = hmm_weights_metadata(model->weights, key);
		if (!name)
			break;
		if (!name[0] || strlen(name) >= HMM_OBJECTIVE_NAME)
			return hmm_error("%s: %s: found %zu bytes, want 1 to %d", model->weights->path, key,
			    strlen(name), HMM_OBJECTIVE_NAME - 1);
		if (k && strcmp(objective->classes.name[k - 1], name) >= 0)
			return hmm_error("%s: class '%s' is out of place, want names that ascend",
			    model->weights->path, name);
		if (hmm_names_add(&objective->classes, name) < 0)
			return -1;
	}
	return objective->classes.count > 1
	           ? 0
	           : hmm_error("%s: a model of classes that names less than two", model->weights->path);
}

static int
read_times(struct hmm_objective *objective, const struct hmm_model *model)
{
	char key[32];
	for (size_t k = 0; k < HMM_OBJECTIVE_TIMES; k++) {
		double *time = &objective->time[k], *baseline = &objective->baseline[k];
		snprintf(key, sizeof(key), "time.%zu", k);
		if (!hmm_weights_metadata(model->weights, key))
			break;
		if (read_number(time, model, key))
			return -1;
		snprintf(key, sizeof(key), "baseline.%zu", k);
		if (objective->loss == HMM_COX && read_number(baseline, model, key))
			return -1;
		if (!(*time > (k ? time[-1] : 0)) || *baseline < (k ? baseline[-1] : 0))
			return hmm_error("%s: time.%zu: %g, want times and a baseline that ascend",
			    model->weights->path, k, *time);
		objective->times++;
	}
	return objective->times
	           ? 0
	           : hmm_error("%s: a model of time that names none", model->weights->path);
}

int
hmm_objective_is_binary(const struct hmm_model *model)
{
	const char *target = hmm_weights_metadata(model->weights, "target");
	return target ? hmm_error("%s: a model of --target %s, want a binary one", model->weights->path,
	                    target)
	              : 0;
}

int
hmm_objective_read(struct hmm_objective *objective, const struct hmm_model *model)
{
	const char *path = model->weights->path;
	const char *target = hmm_weights_metadata(model->weights, "target");
	const char *loss = hmm_weights_metadata(model->weights, "loss");
	const int place = loss ? hmm_option_place(HMM_LOSSES, loss) : HMM_UNSET;
	*objective = hmm_objective_binary;
	if (!target && !loss)
		return 0;
	if (place == HMM_UNSET || !target ||
	    strcmp(target, hmm_target_names[objective_target_of[place]]))
		return hmm_error("%s: target '%s' of loss '%s', which are not known", path,
		    target ? target : "", loss ? loss : "");
	*objective =
	    (struct hmm_objective){.target = objective_target_of[place], .loss = (enum hmm_loss)place};
	int bad = 0;
	if (objective->target == HMM_CLASSES)
		bad = read_classes(objective, model);
	if (objective->target == HMM_TIME)
		bad = read_times(objective, model);
	if (objective->target == HMM_VALUE)
		bad = read_number(&objective->mean, model, "mean") ||
		      read_number(&objective->sd, model, "sd") ||
		      (!(objective->sd > 0) &&
		          hmm_error("%s: sd: %g, want more than 0", path, objective->sd));
	return bad || objective_finish(objective) ? -1 : 0;
}

const char *
hmm_objective_loss_name(const struct hmm_objective *objective)
{
	static const char *const names[] = {"cross-entropy", "cross-entropy", "gaussian", "huber",
	    "squared", "hazards", "cox"}; /* HMM_LOSSES, but that of the binary one by its name */
	return names[objective->loss];
}

/* Note a fact: a number, or with a text that, which stays the caller's. */
static void
note(struct hmm_objective *objective, size_t *count, const char *key, double number,
    const char *text)
{
	struct hmm_objective_fact *fact = &objective->fact[*count];
	snprintf(fact->key, sizeof(fact->key), "%s", key);
	snprintf(fact->value, sizeof(fact->value), "%.17g", number);
	objective->pair[(*count)++] = (struct hmm_pair){fact->key, text ? text : fact->value};
}

const struct hmm_pair *
hmm_objective_pairs(struct hmm_objective *objective, size_t *count)
{
	const size_t most = 4 + objective->classes.count + 2 * objective->times;
	char key[32];
	*count = 0;
	free(objective->fact);
	free(objective->pair);
	objective->fact = hmm_alloc(most, sizeof(*objective->fact));
	objective->pair = hmm_alloc(most, sizeof(*objective->pair));
	if (!objective->fact || !objective->pair)
		return NULL;
	if (objective->target == HMM_BINARY)
		return objective->pair;
	note(objective, count, "target", 0, hmm_target_names[objective->target]);
	note(objective, count, "loss", 0, hmm_objective_loss_name(objective));
	for (size_t k = 0; k < objective->classes.count; k++) {
		snprintf(key, sizeof(key), "class.%zu", k);
		note(objective, count, key, 0, objective->classes.name[k]);
	}
	if (objective->target == HMM_VALUE) {
		note(objective, count, "mean", objective->mean, NULL);
		note(objective, count, "sd", objective->sd, NULL);
	}
	for (size_t k = 0; k < objective->times; k++) {
		snprintf(key, sizeof(key), "time.%zu", k);
		note(objective, count, key, objective->time[k], NULL);
		snprintf(key, sizeof(key), "baseline.%zu", k);
		if (objective->loss == HMM_COX)
			note(objective, count, key, objective->baseline[k], NULL);
	}
	return objective->pair;
}
