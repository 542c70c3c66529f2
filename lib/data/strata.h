/* What makes groups alike, so that every part of a split gets its share of them. */
#ifndef HMM_STRATA_H
#define HMM_STRATA_H

#include "hmm/data/column.h"
#include "hmm/data/split.h"

/* The stratum of each group's unit, see hmm_split_table(). 0, or -1 reported. */
int hmm_strata_find(struct hmm_split_unit *units, const struct hmm_table *table,
    const struct hmm_column *groups, const struct hmm_split_options *options);

/* Warn of classes and events that train has none of. 0, or -1 reported. */
int hmm_strata_warn(const struct hmm_table *table, char *const *parts, enum hmm_target target);

#endif
