/* Sets on standard input, a row of predictions each: hmm-rho without --train. */
#ifndef HMM_CLASSIFY_H
#define HMM_CLASSIFY_H

#include "hmm/base/parallel.h"
#include "hmm/learn/model.h"
#include "hmm/learn/rho.h"

/* The rho of an open model and its objective: its widths are those of its tensors. 0, or -1
 * reported; close it in either case. */
int hmm_classify_open(struct hmm_rho *rho, struct hmm_pool *pool,
    const struct hmm_objective *objective, const struct hmm_model *model);

/* By the rho in the file `path`, into the file `output` (NULL: standard output), whole or not at
 * all. One set is in memory at a time. The program's exit status. */
int hmm_classify_run(const char *path, const char *output, struct hmm_pool *pool);

#endif
