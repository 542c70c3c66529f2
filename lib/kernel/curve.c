#include "hmm/kernel/curve.h"

#include <math.h>

/* Rows by weight: [label]. */
struct tally {
	double of[2];
};

static double
grid(size_t point)
{
	return (double)point / (HMM_CURVE_POINTS - 1);
}

/* The weight of both classes; 0 and all points NaN where one is missing or a score is NaN. */
static int
weigh(struct tally *all, double values[HMM_CURVE_POINTS], const struct hmm_scored *sorted,
    size_t count)
{
	*all = (struct tally){{0, 0}};
	for (size_t i = 0; i < count; i++)
		all->of[sorted[i].label] += sorted[i].weight;
	const int both = all->of[0] > 0 && all->of[1] > 0 && !hmm_metrics_lost(sorted, count);
	for (size_t k = 0; k < HMM_CURVE_POINTS && !both; k++)
		values[k] = (double)NAN;
	return both;
}

/* Add the rows that tie with the last of `count`; how many are left below them. */
static size_t
lower(struct tally *above, const struct hmm_scored *sorted, size_t count)
{
	const double score = sorted[count - 1].score;
	for (; count > 0 && sorted[count - 1].score == score; count--)
		above->of[sorted[count - 1].label] += sorted[count - 1].weight;
	return count;
}

void
hmm_curve_roc(double rate[HMM_CURVE_POINTS], const struct hmm_scored *sorted, size_t count)
{
	struct tally all, above = {{0, 0}};
	size_t k = 0;
	if (!weigh(&all, rate, sorted, count))
		return;
	for (size_t left = count; left > 0;) {
		const double x = above.of[0] / all.of[0], y = above.of[1] / all.of[1];
		left = lower(&above, sorted, left);
		const double to_x = above.of[0] / all.of[0], to_y = above.of[1] / all.of[1];
		for (; k < HMM_CURVE_POINTS && grid(k) < to_x; k++)
			rate[k] = y + (grid(k) - x) * (to_y - y) / (to_x - x);
	}
	for (; k < HMM_CURVE_POINTS; k++)
		rate[k] = 1;
}

void
hmm_curve_pr(double precision[HMM_CURVE_POINTS], const struct hmm_scored *sorted, size_t count)
{
	struct tally all, above = {{0, 0}};
	size_t k = 1;
	if (!weigh(&all, precision, sorted, count))
		return;
	precision[0] = 1;
	for (size_t left = count; left > 0;) {
		left = lower(&above, sorted, left);
		for (; k < HMM_CURVE_POINTS && grid(k) <= above.of[1] / all.of[1]; k++)
			precision[k] = above.of[1] / (above.of[0] + above.of[1]);
	}
}
