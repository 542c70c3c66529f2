/* What is left out, for a warning: how many, and the first few of them. */
#ifndef HMM_LEFTOVERS_H
#define HMM_LEFTOVERS_H

#include <stddef.h>

enum { HMM_LEFTOVERS_NAMED = 3 };

struct hmm_leftovers { /* all zeroes: none */
	size_t count;
	char *name[HMM_LEFTOVERS_NAMED]; /* bytewise the first, in whatever order they come */
};

int hmm_leftovers_add(struct hmm_leftovers *leftovers, const char *name); /* 0, or -1 reported */
void hmm_leftovers_close(struct hmm_leftovers *leftovers);

/* " (a, b, c, ...)" into text; returns text. */
const char *hmm_leftovers_list(char *text, size_t size, const struct hmm_leftovers *leftovers);

#endif
