/* Features on standard input, their latents on standard output. */
#ifndef HMM_LATENTS_H
#define HMM_LATENTS_H

#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/learn/model.h"
#include "hmm/learn/phi.h"

#define HMM_LATENT_KEY "latent" /* of the metadata: L, where it is not C */

/* L as an option has it, or where that is HMM_UNSET: the paper's is C; that of vectors, of which
 * millions of weights would be generated, at most 64. */
size_t hmm_latents_width(long option, size_t channels, size_t positions);

/* The phi of an open model. 0, or -1 reported; close it in either case. */
int hmm_latents_open(struct hmm_phi *phi, const struct hmm_model *model);

/* L, and C, the most channels that a modality has, of the phi in a model. 0, or -1 reported: it is
 * no model of that program. */
int hmm_latents_sizes(
    size_t *latent, size_t *channels, const struct hmm_model *model, const char *program);

/* x becomes phi(x | m) for every record, by the phi in the file `path`: hmm-condition without
 * --train. What of `usage` is noted goes into the history. The program's exit status. */
int hmm_latents_run(const char *path, const struct hmm_usage *usage, struct hmm_pool *pool);

#endif
