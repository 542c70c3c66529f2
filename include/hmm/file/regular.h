/* Files that are read whole, or from place to place, or more than once: regular ones. A pipe would
 * wait for its writer, and a device never end. */
#ifndef HMM_REGULAR_H
#define HMM_REGULAR_H

#include <stddef.h>
#include <stdio.h>

/* Open for reading: the descriptor, and unless NULL the file's size in bytes; -1, reported. */
int hmm_regular_open(const char *path, size_t *size);

/* The same as a stream to read; NULL, reported. */
FILE *hmm_regular_stream(const char *path, size_t *size);

/* Whether it is one, and can be read. 0, or -1 reported. */
int hmm_regular_check(const char *path);

/* The bytes of a file of at least `least` >= 1, read-only, for munmap(); NULL, reported. */
void *hmm_regular_map(const char *path, size_t *size, size_t least);

#endif
