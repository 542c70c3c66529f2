/* Missing modalities imputed by a mean latent: the control for a model that needs no imputation. */
#ifndef HMM_FILL_H
#define HMM_FILL_H

#include "hmm/base/hash.h"
#include "hmm/learn/means.h"

struct hmm_fill {
	const char *path;
	struct hmm_means means;
	struct hmm_history history; /* of the latents that these are of, by modality */
	char digest[HMM_HASH_SIZE]; /* of the means: what imputes */
};

/* By the means of a file's latents of split train. 0, or -1 reported; close it in either case. */
int hmm_fill_open(struct hmm_fill *fill, const char *path);
void hmm_fill_close(struct hmm_fill *fill); /* legal on zeroes */

/* Whether a latent is of the shape of the means and was made as those of its modality were. 0, or
 * -1 reported. */
int hmm_fill_fits(
    const struct hmm_fill *fill, const struct hmm_reader *reader, const struct hmm_record *record);

/* The mean of modality `number` as one latent of the subject whose image `of` is, and marked as
 * imputed. 0, or -1 reported. */
int hmm_fill_record(const struct hmm_fill *fill, size_t number, struct hmm_record *record,
    const struct hmm_record *of);

#endif
