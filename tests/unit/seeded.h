/* Seeded sizes and values, and what the tests of kernels do with them. */
#ifndef SEEDED_H
#define SEEDED_H

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/base/random.h"
#include "hmm/kernel/kernels.h"
#include "ref.h"

static inline size_t
draw(unsigned seed, unsigned what, size_t least, size_t most)
{
	const struct hmm_place place = {.seed = seed, .stream = 99};
	return least + (size_t)(hmm_random_uniform(place, what) * (double)(most - least + 1));
}

static inline float *
fresh(size_t count, unsigned seed)
{
	float *values = hmm_alloc(count, sizeof(float));
	ref_random(values, count, seed);
	return values;
}

static inline int
same(const float *a, const float *b, size_t count)
{
	return memcmp(a, b, count * sizeof(float)) == 0;
}

/* Every table that this machine can run. */
static inline void
each_table(void (*check)(const struct hmm_kernels *kernels, unsigned seed), unsigned seed)
{
	for (int cpu = 0; cpu < HMM_CPUS; cpu++)
		if (hmm_kernels_of((enum hmm_cpu)cpu))
			check(hmm_kernels_of((enum hmm_cpu)cpu), seed);
}

#endif
