/* A subject whose logit is explained, among the files that do it. */
#ifndef HMM_EXPLAINED_H
#define HMM_EXPLAINED_H

#include "hmm/learn/shapley.h"
#include "hmm/learn/subjects.h"

struct hmm_explained {
	const struct hmm_game *game;
	const struct hmm_subjects *of;
	double base;     /* the logit of no modality */
	double *element; /* [of->modalities][game->size] */
	double *absent;  /* the same, or NULL */
	size_t *images;  /* [of->modalities] */
	double *value;   /* of every set, where they were walked; else NULL */
	double *without; /* hmm_game_walk()'s absent; or NULL */
};

/* The modality of player i. */
const char *hmm_explained_modality(const struct hmm_explained *explained, size_t player);

/* The columns subject, group, split and label of a row. */
void hmm_explained_write(FILE *file, const struct hmm_explained *explained);

/* Report what is wrong with a logit that is not finite. 0, or -1 reported. */
int hmm_explained_finite(const struct hmm_explained *explained, const double *logit, size_t count);

/* What changes without each image: a row an image, the greatest change first. 0, or -1 reported. */
int hmm_explained_images(FILE *file, const struct hmm_explained *explained);

/* The prediction where each of its modalities is what stands for nothing seen. 0, or -1 reported.
 */
int hmm_explained_blank(FILE *file, const struct hmm_explained *explained);

/* What one modality more gains in split val, for every set of a subject; then a row for each set
 * and modality. 0, or -1 reported. */
struct hmm_gains {          /* zeroes: none so far */
	struct hmm_names names; /* of sets, modalities and groups */
	void *gain;             /* [count] */
	size_t count, capacity;
};
int hmm_gains_want(const struct hmm_explained *explained); /* 1: it is of val, and labelled */
int hmm_gains_add(struct hmm_gains *gains, const struct hmm_explained *explained);
int hmm_gains_write(FILE *file, struct hmm_gains *gains);
void hmm_gains_close(struct hmm_gains *gains);

#endif
