#include "hmm/file/json_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/error.h"

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
