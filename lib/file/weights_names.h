/* The names of tensors as torchvision has them, out of those of wrapped models. */
#ifndef HMM_WEIGHTS_NAMES_H
#define HMM_WEIGHTS_NAMES_H

#include "hmm/base/tensor.h"

/* What stands before features.N in the names, to free(), "" for nothing: of all names, or of
 * those where it stands in some if `features` alone are wanted, when more than one prefix is an
 * error. `path` is for messages. NULL, reported. */
char *hmm_weights_prefix(
    const char *path, const struct hmm_weight *weight, size_t count, int features);

/* A name without the prefix, and features.N for features.module.N, and for N where `features` says
 * that nothing else is behind that prefix; to free(). NULL where it does not begin with that
 * prefix (not reported). *bad: memory is short, reported. */
char *hmm_weights_plain_name(const char *name, const char *prefix, int features, int *bad);

#endif
