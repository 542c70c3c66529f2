/* A file of weights, PyTorch's checkpoint or safetensors, whichever it is, under the names that
 * torchvision gives them. */
#ifndef HMM_WEIGHTS_FILE_H
#define HMM_WEIGHTS_FILE_H

#include "hmm/base/hash.h"
#include "hmm/file/pth.h"
#include "hmm/file/safetensors.h"

/* Which of a file's tensors are wanted. */
struct hmm_weights_choice {
	const char *entry;  /* of a checkpoint, see hmm_checkpoint_open() */
	const char *prefix; /* what stands before their names; NULL: it is found */
	int features;       /* 1: the convolutional part alone, features.* */
};

struct hmm_weights_file {
	const char *path;           /* not owned */
	char digest[HMM_HASH_SIZE]; /* SHA-256 of the file */
	struct hmm_weight *weight;  /* [count], by their plain names; no data */
	size_t *from;               /* [count]: their places in the file */
	size_t count;
	char *prefix;                      /* what was taken from their names, "" for nothing */
	struct hmm_weights *weights;       /* one of the two, */
	struct hmm_checkpoint *checkpoint; /* the other is NULL */
};

/* Read the names of the tensors that are wanted. What stands before features.N in the names of a
 * wrapped model, as module. or backbone., is taken away where it is the same before all of them:
 * from all names where all have it, else where the features alone are wanted. A name of
 * torchvision's form, name-<8 digits>.pth, must begin the file's digest. 0, or -1 reported: more
 * than one prefix, or features of a type that is not read; close it in either case. */
int hmm_weights_file_open(
    struct hmm_weights_file *file, const char *path, const struct hmm_weights_choice *choice);
void hmm_weights_file_close(struct hmm_weights_file *file);

/* The entry that was taken of a checkpoint, "" for none. */
const char *hmm_weights_file_entry(const struct hmm_weights_file *file);

/* Write them, one in memory at a time, with the file's name, digest, entry and prefix as metadata;
 * those of a type that is not read are left out with a warning, or an error where they are
 * features. 0, or -1 reported. */
int hmm_weights_file_write(struct hmm_weights_file *file, struct hmm_output *output);

#endif
