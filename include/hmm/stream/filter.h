/* What most programs are: a stream on standard input, one on standard output. */
#ifndef HMM_FILTER_H
#define HMM_FILTER_H

#include "hmm/stream/reader.h"
#include "hmm/stream/writer.h"

struct hmm_filter {
	struct hmm_reader *reader; /* NULL: before hmm_filter_read() */
	struct hmm_writer *writer;
	struct hmm_record record; /* the one in hand */
	int shown;                /* 1: --show-history was given and is answered */
};

/* The stream on standard output, to be opened before anything can fail: who reads it learns of a
 * failure from it. 0, or -1 reported. */
int hmm_filter_open(struct hmm_filter *filter, enum hmm_kind out);

/* What this program adds to the history. 0; 1 where --show-history was given: the step is printed,
 * and there is nothing left to do but hmm_filter_close(). */
int hmm_filter_step(struct hmm_filter *filter, const struct hmm_step *step);

/* The stream on standard input, whose history goes into the output. 0, or -1 reported. */
int hmm_filter_read(struct hmm_filter *filter, enum hmm_kind in);

/* Both in one: hmm_filter_read() and hmm_reader_each() over the record in hand. */
int hmm_filter_run(struct hmm_filter *filter, enum hmm_kind in, hmm_record_take *take,
    hmm_stream_end *end, void *self);

/* End the output, or say in it that this program failed where `bad`, and close everything: the exit
 * status of the program, 0 or 1. */
int hmm_filter_close(struct hmm_filter *filter, int bad);

#endif
