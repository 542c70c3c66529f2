#include "hmm/file/json_text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

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
	size_t size = 0;
	FILE *file = value ? open_memstream(&text, &size) : NULL;
	int bad = !file || json_dumpf(value, file, JSON_COMPACT | JSON_ENCODE_ANY) || ferror(file);
	json_decref(value);
	if (file && fclose(file))
		bad = 1;
	if (!bad && text)
		return text;
	free(text);
	hmm_error("out of memory");
	return NULL;
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
