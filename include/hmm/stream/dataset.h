/* A whole stream in memory, in canonical order, all blocks of one shape. */
#ifndef HMM_DATASET_H
#define HMM_DATASET_H

#include "hmm/stream/reader.h"

struct hmm_dataset {
	struct hmm_record *record; /* [count] */
	size_t count;
	struct hmm_histories past; /* what they went through, by record.history */
	size_t capacity;           /* private: bytes at record */
};

/* Read to the end; two records of one subject must agree on its label, group
 * and split. 0, or -1 reported. */
int hmm_dataset_read(struct hmm_dataset *dataset, struct hmm_reader *reader);
void hmm_dataset_free(struct hmm_dataset *dataset);

#endif
