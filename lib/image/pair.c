#include "hmm/image/pair.h"

#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

void
hmm_pair_free(struct hmm_pair_room *pair)
{
	free(pair->scratch);
	free(pair->mask);
	*pair = (struct hmm_pair_room){0};
}

static int
check_size(
    const struct hmm_tensor *x, const struct hmm_tensor *other, const char *what, const char *place)
{
	if (x->shape[1] == other->shape[1] && x->shape[2] == other->shape[2])
		return 0;
	return hmm_error("%s: %zux%zu pixels, want %zux%zu as %s", place, x->shape[1], x->shape[2],
	    other->shape[1], other->shape[2], what);
}

static int
prepare(struct hmm_pair_room *pair, size_t height, size_t width)
{
	void *scratch = pair->scratch, *mask = pair->mask;
	size_t size;
	if (hmm_multiply(&size, width, HMM_SIMILARITY_SCRATCH * sizeof(double)))
		return hmm_error("out of memory");
	const int bad = hmm_grow(&scratch, &pair->scratch_size, size) ||
	                hmm_grow(&mask, &pair->mask_size, height * width);
	pair->scratch = scratch;
	pair->mask = mask;
	return bad ? -1 : 0;
}

int
hmm_pair_add(struct hmm_pair_room *pair, struct hmm_similarity sums[2], const struct hmm_tensor *x,
    const struct hmm_tensor *y, const struct hmm_tensor *inside, const char *place)
{
	const size_t height = x->shape[1], width = x->shape[2], pixels = height * width;
	const size_t channels = x->shape[0] > y->shape[0] ? x->shape[0] : y->shape[0];
	const uint8_t *of_x = x->data, *of_y = y->data;
	if (check_size(x, y, "its partner", place) ||
	    (inside && check_size(x, inside, "what is inside", place)) || prepare(pair, height, width))
		return -1;
	for (size_t i = 0; i < pixels && inside; i++) {
		const uint8_t *at = (const uint8_t *)inside->data + i;
		pair->mask[i] = 0;
		for (size_t c = 0; c < inside->shape[0]; c++)
			pair->mask[i] |= at[c * pixels] > 0;
	}
	for (size_t c = 0; c < channels; c++)
		hmm_similarity_add(&sums[0], &sums[1], of_x + c % x->shape[0] * pixels,
		    of_y + c % y->shape[0] * pixels, inside ? pair->mask : NULL, height, width,
		    pair->scratch);
	return 0;
}
