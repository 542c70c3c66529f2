#include "hmm/data/element.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* The bracket that the one at the end closes, as others may stand between; NULL: there is none. */
static char *
opening(char *text)
{
	size_t depth = 0;
	for (size_t i = strlen(text); i-- > 0;) {
		if (text[i] == ']')
			depth++;
		else if (depth && text[i] == '[' && --depth == 0)
			return text + i;
		if (!depth)
			return NULL;
	}
	return NULL;
}

int
hmm_element_open(struct hmm_element *element, const char *path, int keyed)
{
	*element = (struct hmm_element){.text = hmm_strdup(path)};
	if (!element->text)
		return -1;
	element->file = element->text;
	if (keyed) {
		char *key = strrchr(element->text, '#');
		if (!key || !key[1])
			return hmm_error("'%s': want FILE#KEY, a row of a table or an array of NumPy's "
			                 "(signals are for hmm-rocket)",
			    path);
		*key = '\0';
		element->key = key + 1;
	}
	char *columns = opening(element->text);
	if (columns) {
		columns[strlen(columns) - 1] = '\0';
		*columns = '\0';
		element->columns = columns + 1;
	}
	if (!*element->file || (columns && !columns[1]))
		return hmm_error("'%s': want FILE or FILE[COLUMNS]%s", path, keyed ? ", and #KEY" : "");
	return 0;
}

void
hmm_element_close(struct hmm_element *element)
{
	free(element->text);
	*element = (struct hmm_element){0};
}

char *
hmm_element_path(const struct hmm_element *element, const char *key)
{
	const char *columns = element->columns ? element->columns : "";
	const size_t size =
	    strlen(element->file) + strlen(columns) + (key ? strlen(key) : 0) + sizeof("[]#");
	char *path = hmm_alloc(size, 1);
	if (path)
		snprintf(path, size, "%s%s%s%s%s%s", element->file, *columns ? "[" : "", columns,
		    *columns ? "]" : "", key ? "#" : "", key ? key : "");
	return path;
}
