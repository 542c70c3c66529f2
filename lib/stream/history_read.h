/* The history of a stream's header. */
#ifndef HMM_HISTORY_READ_H
#define HMM_HISTORY_READ_H

#include "hmm/stream/history.h"
#include "token.h"

/* One chain, behind the key "history"; and the chains of modalities, behind "histories": each is
 * added. 0, or -1 reported. */
int hmm_history_read(struct hmm_input *input, struct hmm_history *history);
int hmm_history_read_all(struct hmm_input *input, struct hmm_history *history);

#endif
