/* The recordings whose channels a manifest names, one in memory at a time. */
#ifndef HMM_RECORDINGS_H
#define HMM_RECORDINGS_H

#include "hmm/file/signal.h"
#include "hmm/stream/stamp.h"

/* Channels of one recording, a row each. */
struct hmm_recording {
	const struct hmm_stamp *stamp; /* of the table */
	size_t count;
	const size_t *row;                               /* [count] */
	const struct hmm_signal_channel *const *channel; /* [count] */
};

/* What a row calls a channel. */
const char *hmm_recording_modality(const struct hmm_recording *recording, size_t i);

/* What is done with one. 0, or -1 reported. */
typedef int hmm_recording_take(void *self, const struct hmm_recording *recording);

/* Give each row's channel to `take`, by subject and path whatever the order of the rows; those that
 * follow on each other and are of one file, or one case of a .ts, are a recording. With `split`
 * those of that split alone, or all where no row has one. 0, or -1 reported. */
int hmm_recordings_each(
    const struct hmm_table *table, const char *split, hmm_recording_take *take, void *self);

#endif
