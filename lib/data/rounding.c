#include "rounding.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"

int
hmm_rounding_open(struct hmm_rounding *rounding, size_t strata)
{
	*rounding = (struct hmm_rounding){.strata = strata,
	    .share = hmm_alloc(strata, sizeof(*rounding->share)),
	    .rest = hmm_alloc(strata, sizeof(*rounding->rest)),
	    .left = hmm_alloc(strata, sizeof(*rounding->left))};
	return rounding->share && rounding->rest && rounding->left ? 0 : -1;
}

void
hmm_rounding_close(struct hmm_rounding *rounding)
{
	free(rounding->share);
	free(rounding->rest);
	free(rounding->left);
}

/* ---- the binary strata, or as few of others: every way ---- */

struct search {
	struct hmm_rounding *of;
	unsigned up[HMM_STRATA]; /* bit p: share[s][p] is rounded up */
	unsigned best[HMM_STRATA];
	size_t best_rest;
	int found;
};

/* Try every way to round the strata from `stratum` on up; the largest sum of the
 * rests that are rounded up is the best. */
static void
search(struct search *all, size_t stratum, size_t rest)
{
	struct hmm_rounding *r = all->of;
	if (stratum == HMM_STRATA) {
		if (all->found && rest <= all->best_rest)
			return;
		all->found = 1;
		all->best_rest = rest;
		memcpy(all->best, all->up, sizeof(all->best));
		return;
	}
	for (unsigned up = 0; up < 1u << HMM_PARTS; up++) {
		size_t gain = 0, units = 0;
		int fits = 1;
		for (int p = 0; p < HMM_PARTS; p++) {
			const unsigned bit = up >> p & 1;
			fits = fits && (!bit || (r->want[p] && r->rest[stratum][p]));
			gain += bit * r->rest[stratum][p];
			units += bit;
		}
		if (!fits || units != r->left[stratum])
			continue;
		for (int p = 0; p < HMM_PARTS; p++)
			r->want[p] -= up >> p & 1;
		all->up[stratum] = up;
		search(all, stratum + 1, rest + gain);
		for (int p = 0; p < HMM_PARTS; p++)
			r->want[p] += up >> p & 1;
	}
}

/* ---- many: exchanges ---- */

/* The best of each stratum by itself, ties to the earlier part; what the parts get too much, or too
 * little where it is below 0. */
static void
choose_largest(unsigned *up, long excess[HMM_PARTS], const struct hmm_rounding *r)
{
	for (int p = 0; p < HMM_PARTS; p++)
		excess[p] = -(long)r->want[p];
	for (size_t s = 0; s < r->strata; s++)
		for (size_t left = r->left[s]; left; left--) {
			int most = -1;
			for (int p = 0; p < HMM_PARTS; p++)
				if (!(up[s] >> p & 1) && r->rest[s][p] &&
				    (most < 0 || r->rest[s][p] > r->rest[s][most]))
					most = p;
			up[s] |= 1u << most;
			excess[most]++;
		}
}

/* A way from a part that has too much: which part gives to it, in which stratum. */
struct way {
	long cost[HMM_PARTS];
	int from[HMM_PARTS]; /* -1: here it begins, or nothing comes here */
	size_t stratum[HMM_PARTS];
	int known[HMM_PARTS];
};

/* What it costs the sum of rests, at least, that part a gives one to part b: in which stratum. 0,
 * or -1: no stratum can. */
static int
find_exchange(
    long *cost, size_t *stratum, const struct hmm_rounding *r, const unsigned *up, int a, int b)
{
	int found = -1;
	for (size_t s = 0; s < r->strata; s++) {
		if (!(up[s] >> a & 1) || up[s] >> b & 1 || !r->rest[s][b])
			continue;
		const long here = (long)r->rest[s][a] - (long)r->rest[s][b];
		if (!found && here >= *cost)
			continue;
		found = 0;
		*cost = here;
		*stratum = s;
	}
	return found;
}

/* The cheapest ways from all parts with too much (Bellman and Ford: no circle gains, as each
 * stratum had its best and every exchange since was a cheapest one). */
static void
find_ways(
    struct way *way, const struct hmm_rounding *r, const unsigned *up, const long excess[HMM_PARTS])
{
	for (int p = 0; p < HMM_PARTS; p++) {
		way->known[p] = excess[p] > 0;
		way->cost[p] = 0;
		way->from[p] = -1;
	}
	for (int round = 1; round < HMM_PARTS; round++)
		for (int a = 0; a < HMM_PARTS; a++)
			for (int b = 0; b < HMM_PARTS; b++) {
				long cost = 0;
				size_t stratum = 0;
				if (a == b || !way->known[a] || find_exchange(&cost, &stratum, r, up, a, b) ||
				    (way->known[b] && way->cost[a] + cost >= way->cost[b]))
					continue;
				way->known[b] = 1;
				way->cost[b] = way->cost[a] + cost;
				way->from[b] = a;
				way->stratum[b] = stratum;
			}
}

/* Every part gets what it wants. 0, or -1: there is no way. */
static int
exchange(unsigned *up, const struct hmm_rounding *r)
{
	long excess[HMM_PARTS];
	choose_largest(up, excess, r);
	for (;;) {
		struct way way;
		int to = -1, lacks = 0;
		find_ways(&way, r, up, excess);
		for (int p = 0; p < HMM_PARTS; p++) {
			lacks |= excess[p] < 0;
			if (excess[p] < 0 && way.known[p] && (to < 0 || way.cost[p] < way.cost[to]))
				to = p;
		}
		if (to < 0)
			return lacks ? -1 : 0;
		excess[to]++;
		for (; way.from[to] >= 0; to = way.from[to]) {
			up[way.stratum[to]] |= 1u << to;
			up[way.stratum[to]] &= ~(1u << way.from[to]);
		}
		excess[to]--;
	}
}

int
hmm_rounding_find(struct hmm_rounding *rounding)
{
	struct search all = {.of = rounding};
	const int few = rounding->strata == HMM_STRATA;
	unsigned *many = few ? NULL : hmm_alloc(rounding->strata, sizeof(*many));
	int bad = !few && (!many || exchange(many, rounding));
	if (few) {
		search(&all, 0, 0);
		bad = !all.found;
	}
	for (size_t s = 0; s < rounding->strata && !bad; s++)
		for (int p = 0; p < HMM_PARTS; p++)
			rounding->share[s][p] += (few ? all.best[s] : many[s]) >> p & 1;
	free(many);
	return bad ? -1 : 0;
}
