#include "hmm/score.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/memory.h"

struct bootstrap {
	size_t *member;              /* [groups]: 1 + its number among those that occur, 0: none */
	size_t members;              /* how many occur */
	double *drawn;               /* [members]: how often in this replicate */
	double *values;              /* [HMM_METRICS][replicates]: those defined, and */
	size_t defined[HMM_METRICS]; /* how many these are */
};

static int
by_value(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* numpy.percentile's default, of sorted values. */
static double
quantile(const double *values, size_t count, double q)
{
	if (!count)
		return (double)NAN;
	const double at = q * (double)(count - 1);
	const size_t below = (size_t)at, above = below + 1 < count ? below + 1 : below;
	return values[below] + (at - (double)below) * (values[above] - values[below]);
}

static void
resample(struct bootstrap *boot, struct hmm_scored *scored, size_t count, struct hmm_place place)
{
	for (size_t m = 0; m < boot->members; m++)
		boot->drawn[m] = 0;
	for (size_t i = 0; i < boot->members; i++) {
		const double u = hmm_random_uniform(place, (uint32_t)i);
		boot->drawn[(size_t)(u * (double)boot->members)]++;
	}
	for (size_t i = 0; i < count; i++)
		scored[i].weight = boot->drawn[boot->member[scored[i].group] - 1];
}

static void
run_bootstrap(struct bootstrap *boot, struct hmm_scored *scored, size_t count, double threshold,
    size_t replicates, struct hmm_place place)
{
	for (size_t b = 0; b < replicates; b++) {
		double values[HMM_METRICS];
		place.epoch = (uint32_t)b;
		resample(boot, scored, count, place);
		hmm_metrics_all(values, scored, count, threshold);
		for (size_t m = 0; m < HMM_METRICS; m++)
			if (!isnan(values[m]))
				boot->values[m * replicates + boot->defined[m]++] = values[m];
	}
}

int
hmm_score_run(struct hmm_score scores[HMM_METRICS], struct hmm_scored *scored, size_t count,
    size_t groups, double threshold, size_t replicates, struct hmm_place place)
{
	struct bootstrap boot = {.member = hmm_alloc(groups, sizeof(size_t)),
	    .drawn = hmm_alloc(groups, sizeof(double)),
	    .values = hmm_alloc(replicates, HMM_METRICS * sizeof(double))};
	const int bad = !boot.member || !boot.drawn || !boot.values;
	double values[HMM_METRICS];
	if (!bad) {
		for (size_t i = 0; i < count; i++) {
			boot.member[scored[i].group] = 1;
			scored[i].weight = 1;
		}
		for (size_t g = 0; g < groups; g++)
			if (boot.member[g])
				boot.member[g] = ++boot.members;
		hmm_metrics_sort(scored, count);
		hmm_metrics_all(values, scored, count, threshold);
		run_bootstrap(&boot, scored, count, threshold, replicates, place);
	}
	for (size_t m = 0; m < HMM_METRICS && !bad; m++) {
		double *sample = boot.values + m * replicates;
		qsort(sample, boot.defined[m], sizeof(*sample), by_value);
		scores[m] = (struct hmm_score){values[m], quantile(sample, boot.defined[m], .025),
		    quantile(sample, boot.defined[m], .975)};
	}
	free(boot.member);
	free(boot.drawn);
	free(boot.values);
	return bad ? -1 : 0;
}
