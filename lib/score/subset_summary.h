/* What all subsets of modalities come to together. */
#ifndef HMM_SCORE_SUBSET_SUMMARY_H
#define HMM_SCORE_SUBSET_SUMMARY_H

#include <stdint.h>

#include "hmm/score/score.h"

/* A subset, and its system of the same rows as all others. */
struct hmm_subset {
	uint64_t mask;
	double times; /* how often it counts for the mean, such as it was drawn */
	struct hmm_system system;
};

/* Of one metric. */
struct hmm_subset_summary {
	double mean, worst;
	double error; /* the standard error of the mean, if the subsets were drawn independently */
	struct hmm_interval mean_interval, worst_interval; /* the bootstrap's */
	double share_worse; /* of the pairs of a subset and one with a modality more, those where the
	                       interval of the paired difference is wholly on the worse side of 0 */
	size_t pairs;
};

/* Of subsets in the order of hmm_modalities_compare(). NaN of a metric that has no better and
 * worse, and of what several runs pool. 0, or -1 reported. */
int hmm_subset_summarise(struct hmm_subset_summary *summaries, struct hmm_subset *subset,
    size_t count, size_t modalities, size_t groups, const struct hmm_scores_of *of);

#endif
