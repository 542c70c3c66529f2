/* What an image shows, whatever file holds it. */
#ifndef HMM_CONTENT_H
#define HMM_CONTENT_H

#include "hmm/base/hash.h"

struct hmm_content {
	char digest[HMM_HASH_SIZE]; /* of the shape and the decoded pixels */
	int blank;                  /* 1: every pixel is the same */
};

/* Read a NIfTI, PNG or PNM. Equal pixels have equal digests whatever their compression and
 * sample type, and in PNG and PNM alike: colour of three equal channels is grey; a
 * volume is in canonical orientation, and the mean of its frames.
 * 0, or -1 reported. */
int hmm_content_read(struct hmm_content *content, const char *path);

#endif
