/* The names of tensors as torchvision has them, out of those of wrapped models. */
#ifndef HMM_WEIGHTS_NAMES_H
#define HMM_WEIGHTS_NAMES_H

#include "hmm/base/tensor.h"

/* What stands before features.N in the names, to free(), "" for nothing: of all names, or of
 * those where it stands in some if `features` alone are wanted, when more than one prefix is an
 * error. Of a network without such a part: module., where it stands before all names. `path` is for
 * messages. NULL, reported. */
char *hmm_weights_prefix(
    const char *path, const struct hmm_weight *weight, size_t count, int features);

/* A name without the prefix, and features.N for features.module.N, and for N where `features` says
 * that nothing else is behind that prefix; to free(). NULL where it does not begin with that
 * prefix (not reported). *bad: memory is short, reported. */
char *hmm_weights_plain_name(const char *name, const char *prefix, int features, int *bad);

/* Pointers to the tensors by name, to free(); NULL, reported. */
const struct hmm_weight **hmm_weights_sorted(const struct hmm_weight *weight, size_t count);

/* Whether a name is of a running statistic of a norm without parameters: PyTorch before 0.4 kept
 * them for instance norms, which never used them, and later ones refuse them. */
int hmm_weights_is_idle(const char *name, const struct hmm_weight *const *sorted, size_t count);

#endif
