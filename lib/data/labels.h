/* A table of labels beside the images, such as participants.tsv. */
#ifndef HMM_LABELS_H
#define HMM_LABELS_H

#include "hmm/data/column.h"

struct hmm_labels {
	struct hmm_table *table;  /* owned */
	struct hmm_column by_key; /* the rows by the key column */
	int key, column;          /* of the labels; -1: there are none */
	char *used;               /* [names]: 1: found once */
};

/* Read the table (.csv: with commas), keyed by the first of these columns that it
 * has. One key with two labels is an error. 0, or -1 reported. */
int hmm_labels_open(struct hmm_labels *labels, const char *path, const char *key,
    const char *other_key, const char *column);
void hmm_labels_close(struct hmm_labels *labels); /* legal on zeroes */

/* The row of that name, or where there is none of what follows `prefix` in it;
 * -1: there is none. */
long hmm_labels_find(struct hmm_labels *labels, const char *name, const char *prefix);

/* The label in that row; NULL: missing. */
const char *hmm_labels_at(const struct hmm_labels *labels, long row);

/* How many keys were never found. */
size_t hmm_labels_unused(const struct hmm_labels *labels);

#endif
