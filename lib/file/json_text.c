#include "hmm/file/json_text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/collect.h"
#include "hmm/base/error.h"

/* What jansson asks for and does not get, it may forget. */
static _Thread_local int refused;

static void *
allocate(size_t size)
{
	void *block = malloc(size);
	if (!block)
		refused = 1;
	return block;
}

static void
watch_memory(void)
{
	json_set_alloc_funcs(allocate, free);
}

int
hmm_json_read(json_t **value, const char *text, size_t size, json_error_t *error)
{
	static pthread_once_t watched = PTHREAD_ONCE_INIT;
	pthread_once(&watched, watch_memory);
	refused = 0;
	*value = json_loadb(text, size, JSON_REJECT_DUPLICATES, error);
	if (!refused)
		return 0;
	json_decref(*value);
	*value = NULL;
	return hmm_error("out of memory");
}

char *
hmm_json_write(json_t *value)
{
	char *text = NULL;
	struct hmm_collected *collected = hmm_collect_open();
	if (collected && value && !json_dumpf(value, collected->file, JSON_COMPACT | JSON_ENCODE_ANY) &&
	    !hmm_collect_finish(collected)) {
		text = collected->text;
		collected->text = NULL;
	} else if (collected) {
		hmm_error("out of memory");
	}
	json_decref(value);
	hmm_collect_free(collected);
	return text;
}

int
hmm_json_print(FILE *file, json_t *value, int bad)
{
	char *text = NULL;
	if (bad) {
		json_decref(value);
		return hmm_error("out of memory");
	}
	if (!(text = hmm_json_write(value)))
		return -1;
	fputs(text, file);
	fputc('\n', file);
	free(text);
	return 0;
}
