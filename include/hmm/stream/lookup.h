/* The records of a file by name: where they are is kept, and what they hold read again. */
#ifndef HMM_LOOKUP_H
#define HMM_LOOKUP_H

#include "hmm/stream/history.h"
#include "hmm/stream/record.h"

struct hmm_lookup;

enum hmm_lookup_by {
	HMM_BY_MODALITY, /* subject, modality and index */
	HMM_BY_SUBJECT   /* subject and index, whatever the modality */
};

/* Read the streams of that kind in a regular file to their end. NULL, reported: also where two
 * records would be found by one name, or one has no subject, modality or index. */
struct hmm_lookup *hmm_lookup_open(const char *path, enum hmm_kind kind, enum hmm_lookup_by by);
void hmm_lookup_close(struct hmm_lookup *lookup); /* NULL is legal */

/* The record that has the names of `like` into `record`: 1, or 0 where there is none, or -1
 * reported. */
int hmm_lookup_find(
    struct hmm_lookup *lookup, struct hmm_record *record, const struct hmm_record *like);

/* What the record that was found last went through. */
const struct hmm_history *hmm_lookup_history(const struct hmm_lookup *lookup);

/* How many of its records were never found. */
size_t hmm_lookup_left(const struct hmm_lookup *lookup);

#endif
