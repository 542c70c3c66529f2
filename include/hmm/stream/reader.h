/* Reading streams of tensor records (.hmm), see hmm-stream(5).
 *
 * A stream is a header (kind, history), records, and an end (count, checksum);
 * streams may follow one another. */
#ifndef HMM_READER_H
#define HMM_READER_H

#include <stdio.h>
#include <sys/types.h>

#include "hmm/stream/history.h"

struct hmm_reader;

/* Read streams of this kind from the file; `name` is for messages. The reader
 * does not close the file. NULL, reported. The first header is read here. */
struct hmm_reader *hmm_reader_open(FILE *file, const char *name, enum hmm_kind kind);
/* The same for any kind. */
struct hmm_reader *hmm_reader_open_any(FILE *file, const char *name);
void hmm_reader_close(struct hmm_reader *reader); /* NULL is legal */

/* Do not look whether its numbers are finite: who wrote it did, and its checksum is compared. */
void hmm_reader_trust(struct hmm_reader *reader);

/* What is done with the record that was read last, which may be exchanged for another; and what
 * behind the last record of a stream. 0, or -1 reported. */
typedef int hmm_record_take(void *self, struct hmm_reader *reader, struct hmm_record *record);
typedef int hmm_stream_end(void *self);

/* Read all records into that one and give each to `take`; behind the last one of each of
 * the streams that follow one another comes `end` (NULL: nothing). 0, or -1 reported. */
int hmm_reader_each(struct hmm_reader *reader, struct hmm_record *record, hmm_record_take *take,
    hmm_stream_end *end, void *self);

/* The next record: 1, or 0 at the end of the last stream, or -1 reported:
 * hostile or torn data, a wrong checksum, an end of file without an end. Where a program before
 * this one failed, which has reported that, -1 is silent. */
int hmm_reader_next(struct hmm_reader *reader, struct hmm_record *record);

/* The same in two steps, for a program that has to write what it has before the
 * history changes: the next record of this stream, 0 at its end; and behind that end
 * the next stream's header: 1, or 0 when none follows. */
int hmm_reader_next_within(struct hmm_reader *reader, struct hmm_record *record);
int hmm_reader_next_stream(struct hmm_reader *reader);

/* Behind the last stream, the record of that number and place (ftello(3)) in a regular file once
 * more. 0, or -1 reported. */
int hmm_reader_again(struct hmm_reader *reader, struct hmm_record *record, off_t at, long number);

/* The descriptor of the regular file that is read, or -1: it is none; and where in that x of the
 * record that was read last lies. */
int hmm_reader_file(const struct hmm_reader *reader);
off_t hmm_reader_at(const struct hmm_reader *reader);

/* Whether a right checksum stands behind the record that was read last: it and all that came before
 * it in its stream is as it was written. Of an older stream only the end says so. */
int hmm_reader_proven(const struct hmm_reader *reader);

enum hmm_kind hmm_reader_kind(const struct hmm_reader *reader);
/* Records read so far: the last one's number, from 1. */
long hmm_reader_number(const struct hmm_reader *reader);
const char *hmm_reader_name(const struct hmm_reader *reader);

/* What the records of the stream in hand went through; and that stream's number, from 1. */
const struct hmm_history *hmm_reader_history(const struct hmm_reader *reader);
long hmm_reader_streams(const struct hmm_reader *reader);

/* Behind a failure, the program that failed before this one and has said why; else NULL. */
const char *hmm_reader_failed(const struct hmm_reader *reader);

#endif
