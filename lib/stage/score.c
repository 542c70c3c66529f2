#include "hmm/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/memory.h"
#include "hmm/random.h"

enum { BOOTSTRAP = 103 }; /* random stream */

static int
by_value(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* numpy.percentile's linear interpolation between sorted values. */
static double
percentile(const double *sorted, size_t count, double share)
{
	if (count == 0)
		return (double)NAN;
	const double at = share * (double)(count - 1), below = floor(at);
	const size_t i = (size_t)below;
	return i + 1 < count ? sorted[i] + (at - below) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

/* Draw as many groups as there are, with replacement: how often each came. */
static void
draw(double *times, size_t groups, uint64_t seed, uint32_t replicate)
{
	const struct hmm_place place = {.seed = seed, .epoch = replicate, .stream = BOOTSTRAP};
	memset(times, 0, groups * sizeof(*times));
	for (size_t i = 0; i < groups; i++)
		times[(size_t)(hmm_random_uniform(place, (uint32_t)i) * (double)groups)]++;
}

int
hmm_score(struct hmm_score *score, struct hmm_scored *predictions, size_t count, size_t groups,
    double threshold, long replicates, uint64_t seed)
{
	const size_t most = (size_t)replicates;
	double *values = hmm_alloc(most * HMM_METRICS, sizeof(*values)), one[HMM_METRICS];
	double *times = hmm_alloc(groups, sizeof(*times));
	size_t defined[HMM_METRICS] = {0};
	int bad = !values || !times;
	hmm_metrics_sort(predictions, count);
	hmm_metrics_all(score->value, predictions, count, threshold);
	for (size_t r = 0; !bad && r < most; r++) {
		draw(times, groups, seed, (uint32_t)r);
		for (size_t i = 0; i < count; i++)
			predictions[i].weight = times[predictions[i].group];
		hmm_metrics_all(one, predictions, count, threshold);
		for (int m = 0; m < HMM_METRICS; m++)
			if (!isnan(one[m]))
				values[(size_t)m * most + defined[m]++] = one[m];
	}
	for (int m = 0; !bad && m < HMM_METRICS; m++) {
		double *own = values + (size_t)m * most;
		qsort(own, defined[m], sizeof(*own), by_value);
		score->low[m] = percentile(own, defined[m], .025);
		score->high[m] = percentile(own, defined[m], .975);
	}
	free(values);
	free(times);
	return bad ? -1 : 0;
}
