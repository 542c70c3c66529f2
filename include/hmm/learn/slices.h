/* Which slices a logit comes from. */
#ifndef HMM_SLICES_H
#define HMM_SLICES_H

#include <stdio.h>

#include "hmm/base/parallel.h"
#include "hmm/learn/slice_rule.h"

struct hmm_slices_options {
	const char *weights, *phi; /* the trained rho and phi */
	enum hmm_slice_rule rule;
	int reduce; /* enum hmm_reduce, or HMM_UNSET: that of rho's training */
};

/* Features of every slice on standard input become a table in the file: of each slice its part of
 * what the logit is more than with nothing seen on all of its modality. 0, or -1 reported. */
int hmm_slices_run(const struct hmm_slices_options *options, FILE *file, struct hmm_pool *pool);

#endif
