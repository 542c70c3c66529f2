#include "hmm/stream/step.h"

#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/version.h"
#include "hmm/stream/record.h"

int hmm_show_history;

void
hmm_step_fields(struct hmm_step_field fields[HMM_STEP_FIELDS], struct hmm_step *step)
{
	const struct hmm_step_field all[HMM_STEP_FIELDS] = {
	    {"program", step->program, sizeof(step->program)},
	    {"version", step->version, sizeof(step->version)},
	    {"numerics", step->numerics, sizeof(step->numerics)},
	    {"options", step->options, sizeof(step->options)},
	    {"notes", step->notes, sizeof(step->notes)},
	    {"weights", step->weights, sizeof(step->weights)}};
	memcpy(fields, all, sizeof(all));
}

static int
set_field(const struct hmm_step_field *field, const char *text)
{
	return hmm_record_set(field->text, field->size, field->key, text);
}

int
hmm_step_make(struct hmm_step *step, const struct hmm_usage *usage, const char *weights)
{
	struct hmm_step_field fields[HMM_STEP_FIELDS];
	*step = (struct hmm_step){0};
	hmm_step_fields(fields, step);
	if (set_field(&fields[0], hmm_program) || set_field(&fields[1], HMM_VERSION) ||
	    set_field(&fields[2], HMM_NUMERICS) || set_field(&fields[5], weights ? weights : ""))
		return -1;
	if (usage && (hmm_option_history(step->options, sizeof(step->options), usage, HMM_BINDING) ||
	                 hmm_option_history(step->notes, sizeof(step->notes), usage, HMM_NOTED)))
		return -1;
	return 0;
}

int
hmm_step_holds(const struct hmm_step *step, const char *option, const char *modality)
{
	char found[HMM_RECORD_NAMES] = "";
	if (!modality || (*modality && hmm_step_option(found, sizeof(found), step, option) &&
	                     !strcmp(found, modality)))
		return 0;
	return hmm_error("--%s: found '%s', want a modality without a word before a =, which would be "
	                 "another option in a history",
	    option, modality);
}

/* Where the word behind the next blank begins; NULL: there is none. */
static const char *
next_word(const char *at)
{
	at = strchr(at, ' ');
	return at ? at + 1 : NULL;
}

int
hmm_step_option(char *value, size_t size, const struct hmm_step *step, const char *name)
{
	const size_t length = strlen(name);
	const char *at = step->options;
	while (at && (strncmp(at, name, length) || at[length] != '='))
		at = next_word(at);
	if (!at)
		return 0;
	at += length + 1;
	const char *end = at;
	while ((end = next_word(end)) && end[strcspn(end, "= ")] != '=')
		;
	const size_t used = end ? (size_t)(end - 1 - at) : strlen(at);
	if (used >= size)
		return 0;
	memcpy(value, at, used);
	value[used] = '\0';
	return 1;
}
