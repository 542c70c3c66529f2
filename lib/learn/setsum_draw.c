#include <string.h>

#include "hmm/base/random.h"
#include "hmm/learn/setsum.h"

/* Where random subsets are drawn, at {seed, the draw's number, what they are drawn by}. */
enum { SIZE_STREAM = 0x53550000, MEMBER_STREAM };

void
hmm_setsum_draw(
    char *taken, size_t *order, size_t count, uint64_t seed, const char *name, long number)
{
	struct hmm_place place = {.seed = seed,
	    .epoch = (uint32_t)number,
	    .subject = hmm_random_name(name),
	    .stream = SIZE_STREAM};
	const size_t size = 1 + (size_t)(hmm_random_uniform(place, 0) * (double)count);
	place.stream = MEMBER_STREAM;
	hmm_random_shuffle(order, count, place);
	memset(taken, 0, count);
	for (size_t i = 0; i < size; i++)
		taken[order[i]] = 1;
}

/* Whether hmm-setsum was asked for subsets. */
static int
made_subsets(const struct hmm_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++) {
		const char *notes = chain->step[i].notes;
		if (!strcmp(chain->step[i].program, "hmm-setsum") && !strncmp(notes, "subsets=", 8) &&
		    strncmp(notes, "subsets=none", 12) != 0)
			return 1;
	}
	return 0;
}

int
hmm_setsum_has_subsets(const struct hmm_dataset *data)
{
	for (size_t i = 0; i < data->count; i++)
		if (data->sample[i].observed[0])
			return 1;
	for (size_t i = 0; i < data->past.count; i++)
		for (size_t k = 0; k < data->past.history[i].chains; k++)
			if (made_subsets(&data->past.history[i].chain[k]))
				return 1;
	return 0;
}
