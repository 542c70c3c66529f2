/* Seeded VGG weights of real shapes, for tests, demonstrations and baselines. */
#ifndef HMM_RANDOM_WEIGHTS_H
#define HMM_RANDOM_WEIGHTS_H

#include <stdint.h>

#include "hmm/base/tensor.h"

/* features.N.weight and .bias of torchvision's vgg11, 13, 16 or 19 (with _bn: also
 * the batch normalisations') with every layer's channels times `width` (at least
 * 1), initialised as torchvision does: He-normal by fan-out, biases 0. Each value
 * depends on the seed, its tensor's name and its place alone. An array to free
 * with hmm_random_weights_free(); NULL, reported, for an unknown architecture. */
struct hmm_weight *hmm_random_weights_make(
    const char *architecture, double width, uint64_t seed, size_t *count);
void hmm_random_weights_free(struct hmm_weight *weight, size_t count);

#endif
