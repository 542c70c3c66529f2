/* What the stream has of a sample. */
#ifndef HMM_DATASET_BLOCK_H
#define HMM_DATASET_BLOCK_H

#include "hmm/stream/dataset.h"

/* Where it has the text of a column, see fields.h. */
const char **hmm_sample_text(struct hmm_sample *sample, int column);

/* The bytes of its own channels. */
size_t hmm_dataset_own_bytes(const struct hmm_dataset *dataset, const struct hmm_sample *sample);

/* `size` bytes of its block in the file, `from` the first one on. 0, or -1 reported. */
int hmm_dataset_read_part(const struct hmm_dataset *dataset, const struct hmm_sample *sample,
    void *bytes, size_t from, size_t size);

#endif
