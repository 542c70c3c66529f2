#include "history_json.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/utf8.h"
#include "hmm/file/json_text.h"

json_t *
hmm_json_text(const char *text)
{
	char *mended = hmm_utf8_mend(text);
	json_t *string = mended ? json_string(mended) : NULL;
	free(mended);
	return string;
}

/* What was built, or NULL in place of what memory was short for. */
static json_t *
whole(json_t *built, int bad)
{
	if (!bad)
		return built;
	json_decref(built);
	return NULL;
}

json_t *
hmm_json_of_step(const struct hmm_step *step)
{
	struct hmm_step own = *step;
	struct hmm_step_field fields[HMM_STEP_FIELDS];
	json_t *object = json_object();
	int bad = !object;
	hmm_step_fields(fields, &own);
	for (size_t i = 0; i < HMM_STEP_FIELDS && !bad; i++)
		if (fields[i].text[0])
			bad = json_object_set_new(object, fields[i].key, hmm_json_text(fields[i].text));
	return whole(object, bad);
}

json_t *
hmm_json_of_chain(const struct hmm_chain *chain)
{
	json_t *steps = json_array();
	int bad = !steps;
	for (size_t i = 0; i < chain->count && !bad; i++)
		bad = json_array_append_new(steps, hmm_json_of_step(&chain->step[i]));
	return whole(steps, bad);
}

static json_t *
named_chain(const struct hmm_chain *chain)
{
	json_t *object = json_object();
	int bad = !object;
	if (!bad && chain->modality)
		bad = json_object_set_new(object, "modality", hmm_json_text(chain->modality));
	bad = bad || json_object_set_new(object, "history", hmm_json_of_chain(chain));
	return whole(object, bad);
}

json_t *
hmm_json_of_history(const struct hmm_history *history)
{
	json_t *chains = json_array();
	int bad = !chains;
	for (size_t i = 0; i < history->chains && !bad; i++)
		bad = json_array_append_new(chains, named_chain(&history->chain[i]));
	return whole(chains, bad);
}

char *
hmm_history_json(const struct hmm_history *history)
{
	return hmm_json_write(hmm_json_of_history(history));
}

/* ---- the way back ---- */

int
hmm_json_to_step(struct hmm_step *step, const json_t *object)
{
	struct hmm_step_field fields[HMM_STEP_FIELDS];
	*step = (struct hmm_step){0};
	hmm_step_fields(fields, step);
	for (size_t i = 0; i < HMM_STEP_FIELDS; i++) {
		const char *text = json_string_value(json_object_get(object, fields[i].key));
		if (text && hmm_record_set(fields[i].text, fields[i].size, fields[i].key, text))
			return -1;
	}
	return 0;
}

int
hmm_step_parse(struct hmm_step *step, const char *json, const char *program)
{
	return hmm_step_parse_at(step, json, program, NULL);
}

int
hmm_step_parse_at(struct hmm_step *step, const char *json, const char *program, const char *place)
{
	json_t *object;
	int bad = hmm_json_read(&object, json, strlen(json), NULL) || hmm_json_to_step(step, object);
	json_decref(object);
	if (!bad && (strcmp(step->program, program) || !step->numerics[0]))
		bad = hmm_error("%s%sfound '%.80s', want the entry that %s --show-history prints",
		    place ? place : "", place ? ": " : "", json, program);
	return bad ? -1 : 0;
}

static int
add_chain(struct hmm_history *history, const json_t *chain, const char *name)
{
	const json_t *steps = json_object_get(chain, "history");
	const size_t count = json_array_size(steps);
	if (!json_is_array(steps))
		return hmm_error("%s: its history is no list of modalities' histories", name);
	if (count > HMM_MAX_HISTORY)
		return hmm_error("%s: a history of %zu entries, want a list of at most %d", name, count,
		    HMM_MAX_HISTORY);
	struct hmm_step *step = hmm_alloc(count, sizeof(*step));
	int bad = !step;
	for (size_t i = 0; i < count && !bad; i++)
		bad = hmm_json_to_step(&step[i], json_array_get(steps, i));
	bad = bad || hmm_history_add(
	                 history, json_string_value(json_object_get(chain, "modality")), step, count);
	free(step);
	return bad ? -1 : 0;
}

int
hmm_history_parse(struct hmm_history *history, const char *text, const char *name)
{
	json_t *chains;
	*history = (struct hmm_history){0};
	if (hmm_json_read(&chains, text, strlen(text), NULL))
		return -1;
	const size_t count = json_array_size(chains);
	int bad = 0;
	if (!json_is_array(chains) || count > HMM_MAX_CHAINS)
		bad = hmm_error("%s: its history is not a list of at most %d", name, HMM_MAX_CHAINS);
	for (size_t i = 0; i < count && !bad; i++)
		bad = add_chain(history, json_array_get(chains, i), name);
	json_decref(chains);
	return bad ? -1 : 0;
}
