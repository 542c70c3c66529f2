/* What rows have beside a score where the target is not binary. */
#ifndef HMM_OUTCOME_H
#define HMM_OUTCOME_H

#include "hmm/kernel/metrics.h"

struct hmm_outcome {
	double truth;            /* the number of the class, the value, the time */
	const double *predicted; /* [width] */
	const size_t *rank;      /* [ranked]: among the distinct ones of all rows, from 0, that of the
	                            truth, then of what is predicted */
	size_t width;
};

/* What the rows of a system share. */
struct hmm_outcomes {
	size_t width;
	size_t ranked;       /* 1 + how many of the predicted numbers have ranks */
	const size_t *ranks; /* [ranked]: how many distinct ones there are */
	const double *time;  /* [width]: of the survivals, 0 for the risk; else NULL */
	double tau;          /* the latest time that counts */
	double *scratch;     /* as many as the target's _scratch() says */
	void (*measure)(double *values, const struct hmm_scored *sorted, size_t count,
	    const struct hmm_measuring *measuring);
};

/* Which comes first, so that no sum depends on the order of the rows: less than, equal to or more
 * than 0. */
int hmm_outcome_order(const struct hmm_outcome *a, const struct hmm_outcome *b);

#endif
