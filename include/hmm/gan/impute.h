/* A stream of slices through an imputer. */
#ifndef HMM_IMPUTE_H
#define HMM_IMPUTE_H

#include "hmm/gan/imputer.h"
#include "hmm/stream/filter.h"

/* Open the file and impute standard input to standard output. `step` makes this program's entry of
 * the history from the options as they are then, and the file's digest. The program's exit status.
 */
int hmm_impute_run(const char *path, struct hmm_imputer_options *options,
    int (*step)(struct hmm_step *step, const char *digest), struct hmm_pool *pool);

#endif
