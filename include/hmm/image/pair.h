/* Two slices that are to be one: how alike they are. */
#ifndef HMM_PAIR_H
#define HMM_PAIR_H

#include "hmm/kernel/similarity.h"
#include "hmm/stream/record.h"

struct hmm_pair_room { /* room, zeroes at first */
	double *scratch;
	uint8_t *mask;
	size_t scratch_size, mask_size;
};
void hmm_pair_free(struct hmm_pair_room *pair);

/* Add slice x and its partner y to sums of all pixels and of those where a third slice, `inside`
 * (NULL: none), is above 0 in any channel. Grey is three equal channels beside RGB. `place` is x's
 * for messages. 0, or -1 reported: they are not of one height and width. */
int hmm_pair_add(struct hmm_pair_room *pair, struct hmm_similarity sums[2],
    const struct hmm_tensor *x, const struct hmm_tensor *y, const struct hmm_tensor *inside,
    const char *place);

#endif
