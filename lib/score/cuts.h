/* What the pattern of modalities adds to an AUC, measured on the predictions of subsets. */
#ifndef HMM_CUTS_H
#define HMM_CUTS_H

#include "hmm/score/patients.h"
#include "spread.h"

/* What was found, what it would be without a shortcut, and by how much a shortcut parts the two. */
struct hmm_excess {
	double value, reference, excess; /* NaN: undefined */
};

struct hmm_cuts {
	/* private */
	const struct hmm_patients *cohort;
	unsigned *pattern; /* [patterns], ascending: those that occur */
	size_t patterns;
	size_t *of;              /* [subjects]: the number of its own */
	size_t *cut;             /* [subjects][patterns]: the place of its own cut to that; NONE */
	size_t *first;           /* [subjects + 1]: its places */
	struct hmm_spread all;   /* at these places */
	struct hmm_spread *same; /* [patterns]: the subjects of each */
	size_t *place;           /* [subjects]: where in it */
	double *counts;          /* [2][patterns]: how much of each label has it, */
	double *balance;         /* [2][patterns]: and what makes that the same for both */
};

/* 0, or -1 reported; close it in either case, and before the cohort. */
int hmm_cuts_open(struct hmm_cuts *patterns, const struct hmm_patients *cohort);
void hmm_cuts_close(struct hmm_cuts *patterns);

/* Everybody's modalities cut to those of a random other patient: what the AUC changes by, on
 * average over all draws; one that would leave nothing is drawn anew, 20 times, then nothing is
 * cut. The reference cuts to what a random other of the same label has: as much is lost, but who
 * has what tells as much of the label as it did. NaN without the subsets. */
struct hmm_excess hmm_cuts_permute(struct hmm_cuts *patterns, const double *weight);

/* The AUC over all pairs less that over pairs of the same pattern, which presence cannot help. Some
 * of it is the mixture of patterns alone: the reference is the same where each label is weighed so
 * that it has the patterns of all. weight[subjects] here and above. */
struct hmm_excess hmm_cuts_compare(struct hmm_cuts *patterns, const double *weight);

#endif
