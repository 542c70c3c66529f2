/* Files that are read whole, or from place to place: regular ones. A pipe would wait for its
 * writer, and a device never end. */
#ifndef HMM_REGULAR_H
#define HMM_REGULAR_H

#include <stddef.h>

/* Open for reading: the descriptor, and the file's size in bytes; -1, reported. */
int hmm_regular_open(const char *path, size_t *size);

/* The bytes of a file of at least `least` >= 1, read-only, for munmap(); NULL, reported. */
void *hmm_regular_map(const char *path, size_t *size, size_t least);

#endif
