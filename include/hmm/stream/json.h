/* A stream as JSON, an object a line. A byte that is no UTF-8 becomes U+FFFD. */
#ifndef HMM_JSON_H
#define HMM_JSON_H

#include "hmm/stream/reader.h"

/* The kind and the history of the reader's stream. 0, or -1 reported, here and below; errors of
 * writing stay in the FILE. */
int hmm_json_head(FILE *file, const struct hmm_reader *reader);

/* An entry of a history, but its fields that are absent. */
int hmm_json_step(FILE *file, const struct hmm_step *step);

/* A record's fields but those that are absent, and its tensor as hmm_text_record() has it. */
int hmm_json_record(FILE *file, const struct hmm_record *record, const char *npy);

#endif
