#include "hmm/data/list.h"

#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* Copy the item at *at into `item`, without its quotes and the blanks around it, and move behind
 * it. 0, or -1 (not reported). */
static int
take_item(char *item, char *quoted, const char **at)
{
	const char *from = *at;
	char *to = item;
	while (hmm_cell_blank(from))
		from += hmm_cell_blank(from);
	*quoted = *from == '"';
	if (*quoted) {
		for (from++; *from && (*from != '"' || from[1] == '"'); from++) {
			from += *from == '"';
			*to++ = *from;
		}
		if (!*from++)
			return -1;
		while (hmm_cell_blank(from))
			from += hmm_cell_blank(from);
		*at = from;
		return *from && *from != ',' ? -1 : 0;
	}
	while (*from && *from != ',')
		*to++ = *from++;
	while (hmm_cell_blank_before(item, to))
		to -= hmm_cell_blank_before(item, to);
	*to = '\0';
	*at = from;
	return to == item ? -1 : 0;
}

int
hmm_list_open(struct hmm_list *list, const char *option, const char *text)
{
	size_t most = 1;
	for (const char *c = text; *c; c++)
		most += *c == ',';
	*list = (struct hmm_list){0};
	list->item = hmm_alloc(most, sizeof(*list->item));
	list->quoted = hmm_alloc(most, 1);
	if (!list->item || !list->quoted)
		return -1;
	for (const char *at = text; at; at = *at ? at + 1 : NULL) {
		char *item = list->item[list->count] = hmm_alloc(strlen(at) + 1, 1);
		if (!item)
			return -1;
		list->count++;
		if (take_item(item, &list->quoted[list->count - 1], &at))
			return hmm_error("--%s: found '%s', want values with commas between them (one with a "
			                 "comma in double quotes)",
			    option, text);
	}
	return 0;
}

void
hmm_list_close(struct hmm_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->item[i]);
	free(list->item);
	free(list->quoted);
	*list = (struct hmm_list){0};
}

int
hmm_list_has(const char *list, const char *word, size_t length)
{
	for (const char *at = list; *at;) {
		const size_t span = strcspn(at, ",");
		if (span == length && !strncmp(at, word, span))
			return 1;
		at += span + (at[span] == ',');
	}
	return 0;
}
