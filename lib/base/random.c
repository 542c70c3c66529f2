#include "hmm/base/random.h"

#include <math.h>
#include <string.h>
#include <xxhash.h>

static void
philox(uint32_t counter[4], uint32_t key0, uint32_t key1)
{
	for (int round = 0; round < 10; round++) {
		const uint64_t even = (uint64_t)0xD2511F53u * counter[0];
		const uint64_t odd = (uint64_t)0xCD9E8D57u * counter[2];
		counter[0] = (uint32_t)(odd >> 32) ^ counter[1] ^ key0;
		counter[2] = (uint32_t)(even >> 32) ^ counter[3] ^ key1;
		counter[1] = (uint32_t)odd;
		counter[3] = (uint32_t)even;
		key0 += 0x9E3779B9u;
		key1 += 0xBB67AE85u;
	}
}

uint32_t
hmm_random_name(const char *name)
{
	return XXH32(name, strlen(name), 0);
}

uint64_t
hmm_random_bits(struct hmm_place place, uint32_t index)
{
	uint32_t counter[4] = {index, place.epoch, place.subject, place.stream};
	philox(counter, (uint32_t)place.seed, (uint32_t)(place.seed >> 32));
	return (uint64_t)counter[0] << 32 | counter[1];
}

static double
to_unit(uint64_t bits)
{
	return (double)(bits >> 11) * 0x1p-53;
}

double
hmm_random_uniform(struct hmm_place place, uint32_t index)
{
	return to_unit(hmm_random_bits(place, index));
}

double
hmm_random_normal(struct hmm_place place, uint32_t index)
{
	uint32_t counter[4] = {index, place.epoch, place.subject, place.stream};
	philox(counter, (uint32_t)place.seed, (uint32_t)(place.seed >> 32));
	const double radius = 1 - to_unit((uint64_t)counter[0] << 32 | counter[1]); /* (0, 1] */
	const double angle = to_unit((uint64_t)counter[2] << 32 | counter[3]);
	return sqrt(-2 * log(radius)) * cos(2 * 3.14159265358979323846 * angle);
}

void
hmm_random_shuffle(size_t *order, size_t count, struct hmm_place place)
{
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) {
		const size_t j = (size_t)(hmm_random_uniform(place, (uint32_t)i) * (double)i);
		const size_t swap = order[i - 1];
		order[i - 1] = order[j];
		order[j] = swap;
	}
}
