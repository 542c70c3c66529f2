#include "hmm/kernel/regression.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

size_t
hmm_regression_scratch(const struct hmm_outcomes *outcomes)
{
	return outcomes->ranks[0] + outcomes->ranks[1];
}

double
hmm_regression_crps(double value, double mean, double sd)
{
	const double w = (value - mean) / sd;
	return sd * (w * erf(w / sqrt(2)) + 2 * exp(-w * w / 2) / sqrt(2 * pi) - 1 / sqrt(pi));
}

/* Sums over the rows. */
struct tally {
	double all, error, absolute, square;
	double score, held;         /* of rows with a standard deviation */
	double mean[2];             /* of what is true, and of what is predicted */
	double squares[2], product; /* about the means */
	int varies[2];
};

static struct tally
count_rows(const struct hmm_scored *rows, size_t count, size_t width)
{
	static const double central = 1.6448536269514722; /* normal quantile of .95 */
	struct tally tally = {.all = 0};
	const struct hmm_outcome *first = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct hmm_outcome *row = rows[i].outcome;
		const double weight = rows[i].weight, error = row->predicted[0] - row->truth;
		if (!(weight > 0))
			continue;
		first = first ? first : row;
		tally.varies[0] |= row->rank[0] != first->rank[0];
		tally.varies[1] |= row->rank[1] != first->rank[1];
		tally.all += weight;
		tally.error += weight * error;
		tally.absolute += weight * fabs(error);
		tally.square += weight * error * error;
		tally.mean[0] += weight * row->truth;
		tally.mean[1] += weight * row->predicted[0];
		if (width > 1) {
			tally.score +=
			    weight * hmm_regression_crps(row->truth, row->predicted[0], row->predicted[1]);
			tally.held += fabs(error) <= central * row->predicted[1] ? weight : 0;
		}
	}
	tally.mean[0] /= tally.all;
	tally.mean[1] /= tally.all;
	for (size_t i = 0; i < count; i++) {
		const double off[2] = {
		    rows[i].outcome->truth - tally.mean[0], rows[i].outcome->predicted[0] - tally.mean[1]};
		tally.squares[0] += rows[i].weight * off[0] * off[0];
		tally.squares[1] += rows[i].weight * off[1] * off[1];
		tally.product += rows[i].weight * off[0] * off[1];
	}
	return tally;
}

/* The mean rank of each distinct number, of which so many rows have it, in its place. */
static void
rank(double *rows, size_t ranks)
{
	double below = 0;
	for (size_t r = 0; r < ranks; r++) {
		const double here = rows[r];
		rows[r] = below + (here + 1) / 2;
		below += here;
	}
}

/* Pearson's correlation of the ranks. */
static double
spearman(const struct hmm_scored *rows, size_t count, const struct tally *tally,
    const struct hmm_outcomes *outcomes)
{
	double *of[2] = {outcomes->scratch, outcomes->scratch + outcomes->ranks[0]};
	const double mean = (tally->all + 1) / 2;
	double squares[2] = {0, 0}, product = 0;
	memset(of[0], 0, (outcomes->ranks[0] + outcomes->ranks[1]) * sizeof(*of[0]));
	for (size_t i = 0; i < count; i++)
		for (int k = 0; k < 2; k++)
			of[k][rows[i].outcome->rank[k]] += rows[i].weight;
	for (int k = 0; k < 2; k++)
		rank(of[k], outcomes->ranks[k]);
	for (size_t i = 0; i < count; i++) {
		const double off[2] = {
		    of[0][rows[i].outcome->rank[0]] - mean, of[1][rows[i].outcome->rank[1]] - mean};
		squares[0] += rows[i].weight * off[0] * off[0];
		squares[1] += rows[i].weight * off[1] * off[1];
		product += rows[i].weight * off[0] * off[1];
	}
	return product / sqrt(squares[0]) / sqrt(squares[1]);
}

static double
measure(enum hmm_metric metric, const struct hmm_scored *rows, size_t count,
    const struct tally *tally, const struct hmm_outcomes *outcomes)
{
	const int correlates = tally->varies[0] && tally->varies[1], spreads = outcomes->width > 1;
	switch (metric) {
	case HMM_VALUE_R2:
		return tally->varies[0] ? 1 - tally->square / tally->squares[0] : (double)NAN;
	case HMM_VALUE_MAE:
		return tally->absolute / tally->all;
	case HMM_VALUE_RMSE:
		return sqrt(tally->square / tally->all);
	case HMM_VALUE_BIAS:
		return tally->error / tally->all;
	case HMM_VALUE_CRPS:
		return spreads ? tally->score / tally->all : (double)NAN;
	case HMM_VALUE_COVERAGE_90:
		return spreads ? tally->held / tally->all : (double)NAN;
	case HMM_VALUE_PEARSON:
		return correlates ? tally->product / sqrt(tally->squares[0]) / sqrt(tally->squares[1])
		                  : (double)NAN;
	default:
		return correlates ? spearman(rows, count, tally, outcomes) : (double)NAN;
	}
}

void
hmm_regression_measure(double *values, const struct hmm_scored *rows, size_t count,
    const struct hmm_measuring *measuring)
{
	const struct tally tally = count_rows(rows, count, measuring->outcomes->width);
	for (size_t m = 0; m < measuring->count; m++)
		values[m] = tally.all > 0 ? measure(measuring->metric[m].metric, rows, count, &tally,
		                                measuring->outcomes)
		                          : (double)NAN;
}
