#include "leftovers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"

int
hmm_leftovers_add(struct hmm_leftovers *leftovers, const char *name)
{
	char **names = leftovers->name;
	size_t at = leftovers->count < HMM_LEFTOVERS_NAMED ? leftovers->count : HMM_LEFTOVERS_NAMED;
	leftovers->count++;
	if (at == HMM_LEFTOVERS_NAMED) {
		if (strcmp(name, names[--at]) >= 0)
			return 0;
		free(names[at]);
		names[at] = NULL;
	}
	char *copy = hmm_strdup(name);
	if (!copy)
		return -1;
	for (; at > 0 && strcmp(copy, names[at - 1]) < 0; at--)
		names[at] = names[at - 1];
	names[at] = copy;
	return 0;
}

void
hmm_leftovers_close(struct hmm_leftovers *leftovers)
{
	for (size_t i = 0; i < HMM_LEFTOVERS_NAMED; i++)
		free(leftovers->name[i]);
	*leftovers = (struct hmm_leftovers){0};
}

const char *
hmm_leftovers_list(char *text, size_t size, const struct hmm_leftovers *leftovers)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < HMM_LEFTOVERS_NAMED && i < leftovers->count && used < size; i++)
		used +=
		    (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : " (", leftovers->name[i]);
	if (leftovers->count && used < size)
		snprintf(text + used, size - used, leftovers->count > HMM_LEFTOVERS_NAMED ? ", ...)" : ")");
	return text;
}
