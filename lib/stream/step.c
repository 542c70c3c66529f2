#include "hmm/stream/step.h"

#include <jansson.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/version.h"

int hmm_show_history;

void
hmm_step_fields(struct hmm_step_field fields[HMM_STEP_FIELDS], struct hmm_step *step)
{
	const struct hmm_step_field all[HMM_STEP_FIELDS] = {
	    {"program", step->program, sizeof(step->program)},
	    {"version", step->version, sizeof(step->version)},
	    {"numerics", step->numerics, sizeof(step->numerics)},
	    {"options", step->options, sizeof(step->options)},
	    {"weights", step->weights, sizeof(step->weights)}};
	memcpy(fields, all, sizeof(all));
}

static int
set_field(const struct hmm_step_field *field, const char *text)
{
	const size_t length = strlen(text);
	if (length >= field->size)
		return hmm_error("history: %s '%.40s...' of %zu bytes, want at most %zu", field->key, text,
		    length, field->size - 1);
	memcpy(field->text, text, length + 1);
	return 0;
}

int
hmm_step_make(struct hmm_step *step, const struct hmm_usage *usage, const char *weights)
{
	struct hmm_step_field fields[HMM_STEP_FIELDS];
	*step = (struct hmm_step){0};
	hmm_step_fields(fields, step);
	if (set_field(&fields[0], hmm_program) || set_field(&fields[1], HMM_VERSION) ||
	    set_field(&fields[2], HMM_NUMERICS) || set_field(&fields[4], weights ? weights : ""))
		return -1;
	return usage ? hmm_option_history(step->options, sizeof(step->options), usage) : 0;
}

int
hmm_step_parse(struct hmm_step *step, const char *json, const char *program)
{
	struct hmm_step_field fields[HMM_STEP_FIELDS];
	json_t *object = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
	int bad = 0;
	*step = (struct hmm_step){0};
	hmm_step_fields(fields, step);
	for (size_t i = 0; i < HMM_STEP_FIELDS && !bad; i++) {
		const json_t *value = json_object_get(object, fields[i].key);
		bad = json_is_string(value) && set_field(&fields[i], json_string_value(value));
	}
	json_decref(object);
	if (!bad && (strcmp(step->program, program) || !step->numerics[0]))
		bad =
		    hmm_error("found '%.80s', want the entry that %s --show-history prints", json, program);
	return bad ? -1 : 0;
}
