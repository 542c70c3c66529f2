/* The slices that a generator learns from: those of training subjects who have both modalities. */
#ifndef HMM_EXAMPLES_H
#define HMM_EXAMPLES_H

#include "hmm/base/hash.h"
#include "hmm/learn/training.h"

enum { HMM_EXAMPLE_SIDES = 2 }; /* from, to */

struct hmm_examples {
	const struct hmm_dataset *data;
	const struct hmm_sample **slice[HMM_EXAMPLE_SIDES]; /* of pairs: the same place, same image */
	size_t count[HMM_EXAMPLE_SIDES];
	size_t capacity[HMM_EXAMPLE_SIDES]; /* private: bytes */
	size_t subjects;
};

/* A slice with its pixels: those in memory, or read into `buffer`, which has room for data->bytes.
 * 0, or -1 reported. */
int hmm_examples_read(struct hmm_tensor *x, const struct hmm_examples *examples,
    const struct hmm_sample *slice, void *buffer);

/* Choose them from a data set of slices, which is kept by reference: of the split train, `from`
 * and `to` of subjects that have images of both. `paired`: slice by slice of the same index, one
 * image a modality. What they went through and whose they are is added to *learned. 0, or -1
 * reported: none, or no telling which belongs to which; close it in either case. */
int hmm_examples_open(struct hmm_examples *examples, const struct hmm_dataset *data,
    const char *from, const char *to, int paired, struct hmm_learned *learned);
void hmm_examples_close(struct hmm_examples *examples); /* legal on zeroes */

/* SHA-256 of names and pixels of all of them. 0, or -1 reported. */
int hmm_examples_digest(const struct hmm_examples *examples, char hex[HMM_HASH_SIZE]);

/* A number for what is drawn for a slice in training: of its subject and index. */
uint32_t hmm_examples_key(const char *subject, long index);

#endif
