/* The inner folds of a training, dealt by group as hmm-split does. */
#ifndef FOLDS_H
#define FOLDS_H

#include "hmm/learn/items.h"

/* The fold of every item, from 0: fold[items->count]. Strata of groups are what their labels are;
 * the class, if they are of one; a quarter of the values, by their largest; events and others, and
 * a quarter of the times of these. 0, or -1 reported. */
int folds_deal(size_t *fold, const struct hmm_items *items, const struct hmm_objective *objective,
    long folds, uint64_t seed);

#endif
