/* Generators: which modality each imputes and from which, see hmm-gan(1). */
#ifndef HMM_GENERATORS_H
#define HMM_GENERATORS_H

#include "hmm/stream/record.h"
#include "hmm/stream/step.h"

struct hmm_generator {
	struct hmm_step step; /* its weights are what imputed images are marked with */
	char from[HMM_RECORD_NAMES], to[HMM_RECORD_NAMES];
};

struct hmm_generators {
	struct hmm_generator *generator; /* [count] */
	size_t count;
	size_t capacity; /* private: bytes */
};

/* Read a file with a line a generator, as hmm-gan --show-history prints them; no two of one digest
 * may impute one modality. 0, or -1 reported; free it in either case. */
int hmm_generators_read(struct hmm_generators *generators, const char *path);
void hmm_generators_free(struct hmm_generators *generators); /* legal on zeroes */

/* The number of the one of that digest which imputes that modality, or -1 (not reported). */
long hmm_generators_find(
    const struct hmm_generators *generators, const char *digest, const char *to);

#endif
