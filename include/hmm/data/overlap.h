/* Patients in two splits: what is chosen or fitted on one says too much of the other. */
#ifndef HMM_OVERLAP_H
#define HMM_OVERLAP_H

#include "hmm/data/predictions.h"

/* Warn of the groups of `split` that other splits of the same run have too, with their number. Of
 * several runs, such as folds, a group may be in another split of each. 0, or -1 reported. */
int hmm_overlap_warn(const struct hmm_predictions *predictions, const char *split);

#endif
