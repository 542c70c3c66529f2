/* The mean latent of each modality in split train. */
#ifndef HMM_MEANS_H
#define HMM_MEANS_H

#include "hmm/learn/subjects.h"

struct hmm_means {          /* zeroes: none */
	struct hmm_names names; /* of the modalities, bytewise ascending */
	float *mean;            /* [names.count][size] */
	size_t size, shape[3];  /* of a latent */
};

/* Of a file's latents, all of one shape. `accept` is asked of each. 0, or -1 reported, also where
 * none is of split train; close it in either case. */
int hmm_means_read(
    struct hmm_means *means, const char *path, hmm_subjects_accept *accept, void *self);
void hmm_means_close(struct hmm_means *means); /* legal on zeroes */

#endif
