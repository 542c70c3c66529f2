/* Whom an earlier training has seen: of its model or of its manifest. */
#ifndef HMM_TRAINED_H
#define HMM_TRAINED_H

#include "hmm/data/groups.h"

struct hmm_trained {
	const char *name; /* of that file, not owned */
	struct hmm_groups groups;
};

/* Read it: of a manifest everybody of its train and val. 0, or -1 reported; close it in either
 * case. */
int hmm_trained_read(struct hmm_trained *trained, const char *path);
void hmm_trained_close(struct hmm_trained *trained); /* legal on zeroes */

#endif
