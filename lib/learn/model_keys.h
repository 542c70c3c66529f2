/* The keys of a model's metadata. */
#ifndef HMM_MODEL_KEYS_H
#define HMM_MODEL_KEYS_H

#include <stddef.h>

#define HMM_MODEL_HISTORY "history" /* what it learned from, see hmm_history_json() */

/* "modality.3" */
enum { HMM_MODEL_KEY = 32 };
void hmm_model_modality(char key[HMM_MODEL_KEY], size_t number);
void hmm_model_channels(char key[HMM_MODEL_KEY], size_t number); /* "channels.3" */

#endif
