/* A stream as a table, a line a record, and back. */
#ifndef HMM_TEXT_H
#define HMM_TEXT_H

#include "hmm/data/table.h"
#include "hmm/stream/reader.h"

/* The history of the reader's stream, a line an entry behind "# ", and for the first of its streams
 * the columns' names. Always 0, here and below: errors stay in the
 * FILE. */
int hmm_text_head(FILE *file, const struct hmm_reader *reader);

/* A record's fields, and the shape, type, mean, least and greatest value of its tensor;
 * `npy` names the file that has the tensor, or is NULL. */
int hmm_text_record(FILE *file, const struct hmm_record *record, const char *npy);

/* The way back: the fields of a row, and of the file that its column npy names the tensor that a
 * stream of that kind holds, see hmm/stream/import.h. 0, or -1 reported. */
int hmm_text_read(
    struct hmm_record *record, const struct hmm_table *table, size_t row, enum hmm_kind kind);

#endif
