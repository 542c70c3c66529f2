/* Features on standard input, their latents on standard output. */
#ifndef HMM_LATENTS_H
#define HMM_LATENTS_H

#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/learn/model.h"
#include "hmm/learn/phi.h"

/* The phi of an open model, for blocks of this shape. 0, or -1 reported; close it in either case.
 */
int hmm_latents_open(struct hmm_phi *phi, const struct hmm_model *model, const size_t shape[3]);

/* x becomes phi(x | m) for every record, by the phi in the file `path`: hmm-condition without
 * --train. What of `usage` is noted goes into the history. The program's exit status. */
int hmm_latents_run(const char *path, const struct hmm_usage *usage, struct hmm_pool *pool);

#endif
