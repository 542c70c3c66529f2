/* What made a stream: an entry a program, the first one first. */
#ifndef HMM_HISTORY_H
#define HMM_HISTORY_H

#include "hmm/stream/reader.h"
#include "token.h"

/* The history of a header, behind its key; 0, or -1 reported. */
int hmm_history_read(
    struct hmm_input *input, struct hmm_step steps[HMM_MAX_HISTORY], size_t *count);

#endif
