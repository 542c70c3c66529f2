/* A controlled rounding (Cox, JASA 1987) of a table of shares, strata x parts. */
#ifndef HMM_ROUNDING_H
#define HMM_ROUNDING_H

#include "hmm/data/split.h"

struct hmm_rounding {
	size_t strata;
	size_t (*share)[HMM_PARTS]; /* [strata]: rounded down; in the end the result */
	size_t (*rest)[HMM_PARTS];  /* what that took off, in parts of the ratio's sum */
	size_t *left;               /* [strata]: units of a stratum that rounding down leaves */
	size_t want[HMM_PARTS];     /* those that a part should still get */
};

/* Zeroes for so many strata, HMM_STRATA or more. 0, or -1 reported; close it in either case. */
int hmm_rounding_open(struct hmm_rounding *rounding, size_t strata);
void hmm_rounding_close(struct hmm_rounding *rounding);

/* Round up as many shares of each stratum as it has left, and of each part as it wants, so that the
 * sum of the rests that are rounded up is the largest. 0, or -1 (not reported): there is no way. */
int hmm_rounding_find(struct hmm_rounding *rounding);

#endif
