/* NumPy's .npz files: arrays by name.
 * https://numpy.org/doc/stable/reference/generated/numpy.savez.html */
#ifndef HMM_NPZ_H
#define HMM_NPZ_H

#include "hmm/base/tensor.h"

struct hmm_npz;

struct hmm_npz *hmm_npz_open(const char *path); /* NULL, reported */
void hmm_npz_close(struct hmm_npz *npz);        /* NULL is legal */

/* How many arrays, and the name of one without its .npy, which stays until the next call. */
size_t hmm_npz_count(const struct hmm_npz *npz);
const char *hmm_npz_name(struct hmm_npz *npz, size_t array);

/* Read one, its block grown to fit. 0, or -1 reported. */
int hmm_npz_read(struct hmm_tensor *tensor, struct hmm_npz *npz, size_t array);

#endif
