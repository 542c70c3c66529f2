/* The files that an image's slices are made of. */
#ifndef HMM_FILES_H
#define HMM_FILES_H

#include <stddef.h>

#include "hmm/base/hash.h"

/* In the order in which they are read, those of the mask behind those of the image. */
struct hmm_files {
	char *path[4]; /* owned */
	size_t image;  /* how many are the image's */
	size_t count;
};

/* List what hmm_slicer_put() opens for an image and its mask (NULL: none): of a volume in a pair
 * both files. 0, or -1 reported: one cannot be read, or is a directory, a device or a pipe. */
int hmm_files_list(struct hmm_files *files, const char *path, const char *mask);
void hmm_files_free(struct hmm_files *files);

/* Whether the files of an image and its mask have those SHA-256, with commas between, in the order
 * in which they are listed (NULL: any). 0, or -1 reported. */
enum { HMM_FILES_SHA256 = 4 * HMM_HASH_SIZE }; /* room for them */
int hmm_files_check(const char *path, const char *mask, const char *sha256);

/* Divide an operand MODALITY=FILE, or FILE where that as it stands is the name of a file:
 * the path within it, and the modality, "" for none. NULL, reported. */
const char *hmm_files_operand(char *modality, size_t size, const char *operand);

#endif
