#include "hmm/kernel/metrics.h"

#include <math.h>
#include <stdlib.h>

const char *const hmm_metric_names[HMM_METRICS] = {
    "acc", "auc", "auc_hard", "f1", "precision", "recall", "brier"};

static int
by_score(const void *left, const void *right)
{
	const struct hmm_scored *a = left, *b = right;
	if (a->score != b->score)
		return a->score < b->score ? -1 : 1;
	if (a->label != b->label)
		return a->label - b->label;
	return (a->group > b->group) - (a->group < b->group);
}

void
hmm_metrics_sort(struct hmm_scored *scored, size_t count)
{
	qsort(scored, count, sizeof(*scored), by_score);
}

int
hmm_metrics_lost(const struct hmm_scored *scored, size_t count)
{
	int lost = 0;
	for (size_t i = 0; i < count; i++)
		lost |= isnan(scored[i].score);
	return lost;
}

double
hmm_metrics_auc(const struct hmm_scored *sorted, size_t count)
{
	double wins = 0, below = 0, positives = 0; /* below: negatives with a lower score */
	if (hmm_metrics_lost(sorted, count))
		return (double)NAN;
	for (size_t i = 0; i < count;) {
		double tied[2] = {0, 0};
		const double score = sorted[i].score;
		for (; i < count && sorted[i].score == score; i++)
			tied[sorted[i].label] += sorted[i].weight;
		wins += tied[1] * (below + tied[0] / 2);
		below += tied[0];
		positives += tied[1];
	}
	return below > 0 && positives > 0 ? wins / (below * positives) : (double)NAN;
}

static double
ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

void
hmm_metrics_all(
    double values[HMM_METRICS], const struct hmm_scored *sorted, size_t count, double threshold)
{
	double table[2][2] = {{0, 0}, {0, 0}}, square = 0; /* table[label][predicted] */
	for (int metric = 0; metric < HMM_METRICS; metric++)
		values[metric] = (double)NAN;
	if (hmm_metrics_lost(sorted, count))
		return;
	for (size_t i = 0; i < count; i++) {
		const double off = sorted[i].score - sorted[i].label;
		table[sorted[i].label][sorted[i].score > threshold] += sorted[i].weight;
		square += sorted[i].weight * off * off;
	}
	const double negatives = table[0][0] + table[0][1], positives = table[1][0] + table[1][1];
	const double all = negatives + positives, both = negatives > 0 && positives > 0;
	values[HMM_ACC] = all > 0 ? (table[0][0] + table[1][1]) / all : (double)NAN;
	values[HMM_AUC] = hmm_metrics_auc(sorted, count);
	values[HMM_AUC_HARD] =
	    both != 0 ? (table[0][0] / negatives + table[1][1] / positives) / 2 : (double)NAN;
	values[HMM_PRECISION] = ratio(table[1][1], table[0][1] + table[1][1]);
	values[HMM_RECALL] = ratio(table[1][1], positives);
	values[HMM_F1] = ratio(2 * table[1][1], 2 * table[1][1] + table[0][1] + table[1][0]);
	values[HMM_BRIER] = all > 0 ? square / all : (double)NAN;
}
