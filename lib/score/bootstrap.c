#include "hmm/score/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/base/number.h"

static const double rounding = 1e-12;

/* What drawing needs. */
struct draw {
	size_t *member;  /* the groups that occur, ascending */
	size_t members;  /* how many these are */
	double *weight;  /* [groups]: how often each was drawn */
	uint32_t *times; /* [members]: the same, closer together */
	double *values;  /* [statistics] of one replicate */
};

static void
find_members(struct draw *draw, const struct hmm_system *system, size_t groups)
{
	for (size_t i = 0; i < system->count; i++)
		draw->weight[system->rows[i].group] = 1;
	for (size_t g = 0; g < groups; g++)
		if (draw->weight[g] > 0)
			draw->member[draw->members++] = g;
}

/* So many at a time, since they lie anywhere: what waits for the memory waits together. */
enum { DRAWN = 256 };

static void
draw_groups(struct draw *draw, struct hmm_place place)
{
	size_t drawn[DRAWN];
	memset(draw->times, 0, draw->members * sizeof(*draw->times));
	for (size_t i = 0, count; i < draw->members; i += count) {
		count = draw->members - i < DRAWN ? draw->members - i : DRAWN;
		for (size_t k = 0; k < count; k++)
			drawn[k] =
			    (size_t)(hmm_random_uniform(place, (uint32_t)(i + k)) * (double)draw->members);
		for (size_t k = 0; k < count; k++)
			draw->times[drawn[k]]++;
	}
	for (size_t i = 0; i < draw->members; i++)
		draw->weight[draw->member[i]] = draw->times[i];
}

int
hmm_bootstrap_open(struct hmm_bootstrap *boot, const struct hmm_system *system, size_t groups,
    size_t statistics, hmm_replicate *replicate, void *context, size_t replicates,
    struct hmm_place place)
{
	size_t bytes = 0;
	struct draw draw = {.member = hmm_alloc(groups, sizeof(size_t)),
	    .weight = hmm_alloc(groups, sizeof(double)),
	    .times = hmm_alloc(groups, sizeof(uint32_t)),
	    .values = hmm_alloc(statistics, sizeof(double))};
	hmm_multiply(&bytes, statistics, sizeof(double));
	*boot = (struct hmm_bootstrap){.statistics = statistics,
	    .replicates = replicates,
	    .sample = hmm_alloc(replicates, bytes),
	    .defined = hmm_alloc(statistics, sizeof(size_t))};
	const int bad = !draw.member || !draw.weight || !draw.times || !draw.values || !boot->sample ||
	                !boot->defined;
	if (!bad)
		find_members(&draw, system, groups);
	boot->groups = draw.members;
	for (size_t b = 0; b < replicates && !bad; b++) {
		place.epoch = (uint32_t)b;
		draw_groups(&draw, place);
		replicate(draw.values, draw.weight, context);
		for (size_t s = 0; s < statistics; s++)
			if (!isnan(draw.values[s]))
				boot->sample[s * replicates + boot->defined[s]++] = draw.values[s];
	}
	for (size_t s = 0; s < statistics && !bad; s++)
		hmm_numbers_sort(boot->sample + s * replicates, boot->defined[s]);
	free(draw.member);
	free(draw.weight);
	free(draw.times);
	free(draw.values);
	return bad ? -1 : 0;
}

void
hmm_bootstrap_close(struct hmm_bootstrap *boot)
{
	free(boot->sample);
	free(boot->defined);
	*boot = (struct hmm_bootstrap){0};
}

double
hmm_bootstrap_quantile(const struct hmm_bootstrap *boot, size_t statistic, double q)
{
	const double *values = boot->sample + statistic * boot->replicates;
	const size_t count = boot->defined[statistic];
	if (!count)
		return (double)NAN;
	const double at = q * (double)(count - 1);
	const size_t below = (size_t)at, above = below + 1 < count ? below + 1 : below;
	return values[below] + (at - (double)below) * (values[above] - values[below]);
}

struct hmm_interval
hmm_bootstrap_band(const struct hmm_bootstrap *boot, size_t statistic, size_t groups, double level)
{
	const double tail = hmm_interval_expanded(groups, level);
	if (isnan(tail))
		return (struct hmm_interval){(double)NAN, (double)NAN};
	return (struct hmm_interval){hmm_bootstrap_quantile(boot, statistic, tail),
	    hmm_bootstrap_quantile(boot, statistic, 1 - tail)};
}

struct hmm_interval
hmm_bootstrap_interval(
    const struct hmm_bootstrap *boot, size_t statistic, size_t groups, double level)
{
	const struct hmm_interval band = hmm_bootstrap_band(boot, statistic, groups, level);
	const double tail = hmm_interval_expanded(groups, level);
	const int enough = tail * ((double)boot->defined[statistic] + 1) >= 1;
	if (enough && band.high - band.low > rounding)
		return band;
	return (struct hmm_interval){(double)NAN, (double)NAN};
}

double
hmm_bootstrap_p(const struct hmm_bootstrap *boot, size_t statistic)
{
	const double *values = boot->sample + statistic * boot->replicates;
	const size_t count = boot->defined[statistic];
	size_t below = 0, above = 0;
	if (count && values[count - 1] - values[0] <= rounding) /* nothing varies */
		return fabs(values[0]) <= rounding ? 1 : (double)NAN;
	for (size_t b = 0; b < count; b++) {
		below += values[b] <= 0;
		above += values[b] >= 0;
	}
	const double least = (double)(below < above ? below : above);
	return count ? hmm_interval_expanded_p(boot->groups, (least + 1) / (double)(count + 1))
	             : (double)NAN;
}

double
hmm_bootstrap_least_p(size_t groups, size_t replicates)
{
	return replicates ? hmm_interval_expanded_p(groups, 1 / ((double)replicates + 1)) : (double)NAN;
}

long
hmm_bootstrap_replicates(size_t asked, const struct hmm_system *system, size_t groups, size_t tests)
{
	enum { LEAST = 2000, STEP = 1000, MOST = 20000 };
	static const double below = .02;
	if (asked != HMM_BOOTSTRAP_ENOUGH)
		return (long)asked;
	char *seen = hmm_alloc(groups, 1);
	size_t members = 0, replicates = LEAST;
	for (size_t i = 0; i < system->count && seen; i++) {
		members += !seen[system->rows[i].group];
		seen[system->rows[i].group] = 1;
	}
	free(seen);
	while (replicates < MOST && (double)tests * hmm_bootstrap_least_p(members, replicates) > below)
		replicates += STEP;
	return seen ? (long)replicates : -1;
}
