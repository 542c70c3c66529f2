/* A table of labels beside the images, such as participants.tsv. */
#ifndef HMM_LABELS_H
#define HMM_LABELS_H

#include "hmm/data/names.h"
#include "hmm/data/table.h"

struct hmm_labels {
	struct hmm_table *table; /* owned; only its keys can be spelled NA and the like */
	int key, session;        /* columns; -1: no session */
	int column;              /* of the labels; -1: there are none */
	struct hmm_names keys;   /* such as sub-01, and with a session sub-01<tab>ses-a */
	long *row_of;            /* [keys.count]: -1: several */
	char *used;              /* [rows]: 1: found once, or its key stands above */
};

/* What a table of labels is like. */
struct hmm_labels_kind {
	const char *keys[5];   /* its key is the first of these columns that it has; NULL: the end */
	const char *prefix;    /* what a key begins with, there or not: "sub-" */
	const char *session;   /* the column with sessions, if it has it; NULL: none */
	const char *only_once; /* under this key one may not stand in two rows; NULL: none */
};

/* By the column subject, participant_id, patient_id or group. */
extern const struct hmm_labels_kind hmm_labels_by_subject;

/* Read the table (.csv: with commas), with the labels in `column` (NULL: none). One key with two
 * labels is an error. 0, or -1 reported; close it in either case. */
int hmm_labels_open(struct hmm_labels *labels, const char *path, const struct hmm_labels_kind *kind,
    const char *column);
void hmm_labels_close(struct hmm_labels *labels); /* legal on zeroes */

/* The row of that name in that session ("": none): its own, or else the one without a session;
 * without a session the only one of that name. -1: there is none; -2, reported. */
long hmm_labels_find(struct hmm_labels *labels, const char *name, const char *session);

/* Whether it has the column with the labels; which ones it has is reported otherwise. 0 or -1. */
int hmm_labels_want(const struct hmm_labels *labels, const char *column);

/* The label in that row; NULL: missing. */
const char *hmm_labels_at(const struct hmm_labels *labels, long row);

/* How many keys were never found. */
size_t hmm_labels_unused(const struct hmm_labels *labels);

/* Give every row of a manifest of hmm_table_new() the label that the table at `path` has in
 * `column`, by its group where the table's key is that, else by its subject. Warnings count who has
 * no row there, and rows without an element of the manifest, which is called `what`. 0, or -1
 * reported. */
int hmm_labels_fill(struct hmm_table *manifest, const char *path, const char *column,
    const struct hmm_labels_kind *kind, const char *what);

#endif
