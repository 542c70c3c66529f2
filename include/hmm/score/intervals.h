/* Which interval a metric has: a formula's, or the bootstrap's. */
#ifndef HMM_INTERVALS_H
#define HMM_INTERVALS_H

#include "hmm/kernel/delong.h"
#include "hmm/kernel/interval.h"
#include "hmm/score/system.h"

/* What the formulas go by. */
struct hmm_intervals {
	size_t table[2][2]; /* [label][predicted]: rows */
	int runs;           /* 1: there are several */
	int repeated;       /* 1: a group has several rows, or there are several runs */
	struct hmm_delong area;
};

/* Of a sorted system. 0, or -1 reported; nothing is to be closed. */
int hmm_intervals_open(struct hmm_intervals *intervals, const struct hmm_system *system,
    size_t groups, double threshold);

/* The metric's 95 % interval by its formula, none where that is not defined, and 1; or 0: it is the
 * bootstrap's. Wilson's of a proportion whose rows are independent, and the area's by DeLong or
 * Obuchowski on the logit's scale in one run. */
int hmm_intervals_of(
    struct hmm_interval *interval, const struct hmm_intervals *intervals, enum hmm_metric metric);

#endif
