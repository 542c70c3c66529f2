/* A file of weights, PyTorch's checkpoint or safetensors, whichever it is. */
#ifndef HMM_WEIGHTS_FILE_H
#define HMM_WEIGHTS_FILE_H

#include "hmm/file/pth.h"
#include "hmm/file/safetensors.h"

struct hmm_weights_file {
	const struct hmm_weight *weight; /* [count] */
	size_t count;
	char digest[HMM_HASH_SIZE];       /* SHA-256 of the file */
	struct hmm_weights *weights;      /* one of the two owns the tensors */
	struct hmm_checkpoint checkpoint; /* the other is empty */
};

/* Read all its tensors. A name that ends in -<8 digits>.pth, as those of torch's downloads
 * do, must begin the file's digest. 0, or -1 reported; close it in either case. */
int hmm_weights_file_open(struct hmm_weights_file *file, const char *path);
void hmm_weights_file_close(struct hmm_weights_file *file);

#endif
