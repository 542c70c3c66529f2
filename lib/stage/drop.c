#include "hmm/drop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/random.h"

static int
by_key(const void *left, const void *right)
{
	const struct hmm_drop_subject *a = left, *b = right;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return strcmp(a->name, b->name);
}

struct hmm_drop_counts
hmm_drop_choose(struct hmm_drop_subject *subjects, size_t count, double rate, const char *modality,
    uint64_t seed, uint32_t repeat)
{
	struct hmm_drop_counts counts = {0, 0, 0};
	for (size_t i = 0; i < count; i++) {
		const struct hmm_place place = {
		    .seed = seed, .epoch = repeat, .subject = hmm_random_name(subjects[i].name)};
		subjects[i].key = hmm_random_bits(place, hmm_random_name(modality));
		counts.has += (size_t)subjects[i].has;
	}
	counts.want = (size_t)floor(rate * (double)counts.has + .5);
	qsort(subjects, count, sizeof(*subjects), by_key);
	for (size_t i = 0; i < count; i++) {
		subjects[i].drop = subjects[i].has && subjects[i].other && counts.dropped < counts.want;
		counts.dropped += (size_t)subjects[i].drop;
	}
	return counts;
}
