/* The dict of tensors in what a checkpoint holds. */
#ifndef HMM_PTH_DICT_H
#define HMM_PTH_DICT_H

#include "pickle.h"

enum { HMM_PTH_ENTRY = 256 };

/* Find it as hmm_checkpoint_open() says; `taken` is the entry. NULL, reported. */
const struct hmm_pickle_value *hmm_pth_find_dict(char taken[HMM_PTH_ENTRY], const char *path,
    const struct hmm_pickle_value *saved, const char *entry);

#endif
