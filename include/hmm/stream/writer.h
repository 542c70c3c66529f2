/* Writing streams of tensor records (.hmm), see hmm-stream(5). */
#ifndef HMM_WRITER_H
#define HMM_WRITER_H

#include <stdio.h>

#include "hmm/stream/reader.h"

struct hmm_writer;

/* Write a stream of this kind to the file. Refuses a terminal. The writer does not close the
 * file. NULL, reported. */
struct hmm_writer *hmm_writer_open(FILE *file, const char *name, enum hmm_kind kind);

/* The header is written with the first record, or at the end: with the history of the data before
 * this program, and its own step behind that. Where either changes, a new stream begins.
 * `before` is kept by reference (NULL: nothing is known). */
void hmm_writer_step(struct hmm_writer *writer, const struct hmm_step *step);
void hmm_writer_follow(struct hmm_writer *writer, const struct hmm_history *before);

/* Do not look whether the numbers are finite: they go on as they came. */
void hmm_writer_trust(struct hmm_writer *writer);

/* Refuses what a reader would, see hmm_record_check(). 0, or -1 reported. */
int hmm_writer_put(struct hmm_writer *writer, const struct hmm_record *record);

/* Whether nothing was written since that many records, nor went wrong with the file: the image in
 * hand can be left out. hmm_writer_number(): how many there were so far. */
long hmm_writer_number(const struct hmm_writer *writer);
int hmm_writer_untouched(const struct hmm_writer *writer, long number);

/* Write the end record and flush. 0, or -1 reported. */
int hmm_writer_end(struct hmm_writer *writer);

/* In place of an end: that program failed, and has reported why. Nothing is reported here. */
void hmm_writer_fail(struct hmm_writer *writer, const char *program);
void hmm_writer_close(struct hmm_writer *writer); /* NULL is legal; writes nothing */

#endif
