/* A whole stream as it is trained on: its records in canonical order, all blocks of one shape; but
 * features of one modality may have fewer channels than those of another, and zeros behind them.
 * Their names are packed, and in memory. So are the blocks of a stream that comes through a pipe;
 * those of a regular file are read when they are wanted, as often as that is. */
#ifndef HMM_DATASET_H
#define HMM_DATASET_H

#include <sys/types.h>

#include "hmm/data/names.h"
#include "hmm/stream/reader.h"

/* A record of a data set, whose names it shares with others: "" or -1 is an absent field. */
struct hmm_sample {
	const char *subject, *group, *modality, *observed, *split, *source, *imputed;
	const char *label; /* see record.h */
	int event;
	unsigned channels; /* its own */
	long index;
	size_t history; /* which of the data set's */
	size_t number;  /* its place in the stream, from 1 */
	void *x;        /* its block; NULL: in the file, */
	off_t at;       /* there */
	uint64_t hash;  /* of the block's bytes */
};

struct hmm_dataset {
	struct hmm_sample *sample; /* [count] */
	size_t count;
	struct hmm_tensor x;       /* type and shape of every block as it is given; no data */
	size_t bytes;              /* of such a block */
	struct hmm_histories past; /* what they went through, by sample.history */
	/* private */
	size_t capacity; /* bytes at sample */
	struct hmm_names names;
	unsigned *channels; /* [names] of a modality of that name; 0: it is none */
	size_t channels_capacity;
	char *name; /* of the stream, for messages */
	int file;   /* its descriptor, which stays the reader's */
};

/* Read to the end; two records of one subject must agree on its label, group
 * and split. Of a regular file only the places of its blocks stay in memory, and the file is to
 * stay open, and as it is. 0, or -1 reported. */
int hmm_dataset_read(struct hmm_dataset *dataset, struct hmm_reader *reader);

/* The channels of a modality; 0 where no record has it. */
size_t hmm_dataset_channels(const struct hmm_dataset *dataset, const char *modality);

/* Have blocks be given with at least so many channels. 0, or -1 reported. */
int hmm_dataset_pad(struct hmm_dataset *dataset, size_t channels);

void hmm_dataset_free(struct hmm_dataset *dataset); /* legal on zeroes */

/* A sample's block: where it lies in memory, or read into `buffer`, which has room for one. NULL,
 * reported: the file is not what it was when it was checked. Safe in several threads. */
void *hmm_dataset_block(
    const struct hmm_dataset *dataset, const struct hmm_sample *sample, void *buffer);

/* Have the system fetch what lies in the file from one block to another, which are wanted soon. */
void hmm_dataset_expect(const struct hmm_dataset *dataset, const struct hmm_sample *first,
    const struct hmm_sample *last);

/* A sample's fields as a record of its own, without a block. */
void hmm_sample_fields(struct hmm_record *record, const struct hmm_sample *sample);

#endif
