/* What an image shows, whatever file holds it. */
#ifndef HMM_CONTENT_H
#define HMM_CONTENT_H

#include "hmm/hash.h"

struct hmm_content {
	char digest[HMM_HASH_SIZE]; /* of the shape and the decoded pixels */
	int blank;                  /* 1: every pixel is the same */
};

/* Read a NIfTI, PNG or PNM. Equal pixels have equal digests in any format, compression
 * and sample type: colour of three equal channels is grey, a volume is in canonical
 * orientation, the mean of its frames, and single precision where that is exact.
 * 0, or -1 reported. */
int hmm_content_read(struct hmm_content *content, const char *path);

#endif
