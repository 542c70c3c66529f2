/* hmm-condition without --train: features on standard input, latents on standard output. */
#ifndef HMM_BIN_CONDITIONING_H
#define HMM_BIN_CONDITIONING_H

#include "hmm/base/parallel.h"

/* Apply the phi in the file `path`. The program's exit status. */
int conditioning_apply(const char *path, struct hmm_pool *pool);

#endif
