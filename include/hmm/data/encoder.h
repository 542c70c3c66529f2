/* Vectors as numbers for a model, modality by modality: how each column is coded, which is learned
 * on split train alone and kept in a file of safetensors:
 *
 *   N.mean, N.scale  F64 (columns): of modality N's columns, 0 and 0 of categories
 *   groups ...       whom it has seen, see groups.h
 *   columns          metadata, JSON: [{modality, columns: [{name, missing, values}]}] of tables,
 *                    [{modality, width}] of arrays */
#ifndef HMM_ENCODER_H
#define HMM_ENCODER_H

#include "hmm/data/coded.h"
#include "hmm/data/groups.h"
#include "hmm/data/vectors.h"
#include "hmm/file/output.h"

enum { HMM_ENCODER_WIDTH = 16384 }; /* numbers of a modality at most */

struct hmm_encoded {         /* a modality */
	char **name;             /* [columns]; NULL: arrays */
	struct hmm_coded *coded; /* [columns] */
	size_t columns, width;   /* of what comes in, of what goes out */
};

struct hmm_encoder {
	struct hmm_names modalities;
	struct hmm_encoded *of; /* [modalities] */
	struct hmm_groups groups;
};

/* The elements of a manifest: each of its files is opened once. */
struct hmm_encoder_rows {
	const struct hmm_table *manifest;
	struct hmm_names files;
	struct hmm_vectors *vectors;               /* [files] */
	size_t *file, *at;                         /* [rows]: which one, and its row or array there */
	size_t *order;                             /* [rows]: by subject, modality and path */
	int subject, modality, path, group, split; /* columns */
	int complete;                              /* 1: a missing cell within a vector is an error */
};

/* Open what the paths of a manifest name. 0, or -1 reported; close it in either case. */
int hmm_encoder_rows_open(
    struct hmm_encoder_rows *rows, const struct hmm_table *manifest, int complete);
void hmm_encoder_rows_close(struct hmm_encoder_rows *rows);

/* Learn the columns of every modality from the rows of split train. 0, or -1 reported; close it in
 * either case. */
int hmm_encoder_learn(struct hmm_encoder *encoder, struct hmm_encoder_rows *rows);
int hmm_encoder_open(struct hmm_encoder *encoder, const char *path);
void hmm_encoder_close(struct hmm_encoder *encoder); /* legal on zeroes */

int hmm_encoder_save(struct hmm_output *output, struct hmm_encoder *encoder);

/* The numbers of a row, x[HMM_ENCODER_WIDTH]. How many, or 0, reported: a modality or columns that
 * were not learned, or a missing cell where none may be. */
size_t hmm_encoder_write(
    float *x, const struct hmm_encoder *encoder, struct hmm_encoder_rows *rows, size_t row);

#endif
