/* One latent for a subject: the mean, sum or maximum of the latents of the
 * images that it has (paper, eq. 1). */
#ifndef HMM_SETSUM_H
#define HMM_SETSUM_H

#include <stddef.h>

#include "hmm/stream/filter.h"

enum hmm_reduce { HMM_MEAN, HMM_SUM, HMM_MAX };

/* out[size] from `count` >= 1 elements, taken in their order. */
void hmm_setsum(
    float *out, const float *const *elements, size_t count, size_t size, enum hmm_reduce reduce);

/* d loss / d element from d loss / d out, for one element after the other in their
 * order. Of a maximum's elements the first that attains it gets the gradient,
 * which is then taken from dout. */
void hmm_setsum_backward(float *delement, float *dout, const float *element, const float *out,
    size_t count, size_t size, enum hmm_reduce reduce);

/* What is written of a subject after its full set: nothing more, the sets of its single
 * modalities, or those of all proper subsets of its modalities, of which it may have as many. */
enum hmm_subsets { HMM_NO_SUBSETS, HMM_SINGLES, HMM_ALL_SUBSETS };
enum { HMM_SUBSETS_MODALITIES = 16 };

/* Latents on standard input, those of a subject together, become sets on the filter's output.
 * 0, or -1 reported. */
int hmm_setsum_stream(struct hmm_filter *filter, enum hmm_reduce reduce, enum hmm_subsets subsets);

#endif
