/* How MiniRocket's features are spread over dilations, which follows from the length of a reference
 * and the number of features alone. */
#ifndef HMM_PLAN_H
#define HMM_PLAN_H

#include "hmm/kernel/rocket.h"

enum {
	HMM_PLAN_DILATIONS = 32,
	HMM_PLAN_LEAST_LENGTH = 9, /* of the reference: that of a kernel */
	HMM_PLAN_MOST_LENGTH = 1 << 20,
	HMM_PLAN_MOST_EACH = 119, /* features a kernel: 9,996, as published */
};

/* Features come dilation by dilation, in it kernel by kernel. */
struct hmm_plan {
	size_t length, features, dilations;
	size_t dilation[HMM_PLAN_DILATIONS]; /* ascending */
	size_t each[HMM_PLAN_DILATIONS];     /* features a kernel at that dilation */
};

/* For a length and a multiple of 84 within those bounds. 0, or -1 reported under that name. */
int hmm_plan_make(struct hmm_plan *plan, size_t length, size_t features, const char *name);

/* The largest dilation. */
size_t hmm_plan_widest(const struct hmm_plan *plan);

#endif
