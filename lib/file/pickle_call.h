/* The globals of a pickle, and what their calls come to. */
#ifndef HMM_PICKLE_CALL_H
#define HMM_PICKLE_CALL_H

#include "pickle_machine.h"

/* The global of that module and name; NULL, reported. */
struct hmm_pickle_value *hmm_pickle_global(struct hmm_pickle *pickle, const void *module,
    size_t module_length, const void *name, size_t name_length);

/* callable(*arguments): a dict, a tensor, or an object; NULL, reported. */
struct hmm_pickle_value *hmm_pickle_call(struct hmm_pickle *pickle,
    struct hmm_pickle_value *callable, struct hmm_pickle_value *arguments);

/* What a persistent id stands for: a storage, or an object; NULL, reported. */
struct hmm_pickle_value *hmm_pickle_persistent(
    struct hmm_pickle *pickle, struct hmm_pickle_value *id);

#endif
