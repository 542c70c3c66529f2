/* What MiniRocket's outputs are compared with: quantiles of the outputs of some series.
 *
 * A record's own quantiles make every share of its outputs the same, so they are never its own:
 * they are those of a generated stream, which knows no data set, or of train. */
#ifndef HMM_BIASES_H
#define HMM_BIASES_H

#include <stdint.h>

#include "hmm/base/parallel.h"
#include "hmm/signal/plan.h"

enum { HMM_BIASES_SERIES = 24 }; /* of the generated stream; of train, at most */

/* biases[features] in the plan's order: the i-th, from 1, is the linear quantile frac(1.618.. i) of
 * what its kernel makes of all series together, at most 65,536 places of them, evenly spread. The
 * series are laid out for the plan's dilations. 0, or -1 reported. */
int hmm_biases_pool(float *biases, const struct hmm_plan *plan,
    const struct hmm_rocket_series *series, size_t count, struct hmm_pool *pool);

/* The same of the generated stream of that seed: 24 pieces as long as the reference, four each of
 * noise with spectral exponents 0, 1/2, 1, 3/2 and 2 and of tones, of mean 0 and variance 1 over
 * the pieces of a kind. 0, or -1 reported. */
int hmm_biases_frozen(
    float *biases, const struct hmm_plan *plan, uint64_t seed, struct hmm_pool *pool);

#endif
