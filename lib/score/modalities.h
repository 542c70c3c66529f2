/* Rows of predictions as sets of modalities, a bit each. */
#ifndef HMM_SCORE_MODALITIES_H
#define HMM_SCORE_MODALITIES_H

#include <stdint.h>

#include "hmm/data/names.h"
#include "hmm/data/predictions.h"

enum { HMM_MODALITIES_MOST = 64 };

struct hmm_modality_set {
	uint64_t mask;
	size_t subject; /* the caller's */
	const struct hmm_prediction *prediction;
};

/* Order by size, then as their names are, then by subject. */
int hmm_modalities_compare(const void *left, const void *right);

/* Take "A+B" apart and add its names. 0, or -1 reported. */
int hmm_modalities_add(struct hmm_names *names, const char *modalities);

/* The mask of "A+B" among sorted names; others do not count. 0, or -1 reported. */
int hmm_modalities_read(uint64_t *mask, const struct hmm_names *names, const char *modalities);

/* "A+B" of a mask, to free(); NULL, reported. */
char *hmm_modalities_name(const struct hmm_names *names, uint64_t mask);

#endif
