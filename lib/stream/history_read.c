#include "history_read.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

static int
read_step(struct hmm_input *input, struct hmm_step *step)
{
	struct hmm_token token;
	char key[64];
	if (hmm_token_want(input, &token, HMM_TOKEN_MAP, "a history entry"))
		return -1;
	struct hmm_step_field fields[HMM_STEP_FIELDS];
	*step = (struct hmm_step){0};
	hmm_step_fields(fields, step);
	for (uint32_t i = 0; i < token.length; i++) {
		if (hmm_token_string(input, key, sizeof(key), "a key of the history"))
			return -1;
		size_t f = 0;
		while (f < HMM_STEP_FIELDS && strcmp(fields[f].key, key))
			f++;
		if (f < HMM_STEP_FIELDS ? hmm_token_string(input, fields[f].text, fields[f].size, key)
		                        : hmm_token_skip(input, 1))
			return -1;
	}
	return 0;
}

/* The steps of a chain, and the chain added. 0, or -1 reported. */
static int
read_chain(struct hmm_input *input, struct hmm_history *history, const char *modality)
{
	struct hmm_token token;
	if (hmm_token_want(input, &token, HMM_TOKEN_ARRAY, "the history"))
		return -1;
	if (token.length > HMM_MAX_HISTORY)
		return hmm_error("%s: a history of %u entries, want at most %d", input->name, token.length,
		    HMM_MAX_HISTORY);
	struct hmm_step *step = hmm_alloc(token.length, sizeof(*step));
	int bad = !step;
	for (uint32_t i = 0; i < token.length && !bad; i++)
		bad = read_step(input, &step[i]);
	if (!bad && (token.length || modality)) /* an empty one of everything says nothing */
		bad = hmm_history_add(history, modality, step, token.length);
	free(step);
	return bad ? -1 : 0;
}

int
hmm_history_read(struct hmm_input *input, struct hmm_history *history)
{
	return read_chain(input, history, NULL);
}

/* {modality: name, history: steps} */
static int
read_named(struct hmm_input *input, struct hmm_history *history)
{
	struct hmm_token token;
	char key[64], modality[HMM_RECORD_NAMES] = "";
	if (hmm_token_want(input, &token, HMM_TOKEN_MAP, "a modality's history"))
		return -1;
	for (uint32_t i = 0; i < token.length; i++) {
		if (hmm_token_string(input, key, sizeof(key), "a key of the histories"))
			return -1;
		if (i == 0 ? strcmp(key, "modality") != 0 : i > 1 || strcmp(key, "history") != 0)
			return hmm_error("%s: found '%s' in a modality's history, want 'modality', then "
			                 "'history'",
			    input->name, key);
		if (i == 0 ? hmm_token_string(input, modality, sizeof(modality), key)
		           : read_chain(input, history, modality))
			return -1;
	}
	return token.length == 2 ? 0 : hmm_error("%s: a modality without its history", input->name);
}

int
hmm_history_read_all(struct hmm_input *input, struct hmm_history *history)
{
	struct hmm_token token;
	if (hmm_token_want(input, &token, HMM_TOKEN_ARRAY, "the histories"))
		return -1;
	if (token.length > HMM_MAX_CHAINS)
		return hmm_error(
		    "%s: %u histories, want at most %d", input->name, token.length, HMM_MAX_CHAINS);
	for (uint32_t i = 0; i < token.length; i++)
		if (read_named(input, history))
			return -1;
	return 0;
}
