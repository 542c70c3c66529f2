/* A stream of slices to one of features: the maximum over an image's slices, or a block a slice. */
#ifndef HMM_IMAGES_H
#define HMM_IMAGES_H

#include "hmm/stream/writer.h"
#include "hmm/vgg/vgg.h"

struct hmm_images;

/* Slices are computed in batches for the threads of the pool. All are kept by
 * reference. NULL, reported. */
struct hmm_images *hmm_images_open(
    const struct hmm_vgg *vgg, struct hmm_pool *pool, struct hmm_writer *writer, int per_slice);
void hmm_images_close(struct hmm_images *images); /* NULL is legal */

/* For hmm_filter_run(): take a slice, which must follow on the one before it unless it begins an
 * image; and write what is in hand when their stream is over. */
hmm_record_take hmm_images_take;
hmm_stream_end hmm_images_finish;

#endif
