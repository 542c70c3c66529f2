/* Tables of shares, as hmm-explain writes them, summarised over subjects. */
#ifndef HMM_SHARES_H
#define HMM_SHARES_H

#include <stdint.h>
#include <stdio.h>

/* Read such a table ("-": standard input) and write of each split and modality the mean absolute
 * share, content and presence over its rows, with expanded percentile intervals by a bootstrap of
 * whole groups. 0, or -1 reported. */
int hmm_shares_summarise(FILE *file, const char *path, size_t replicates, uint64_t seed);

#endif
