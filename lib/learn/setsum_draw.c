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
