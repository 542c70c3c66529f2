/* From recordings to records of features: one a channel, or a channel and window. */
#ifndef HMM_TRANSFORM_H
#define HMM_TRANSFORM_H

#include "hmm/base/parallel.h"
#include "hmm/signal/recordings.h"
#include "hmm/signal/rocket.h"
#include "hmm/stream/writer.h"

struct hmm_transform;

/* All three outlive it. NULL, reported. */
struct hmm_transform *hmm_transform_open(
    const struct hmm_rocket *rocket, struct hmm_pool *pool, struct hmm_writer *writer);
void hmm_transform_close(struct hmm_transform *transform); /* NULL is legal */

/* A hmm_recording_take: write the records of its channels, as their rows say. Channels that are
 * dead, unknown or shorter than a window are left out, with a warning that counts them. 0, or -1
 * reported. */
int hmm_transform_put(void *transform, const struct hmm_recording *recording);

#endif
