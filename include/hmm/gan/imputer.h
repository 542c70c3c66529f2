/* Slices of one modality from those of another, by what a file has learned: a generator of pix2pix
 * or cycleGAN, or the two baselines that any of them must beat; or its own, by a resize to a
 * generator's side and back, which tells what that alone costs. */
#ifndef HMM_IMPUTER_H
#define HMM_IMPUTER_H

#include "hmm/base/parallel.h"
#include "hmm/gan/gan.h"
#include "hmm/learn/model.h"

/* The words of --train, and of a file's metadata. */
enum hmm_imputer_kind {
	HMM_IMPUTE_PIX2PIX,
	HMM_IMPUTE_CYCLEGAN,
	HMM_IMPUTE_MEAN,
	HMM_IMPUTE_TABLE,
	HMM_IMPUTE_RESIZE
};
extern const char hmm_imputer_words[]; /* "pix2pix|cyclegan|mean|table|resize" */

int hmm_imputer_is_network(enum hmm_imputer_kind kind);

/* Tensors of those without a network: the mean image of every index of a slice, U8 (index,channels,
 * height,width), the last one of those beyond too; for every intensity the mean of those that stand
 * in its place, U8 (256); the side, F32 (1). */
#define HMM_IMPUTER_MEAN "mean"
#define HMM_IMPUTER_TABLE "table"
#define HMM_IMPUTER_SIDE "side"

struct hmm_imputer_options {
	const char *from, *to; /* NULL: as the file says */
	long size;             /* side that it sees; HMM_UNSET: as the file says, or 256 */
	int eval;              /* batch norm's running statistics, no dropout */
	int no_dropout;
	uint64_t seed; /* of dropout: see hmm_imputer_place() */
	int products;  /* filled in: whether it computes with OpenBLAS */
};

struct hmm_imputer;

/* Which it is, and the names and the size that it takes (owned by the model or the caller), are
 * filled into the options. NULL, reported. */
struct hmm_imputer *hmm_imputer_open(
    const struct hmm_model *model, struct hmm_imputer_options *options, struct hmm_pool *pool);
void hmm_imputer_close(struct hmm_imputer *imputer); /* NULL is legal */

/* A slice of `from`, uint8 (1|3, height, width), becomes one of `to` of the same size. `place` is
 * for messages. 0, or -1 reported. */
int hmm_imputer_run(struct hmm_imputer *imputer, struct hmm_record *slice, const char *place);

/* Where the dropout of a slice that is imputed is drawn: by its pixels, shape and index, never by
 * whose it is, so that what names its features in a cache decides them. 0, or -1 reported. */
int hmm_imputer_place(
    struct hmm_place *place, const struct hmm_tensor *x, long index, uint64_t seed);

/* Write a trained GAN as such a file. 0, or -1 reported. */
int hmm_imputer_save(
    struct hmm_output *output, const struct hmm_model_facts *facts, const struct hmm_gan *gan);

#endif
