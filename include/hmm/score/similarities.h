/* How alike many slices are to their partners, summed up by image and modality. */
#ifndef HMM_SIMILARITIES_H
#define HMM_SIMILARITIES_H

#include <stdio.h>

#include "hmm/kernel/similarity.h"

struct hmm_compared_slice;
struct hmm_similarities {             /* zeroes: none */
	struct hmm_compared_slice *slice; /* [count] */
	size_t count;
	size_t capacity; /* private: bytes */
};
void hmm_similarities_free(struct hmm_similarities *all);

/* Add a slice's sums over all of it and inside. `imputed` is the digest of the generator, "" of a
 * real image. 0, or -1 reported. */
int hmm_similarities_add(struct hmm_similarities *all, const char *subject, const char *modality,
    const char *imputed, long index, const struct hmm_similarity sums[2]);

/* What a row is of. */
enum hmm_per { HMM_PER_MODALITY, HMM_PER_IMAGE, HMM_PER_SLICE };

/* Write a table, whose order does not depend on theirs. The values of an image are means over the
 * pixels of all its slices together; those of a modality, and of a generator, are the mean and SD
 * (n - 1) of its images', which is one a subject. Columns and rows of what is inside only where
 * `inside`. 0, or -1 reported: a slice that stands twice. */
int hmm_similarities_write(FILE *file, struct hmm_similarities *all, enum hmm_per per, int inside);

#endif
