#include "history.h"

#include <string.h>

#include "hmm/base/error.h"

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

int
hmm_history_read(struct hmm_input *input, struct hmm_step steps[HMM_MAX_HISTORY], size_t *count)
{
	struct hmm_token token;
	*count = 0;
	if (hmm_token_want(input, &token, HMM_TOKEN_ARRAY, "the history"))
		return -1;
	if (token.length > HMM_MAX_HISTORY)
		return hmm_error("%s: a history of %u entries, want at most %d", input->name, token.length,
		    HMM_MAX_HISTORY);
	for (; *count < token.length; ++*count)
		if (read_step(input, &steps[*count]))
			return -1;
	return 0;
}
