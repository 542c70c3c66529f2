/* What a stream's data will have gone through when they have become the sets that a rho takes: the
 * programs between are not run, but it must be the data that they would have been run on. */
#ifndef HMM_LINEAGE_H
#define HMM_LINEAGE_H

#include "hmm/learn/model.h"
#include "hmm/learn/setsum.h"
#include "hmm/stream/reader.h"

enum { HMM_LINEAGE_STEPS = 2 };

struct hmm_lineage {
	const struct hmm_model *rho;
	struct hmm_step step[HMM_LINEAGE_STEPS]; /* [steps] that are not run */
	size_t steps;
	int per_slice;               /* 1: the stream has the slices whose maximum the images are */
	struct hmm_history history;  /* of the stream in hand, with these steps */
	const struct hmm_reader *of; /* whose that is, */
	long stream;                 /* and its number */
};

/* How the sets that a rho was trained on were reduced: as `given`, or HMM_UNSET: as it says, or
 * else by their mean. 0, or -1 reported: it says something else. */
int hmm_lineage_reduction(enum hmm_reduce *reduce, const struct hmm_model *rho, int given);

/* Sets that are reduced so, of latents; or of features, where `phi` is the digest of the phi that
 * they are conditioned by. Close it. */
void hmm_lineage_open(struct hmm_lineage *lineage, const struct hmm_model *rho,
    enum hmm_reduce reduce, const char *phi);
void hmm_lineage_close(struct hmm_lineage *lineage);

/* Whether rho takes what the record that was read last will become. 0, or -1 reported. */
int hmm_lineage_fits(
    struct hmm_lineage *lineage, const struct hmm_reader *reader, const struct hmm_record *record);

#endif
