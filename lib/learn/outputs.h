/* What a learner says of all items at once. */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "hmm/learn/feed.h"
#include "hmm/learn/learner.h"

struct outputs {
	const struct hmm_learner *learner;
	const struct hmm_items *items;
	const struct hmm_item **item; /* [count] */
	double *output;               /* [count][outputs] */
	double *rest, *loss;          /* [count]: the objective's, and what is beside it */
	/* private */
	struct hmm_feed feed;
	double *some;
};

/* Room for these items. 0, or -1 reported; close it in either case. */
int outputs_open(
    struct outputs *outputs, const struct hmm_learner *learner, const struct hmm_items *items);
void outputs_close(struct outputs *outputs); /* legal on zeroes */

/* Fill them all. 0, or -1 reported. */
int outputs_make(struct outputs *outputs);

/* How well they tell apart whom they are of, whole sets alone, see hmm_objective_auc(). 0, or -1
 * reported. */
int outputs_auc(struct outputs *outputs, double *auc);

#endif
