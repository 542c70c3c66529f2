/* Names to numbers: each name once, numbered from 0 in the order in which they are
 * added. Names are data of any bytes and any number; they are copied, and freed by
 * hmm_names_close(). A look-up takes the same time however many there are. */
#ifndef HMM_NAMES_H
#define HMM_NAMES_H

#include <stddef.h>

struct hmm_names { /* all zeroes: none */
	size_t count;
	char **name; /* [count] */
	/* private */
	size_t capacity; /* bytes at name */
	struct hmm_names_place *place;
	size_t places;
};

void hmm_names_close(struct hmm_names *names); /* legal on zeroes */

/* A name's number, which it gets here unless it has one: -1 reported. */
long hmm_names_add(struct hmm_names *names, const char *name);

/* A name's number, or -1 (not reported). */
long hmm_names_find(const struct hmm_names *names, const char *name);

/* Number them anew, bytewise ascending. now[count], unless NULL: what was number i
 * is now[i]. 0, or -1 reported. */
int hmm_names_sort(struct hmm_names *names, size_t *now);

/* "MRI, PET" for a message, as far as there is room; returns text. */
const char *hmm_names_list(char *text, size_t size, const struct hmm_names *names);

#endif
