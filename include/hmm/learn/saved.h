/* A training as one file of safetensors, to go on from: flat tensors, and what training it is. */
#ifndef HMM_SAVED_H
#define HMM_SAVED_H

#include "hmm/file/safetensors.h"

/* The tensors as views of what they are written from or read into. */
struct hmm_saved {
	struct hmm_weight *weight;
	size_t count, capacity; /* bytes */
	int bad;                /* one could not be added, reported */
};

/* One more, named by these two: data[count]. */
void hmm_saved_add(struct hmm_saved *saved, const char *name, const char *part,
    enum hmm_dtype dtype, void *data, size_t count);

/* Write them whole or not at all. 0, or -1 reported. */
int hmm_saved_write(const struct hmm_saved *saved, const char *path, const char *identity);

void hmm_saved_close(struct hmm_saved *saved);

/* Open a file of the training of that identity; *file is NULL where there is none. 0, or -1
 * reported: among others, it is of another training. */
int hmm_saved_open(struct hmm_weights **file, const char *path, const char *identity);

/* Fill one, or all of them, from the file, which has them in exactly that type and size; f32 is
 * finite. 0, or -1 reported. */
int hmm_saved_take(const struct hmm_weights *file, const struct hmm_weight *wanted);
int hmm_saved_take_all(const struct hmm_weights *file, const struct hmm_saved *saved);

/* Whether a number of the file is one of 0 to `most`. */
int hmm_saved_is_count(double value, double most);

#endif
