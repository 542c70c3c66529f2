/* An AUC of rows that are sorted once and weighed many times. */
#ifndef HMM_SPREAD_H
#define HMM_SPREAD_H

#include "hmm/kernel/metrics.h"

struct hmm_spread {
	double *weight; /* [count], in the order in which they were added: the caller's */
	size_t count;
	/* private */
	struct hmm_scored *rows;
	size_t sorted; /* of them */
};

/* Room for `most` rows. 0, or -1 reported; close it in either case. */
int hmm_spread_open(struct hmm_spread *spread, size_t most);
void hmm_spread_close(struct hmm_spread *spread);

/* Add a row, which weighs nothing. Its place. */
size_t hmm_spread_add(struct hmm_spread *spread, int label, double score);

/* The AUC with the weights as they stand; NaN where a label weighs nothing. */
double hmm_spread_auc(struct hmm_spread *spread);

/* The same with other labels, label[count], from here on. */
double hmm_spread_relabel(struct hmm_spread *spread, const int *label);

#endif
