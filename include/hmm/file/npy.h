/* NumPy's .npy files, format 1.0, little-endian and C order.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#ifndef HMM_NPY_H
#define HMM_NPY_H

#include "hmm/base/tensor.h"

/* Read a whole array (its block grown to fit); `place` (NULL: none) is where its path comes from,
 * for messages. 0, or -1 reported: a wrong magic, a pickled, big-endian or Fortran-ordered array, a
 * length that does not fit. */
int hmm_npy_read(struct hmm_tensor *tensor, const char *path, const char *place);

/* The same of a file's bytes, under a name for messages. */
int hmm_npy_parse(struct hmm_tensor *tensor, void *bytes, size_t size, const char *name);

/* Write it under a temporary name and rename. 0, or -1 reported. */
int hmm_npy_write(const char *path, const struct hmm_tensor *tensor);

#endif
