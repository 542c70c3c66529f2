/* Streams of tensor records (.hmm), see hmm-stream(5).
 *
 * A stream is a header (kind, history), records, and an end (count, checksum);
 * streams may follow one another. One record is in memory at a time. */
#ifndef HMM_STREAM_H
#define HMM_STREAM_H

#include <stdio.h>

#include "hmm/base/hash.h"
#include "hmm/base/tensor.h"

/* What x is in every record of a stream. */
enum hmm_kind {
	HMM_SLICES,   /* one slice: u1 (1|3, height, width); grey or RGB */
	HMM_FEATURES, /* one image or slice: f4 (channels, height, width) */
	HMM_LATENTS,  /* the same shape, conditioned on its modality */
	HMM_SETS,     /* one subject: the same shape, aggregated */
	HMM_KINDS
};

const char *hmm_kind_name(enum hmm_kind kind); /* "slices", ... */
int hmm_kind_parse(const char *name);          /* or -1 (not reported) */

/* An empty string or -1 is an absent field. */
struct hmm_record {
	char subject[256];
	char group[256];     /* what must not be split: the patient of a subject */
	char modality[256];  /* of a set: its modalities, sorted, joined by '+' */
	char observed[256];  /* of a subset: the modalities that the subject has */
	char split[16];      /* train, val, test */
	char source[4096];   /* the image's name as the user gave it */
	int label;           /* 0, 1 */
	long index;          /* slice within its image, from 0 */
	long count;          /* elements in a set; slices in an image's block */
	struct hmm_tensor x; /* owned */
};

void hmm_record_clear(struct hmm_record *record); /* all absent; keeps x's block */
void hmm_record_free(struct hmm_record *record);
/* Copy the fields but not x. */
void hmm_record_copy_fields(struct hmm_record *to, const struct hmm_record *from);
/* "record 12 (sub-01 PET)" into text, for messages; returns text. */
const char *hmm_record_place(char *text, size_t size, const struct hmm_record *record, long number);
/* Copy a string into a field; -1, reported, when it does not fit. */
int hmm_record_set(char *field, size_t size, const char *what, const char *value);
/* Add a modality's name to a field of names joined by '+'; -1, reported for that
 * subject, when it does not fit. */
int hmm_record_join(char *field, size_t size, const char *subject, const char *modality);

/* The canonical order: by subject, modality, source, index, then x's bytes. So
 * neither the order of arrival nor a sort can change a result. For qsort(3). */
int hmm_record_compare(const void *a, const void *b);

/* ---- reading ---- */
struct hmm_reader;

/* Read streams of this kind from the file; `name` is for messages. The reader
 * does not close the file. NULL, reported. The first header is read here. */
struct hmm_reader *hmm_reader_open(FILE *file, const char *name, enum hmm_kind kind);
/* The same for any kind. */
struct hmm_reader *hmm_reader_open_any(FILE *file, const char *name);
void hmm_reader_close(struct hmm_reader *reader); /* NULL is legal */

/* The next record: 1, or 0 at the end of the last stream, or -1 reported:
 * hostile or torn data, a wrong checksum, or an end of file without an end. */
int hmm_reader_next(struct hmm_reader *reader, struct hmm_record *record);

/* The same in two steps, for a program that has to write what it has before the
 * history changes: the next record of this stream, 0 at its end; and behind that end
 * the next stream's header: 1, or 0 when none follows. */
int hmm_reader_next_within(struct hmm_reader *reader, struct hmm_record *record);
int hmm_reader_next_stream(struct hmm_reader *reader);

enum hmm_kind hmm_reader_kind(const struct hmm_reader *reader);
/* Records read so far: the last one's number, from 1. */
long hmm_reader_number(const struct hmm_reader *reader);
const char *hmm_reader_name(const struct hmm_reader *reader);

/* A whole stream in memory, in canonical order, all blocks of one shape. */
struct hmm_dataset {
	struct hmm_record *record;
	size_t count;
};

/* Read to the end; two records of one subject must agree on its label, group
 * and split. 0, or -1 reported. */
int hmm_dataset_read(struct hmm_dataset *dataset, struct hmm_reader *reader);
void hmm_dataset_free(struct hmm_dataset *dataset);

/* Whether two records of one subject agree; 0, or -1 reported. */
int hmm_record_agree(const struct hmm_record *a, const struct hmm_record *b, const char *name);

/* ---- history ---- */
/* What a program adds to the history of the data that passes through it. */
struct hmm_step {
	const char *options; /* hmm_option_history(), "" for none */
	const char *weights; /* SHA-256 of the weights used, or NULL */
};

/* The entries of the current stream's history, oldest first. */
struct hmm_past {
	char program[64], version[64], options[1024], weights[HMM_HASH_SIZE];
};
size_t hmm_reader_history(const struct hmm_reader *reader, const struct hmm_past **past);

/* ---- writing ---- */
struct hmm_writer;

/* Write a stream of this kind to the file. The header is written with the first
 * record, or at the end: `step` is added to the history of the stream that
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

/* ---- a filter: a stream on standard input, one on standard output ---- */
struct hmm_filter {
	struct hmm_reader *reader;
	struct hmm_writer *writer;
	struct hmm_record record; /* the one in hand */
};

int hmm_filter_open(
    struct hmm_filter *filter, enum hmm_kind in, enum hmm_kind out, const struct hmm_step *step);

/* End the output, unless `bad`, and close everything: the exit status of the
 * program, 0 or 1. */
int hmm_filter_close(struct hmm_filter *filter, int bad);

#endif
