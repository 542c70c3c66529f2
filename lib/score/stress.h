/* One modality less: what it gains, and what its absence alone would tell. */
#ifndef HMM_STRESS_H
#define HMM_STRESS_H

#include "cuts.h"

/* Who loses the modality rather. */
enum hmm_mechanism {
	HMM_BY_LABEL_1,
	HMM_BY_LABEL_0,
	HMM_BY_HIGH, /* a high logit of that modality alone */
	HMM_BY_LOW,
	HMM_MECHANISMS
};

struct hmm_stress {
	size_t has, can;  /* who has it, and something else too: subjects */
	double effective; /* rows that as many of one weight would be, when it was weighed last */
	/* private */
	const struct hmm_patients *cohort;
	unsigned modality;        /* its bit */
	struct hmm_spread spread; /* of subject i: 2 i as it is, 2 i + 1 without the modality */
	double rate, *lost[HMM_MECHANISMS]; /* [subjects]: the chance to lose it */
	double *row, *target, *of, *sorted, *scratch;
};

/* For a modality's number; of those who can lose it `rate` do on average, and the logit of the
 * chance rises by gamma from one label to the other, or a standard deviation of the logit. 0, or -1
 * reported; close it in either case, and before the cohort. */
int hmm_stress_open(struct hmm_stress *stress, const struct hmm_patients *cohort, size_t modality,
    double rate, double gamma);
void hmm_stress_close(struct hmm_stress *stress);

/* The AUC where the modality is lost so, on average over all draws; the reference is the AUC where
 * as many lose it, whoever they are, and the excess is the rise. weight[subjects]; NaN without the
 * subsets, or who can lose it. */
struct hmm_excess hmm_stress_drop(
    struct hmm_stress *stress, enum hmm_mechanism mechanism, const double *weight);

/* The gain of AUC by the modality among those who have it and something else, each weighing the
 * inverse of the chance to have it, by a logistic regression on the label and the logit from all
 * else, cut at its 1st and 99th percentiles. The reference is the gain without these weights, and
 * the excess how much more that is. */
struct hmm_excess hmm_stress_gain(struct hmm_stress *stress, const double *weight);

#endif
