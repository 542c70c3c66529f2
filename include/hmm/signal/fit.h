/* Making the file of hmm-rocket from train. */
#ifndef HMM_FIT_H
#define HMM_FIT_H

#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/data/table.h"
#include "hmm/file/output.h"

enum hmm_fit_biases { HMM_FIT_FROZEN, HMM_FIT_POOLED };

/* As on a command line: what was not given is HMM_UNSET. */
struct hmm_fit_options {
	long features;
	long length;       /* of the reference; unset: a window, else the median of train's records */
	long window, step; /* samples; both unset: a record is a whole channel */
	long seed;         /* of the generated stream */
	int biases;        /* of that stream, or each channel's of train */
};

#define HMM_FIT_UNSET                                                                              \
	{                                                                                              \
		HMM_UNSET, HMM_UNSET, HMM_UNSET, HMM_UNSET, HMM_UNSET, HMM_UNSET                           \
	}

/* Of what was not given: frozen biases, 504 features, a step as long as the window. */
void hmm_fit_defaults(struct hmm_fit_options *options);

/* Make it of the channels of split train in a table, in the order of hmm_recordings_each(), and
 * write it; `noted` says how it was made. 0, or -1 reported. */
int hmm_fit_table(const struct hmm_fit_options *how, const struct hmm_table *table,
    struct hmm_pool *pool, const char *noted, struct hmm_output *output);

#endif
