/* Why a model says what it says of a subject: hmm-explain. */
#ifndef HMM_EXPLAIN_H
#define HMM_EXPLAIN_H

#include <stdio.h>

#include "hmm/base/parallel.h"

struct hmm_explain_options {
	const char *weights; /* the trained rho */
	/* Where there is one: what stands for nothing seen is what that phi makes of a block of zeros,
	 * or the mean of these latents of split train. */
	const char *phi, *mean;
	enum {
		HMM_EXPLAIN_SHARES, /* what each modality is worth */
		HMM_EXPLAIN_PAIRS,  /* and each pair of them */
		HMM_EXPLAIN_IMAGES, /* what changes without one image */
		HMM_EXPLAIN_GAIN,   /* of what one modality more lowers the loss, in split val */
		HMM_EXPLAIN_BLANK   /* predictions where every modality is there and shows nothing */
	} what;
	int reduce;        /* enum hmm_reduce, or HMM_UNSET: that of rho's training */
	double prevalence; /* or HMM_UNSET: that of rho's training */
	long orders, seed; /* drawn where there are more than HMM_GAME_PLAYERS modalities */
};

/* Latents on standard input become a table in the file. 0, or -1 reported. */
int hmm_explain_run(const struct hmm_explain_options *options, FILE *file, struct hmm_pool *pool);

#endif
