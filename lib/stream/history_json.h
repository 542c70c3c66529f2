/* Histories as JSON's objects, to json_decref(); NULL, not reported, when memory is short. */
#ifndef HMM_HISTORY_JSON_H
#define HMM_HISTORY_JSON_H

#include <jansson.h>

#include "hmm/stream/history.h"

/* A byte that is no UTF-8 becomes U+FFFD. */
json_t *hmm_json_text(const char *text);

json_t *hmm_json_of_step(const struct hmm_step *step);    /* its fields but those that are absent */
json_t *hmm_json_of_chain(const struct hmm_chain *chain); /* an array of steps */
/* An array of {"modality": ..., "history": [...]}, the modality but where it is of all. */
json_t *hmm_json_of_history(const struct hmm_history *history);

/* The fields of a step; what else the object has is passed over. 0, or -1 reported. */
int hmm_json_to_step(struct hmm_step *step, const json_t *object);

#endif
