/* Predictions when modalities are missing: every subset of them, on the same patients. */
#ifndef HMM_SUBSETS_H
#define HMM_SUBSETS_H

#include "hmm/score/scoring.h"

/* Of one system with its subsets, whose runs are the files paths[count]: a line a split, pattern
 * and metric, split protocol modalities size metric value low high n interval over. Protocol
 * "natural": the patterns of the whole sets, how often they are there by label, and their metrics,
 * n/a where fewer than 10 patients have a label; "all subsets", "single modalities" or "sampled
 * subsets": those of the complete patients, then mean, worst and share_worse over all, see
 * hmm_subset_summarise(), and of sampled ones the mean's error. A patient without a subset that
 * others have is an error. 0, or -1 reported. */
int hmm_subsets_write(FILE *file, char *const *paths, size_t count, struct hmm_scoring *scoring);

#endif
