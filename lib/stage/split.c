#include "hmm/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/memory.h"
#include "hmm/random.h"

enum { NEGATIVE, POSITIVE, MIXED, NONE };
enum { SPLITTING = 101, DROPPING = 102 }; /* random streams */

/* A name and its place in a random order. */
struct draw {
	const char *name;
	int stratum;
	uint64_t key;
	size_t index;
};

static int
by_key(const void *left, const void *right)
{
	const struct draw *a = left, *b = right;
	if (a->stratum != b->stratum)
		return a->stratum - b->stratum;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return strcmp(a->name, b->name);
}

static uint64_t
draw_key(const char *name, uint32_t stream, uint64_t seed, uint32_t repeat)
{
	return hmm_random_bits(
	    (struct hmm_place){
	        .seed = seed, .epoch = repeat, .subject = hmm_random_name(name), .stream = stream},
	    0);
}

static int
by_group(const void *left, const void *right)
{
	const struct hmm_member *const *a = left, *const *b = right;
	return strcmp((*a)->group, (*b)->group);
}

static int
stratum_of(int stratum, int label)
{
	const int own = label < 0 ? NONE : label;
	if (stratum == NONE || own == NONE || stratum == own)
		return stratum == NONE ? own : stratum;
	return MIXED;
}

/* The part that lacks most of its share of the first `placed` + 1 groups. */
static int
neediest(const double *ratio, const double *has, int parts, size_t placed)
{
	int best = -1;
	double worst = -INFINITY;
	for (int p = 0; p < parts; p++) {
		const double lacks = ratio[p] * (double)(placed + 1) - has[p];
		if (ratio[p] > 0 && lacks > worst + 1e-9) {
			worst = lacks;
			best = p;
		}
	}
	return best;
}

static long
assign(struct hmm_member **sorted, size_t count, struct draw *groups, const double *share,
    int parts, uint64_t seed, uint32_t repeat)
{
	size_t found = 0, wanted = 0;
	double has[HMM_MAX_PARTS] = {0};
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(sorted[i]->group, sorted[i - 1]->group)) {
			const char *name = sorted[i]->group;
			groups[found++] = (struct draw){name, NONE, draw_key(name, SPLITTING, seed, repeat), i};
		}
		groups[found - 1].stratum = stratum_of(groups[found - 1].stratum, sorted[i]->label);
	}
	for (int p = 0; p < parts; p++)
		wanted += share[p] > 0;
	if (found < wanted)
		return hmm_error("%zu groups cannot make %zu parts", found, wanted);
	qsort(groups, found, sizeof(*groups), by_key);
	for (size_t g = 0; g < found; g++) {
		const int part = neediest(share, has, parts, g);
		has[part]++;
		for (size_t i = groups[g].index; i < count && !strcmp(sorted[i]->group, groups[g].name);
		     i++)
			sorted[i]->part = part;
	}
	return (long)found;
}

long
hmm_split(struct hmm_member *members, size_t count, const double *ratio, int parts, uint64_t seed,
    uint32_t repeat)
{
	double share[HMM_MAX_PARTS], sum = 0;
	struct hmm_member **sorted = hmm_alloc(count, sizeof(*sorted));
	struct draw *groups = hmm_alloc(count, sizeof(*groups));
	long found = -1;
	for (int p = 0; p < parts; p++)
		sum += ratio[p];
	for (int p = 0; p < parts; p++)
		share[p] = ratio[p] / sum;
	if (sorted && groups) {
		for (size_t i = 0; i < count; i++)
			sorted[i] = &members[i];
		qsort(sorted, count, sizeof(*sorted), by_group);
		found = assign(sorted, count, groups, share, parts, seed, repeat);
	}
	free(sorted);
	free(groups);
	return found;
}

size_t
hmm_drop(struct hmm_owner *owners, size_t count, double rate, uint64_t seed, uint32_t repeat)
{
	struct draw *draws = hmm_alloc(count, sizeof(*draws));
	const size_t want = (size_t)rint(rate * (double)count);
	size_t eligible = 0, dropped = 0;
	for (size_t i = 0; draws && i < count; i++)
		if (owners[i].others)
			draws[eligible++] = (struct draw){
			    owners[i].subject, 0, draw_key(owners[i].subject, DROPPING, seed, repeat), i};
	if (draws)
		qsort(draws, eligible, sizeof(*draws), by_key);
	for (; dropped < want && dropped < eligible; dropped++)
		owners[draws[dropped].index].dropped = 1;
	free(draws);
	return dropped;
}
