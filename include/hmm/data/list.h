/* Lists with commas, as options have them. */
#ifndef HMM_LIST_H
#define HMM_LIST_H

#include <stddef.h>

struct hmm_list {
	size_t count;
	char **item;  /* [count] */
	char *quoted; /* [count]: 1: it stood in quotes */
};

/* Take apart `text`, what the option --`option` was given: a line of a CSV, in which blanks
 * around an item do not count, and one in double quotes (RFC 4180) may hold commas. 0, or -1
 * reported; close it in either case. */
int hmm_list_open(struct hmm_list *list, const char *option, const char *text);
void hmm_list_close(struct hmm_list *list); /* legal on zeroes */

/* Whether a word of that length stands in a list of words without quotes. */
int hmm_list_has(const char *list, const char *word, size_t length);

#endif
