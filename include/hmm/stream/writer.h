/* Writing streams of tensor records (.hmm), see hmm-stream(5). */
#ifndef HMM_WRITER_H
#define HMM_WRITER_H

#include <stdio.h>

#include "hmm/stream/reader.h"

struct hmm_writer;

/* Write a stream of this kind to the file. The header is written with the first
 * record, or at the end: `step` (NULL: nothing) is added to the history of the stream that
 * `reader` (NULL: none) is in at that time, and where that history changes a new
 * stream begins. Refuses a terminal. The writer does not close the file. NULL,
 * reported. */
struct hmm_writer *hmm_writer_open(
    FILE *file, const char *name, enum hmm_kind kind, const struct hmm_step *step);

/* The reader whose history goes into the output from now on (NULL: none). */
void hmm_writer_follow(struct hmm_writer *writer, const struct hmm_reader *reader);

/* 0, or -1 reported. */
int hmm_writer_put(struct hmm_writer *writer, const struct hmm_record *record);

/* Write the end record and flush. 0, or -1 reported. */
int hmm_writer_end(struct hmm_writer *writer);
void hmm_writer_close(struct hmm_writer *writer); /* NULL is legal; writes nothing */

#endif
