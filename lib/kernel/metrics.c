#include "hmm/kernel/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/calibration.h"
#include "hmm/kernel/outcome.h"

const char *const hmm_metric_names[HMM_METRICS] = {"acc", "auc", "auc_hard", "f1", "precision",
    "recall", "brier", "specificity", "npv", "balanced_accuracy", "mcc", "average_precision",
    "auc_within", "log_loss", "scaled_brier", "ece", "rmsce_debiased", "citl", "slope", "tn", "fp",
    "fn", "tp"};

static int
by_score(const void *left, const void *right)
{
	const struct hmm_scored *a = left, *b = right;
	if (a->score != b->score)
		return a->score < b->score ? -1 : 1;
	if (a->label != b->label)
		return a->label - b->label;
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	if (a->logit != b->logit)
		return a->logit < b->logit ? -1 : 1;
	if (a->pattern != b->pattern)
		return a->pattern < b->pattern ? -1 : 1;
	if (a->called != b->called)
		return a->called < b->called ? -1 : 1;
	return a->outcome ? hmm_outcome_order(a->outcome, b->outcome) : 0;
}

void
hmm_metrics_sort(struct hmm_scored *scored, size_t count)
{
	qsort(scored, count, sizeof(*scored), by_score);
}

void
hmm_metrics_call(struct hmm_scored *scored, size_t count, double threshold)
{
	for (size_t i = 0; i < count; i++)
		scored[i].called = scored[i].score > threshold;
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

/* What one pass over the rows finds: [label]. */
struct tally {
	double table[2][2]; /* by what was predicted */
	double of[2], square[2], loss[2];
	double share[2]; /* what a row of a label counts, in all */
	int lost;        /* 1: a score is NaN */
};

static double
ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static struct tally
count_rows(const struct hmm_scored *sorted, size_t count, double prevalence)
{
	struct tally tally = {.share = {1, 1}};
	for (size_t i = 0; i < count; i++) {
		const struct hmm_scored *row = &sorted[i];
		const double off = row->score - row->label;
		tally.lost |= isnan(off);
		tally.table[row->label][row->called] += row->weight;
		tally.square[row->label] += row->weight * off * off;
		/* a certain row that is wrong costs more than any number, but not where it counts 0 */
		tally.loss[row->label] += row->weight > 0 ? row->weight * row->loss : 0;
	}
	for (int label = 0; label < 2; label++)
		tally.of[label] = tally.table[label][0] + tally.table[label][1];
	if (!isnan(prevalence)) {
		const double all = tally.of[0] + tally.of[1];
		tally.share[0] = tally.of[0] > 0 ? (1 - prevalence) * all / tally.of[0] : (double)NAN;
		tally.share[1] = tally.of[1] > 0 ? prevalence * all / tally.of[1] : (double)NAN;
	}
	return tally;
}

static double
correlation(double tn, double fp, double fn, double tp)
{
	const double product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn);
	return isnan(product) ? product : product > 0 ? (tp * tn - fp * fn) / sqrt(product) : 0;
}

static double
average_precision(const struct hmm_scored *sorted, size_t count, const struct tally *tally)
{
	double above[2] = {0, 0}, sum = 0;
	if (!(tally->of[1] > 0))
		return (double)NAN;
	for (size_t left = count; left > 0;) {
		const double score = sorted[left - 1].score, before = above[1];
		for (; left > 0 && sorted[left - 1].score == score; left--)
			above[sorted[left - 1].label] += sorted[left - 1].weight;
		const double positive = tally->share[1] * above[1];
		if (above[1] > before)
			sum += (above[1] - before) * positive / (positive + tally->share[0] * above[0]);
	}
	return sum / tally->of[1];
}

/* Pairs of equal patterns: what a positive beats is counted without the ties and with them, which
 * is twice as much as with half of them. */
static double
auc_within(const struct hmm_scored *sorted, size_t count, const struct hmm_measuring *measuring)
{
	double *const below = measuring->below, *const positives = below + measuring->patterns;
	double twice = 0, pairs = 0;
	memset(below, 0, 2 * measuring->patterns * sizeof(*below));
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i; end < count && sorted[end].score == sorted[i].score; end++)
			if (sorted[end].label) {
				twice += sorted[end].weight * below[sorted[end].pattern];
				positives[sorted[end].pattern] += sorted[end].weight;
			}
		for (size_t k = i; k < end; k++)
			if (!sorted[k].label)
				below[sorted[k].pattern] += sorted[k].weight;
		for (size_t k = i; k < end; k++)
			if (sorted[k].label)
				twice += sorted[k].weight * below[sorted[k].pattern];
	}
	for (size_t k = 0; k < measuring->patterns; k++)
		pairs += below[k] * positives[k];
	return pairs > 0 ? twice / 2 / pairs : (double)NAN;
}

static double
net_benefit(
    const struct hmm_scored *sorted, size_t count, const struct tally *tally, double threshold)
{
	double above[2] = {0, 0};
	for (size_t left = count; left > 0 && sorted[left - 1].score > threshold; left--)
		above[sorted[left - 1].label] += sorted[left - 1].weight;
	return (tally->share[1] * above[1] - tally->share[0] * above[0] * threshold / (1 - threshold)) /
	       (tally->of[0] + tally->of[1]);
}

/* Is the label missing that a metric of the table divides by? */
static int
is_without(enum hmm_metric metric, const struct tally *tally)
{
	const int no_negative = !(tally->of[0] > 0), no_positive = !(tally->of[1] > 0);
	switch (metric) {
	case HMM_F1:
	case HMM_RECALL:
		return no_positive;
	case HMM_SPECIFICITY:
		return no_negative;
	case HMM_MCC:
		return no_negative || no_positive;
	case HMM_PRECISION:
		return no_positive && !(tally->table[0][1] > 0);
	case HMM_NPV:
		return no_negative && !(tally->table[1][0] > 0);
	default:
		return 0;
	}
}

/* Of the table, the counts as they are and as they are weighted. */
static double
of_table(enum hmm_metric metric, const struct tally *tally)
{
	const double(*const seen)[2] = tally->table;
	const double tn = tally->share[0] * seen[0][0], fp = tally->share[0] * seen[0][1];
	const double fn = tally->share[1] * seen[1][0], tp = tally->share[1] * seen[1][1];
	switch (metric) {
	case HMM_ACC:
		return (tn + tp) / (tally->of[0] + tally->of[1]);
	case HMM_F1:
		return isnan(tp + fp) ? (double)NAN : ratio(2 * tp, 2 * tp + fp + fn);
	case HMM_PRECISION:
		return isnan(tp + fp) ? (double)NAN : ratio(tp, tp + fp);
	case HMM_NPV:
		return isnan(tn + fn) ? (double)NAN : ratio(tn, tn + fn);
	case HMM_RECALL:
		return ratio(seen[1][1], tally->of[1]);
	case HMM_SPECIFICITY:
		return ratio(seen[0][0], tally->of[0]);
	case HMM_AUC_HARD:
	case HMM_BALANCED_ACCURACY:
		return tally->of[0] > 0 && tally->of[1] > 0
		           ? (seen[0][0] / tally->of[0] + seen[1][1] / tally->of[1]) / 2
		           : (double)NAN;
	case HMM_MCC:
		return correlation(tn, fp, fn, tp);
	case HMM_TN:
	case HMM_FP:
	case HMM_FN:
	case HMM_TP:
		return seen[metric >= HMM_FN][metric == HMM_FP || metric == HMM_TP];
	default:
		return (double)NAN;
	}
}

static double
measure(const struct hmm_measured *measured, const struct hmm_scored *sorted, size_t count,
    const struct tally *tally, const struct hmm_calibration_errors *errors,
    const struct hmm_measuring *measuring)
{
	const double all = tally->of[0] + tally->of[1], pi = tally->share[1] * tally->of[1] / all;
	const double square = tally->share[0] * tally->square[0] + tally->share[1] * tally->square[1];
	const double loss = tally->share[0] * tally->loss[0] + tally->share[1] * tally->loss[1];
	switch (measured->metric) {
	case HMM_AUC:
		return hmm_metrics_auc(sorted, count);
	case HMM_AVERAGE_PRECISION:
		return average_precision(sorted, count, tally);
	case HMM_AUC_WITHIN:
		return measuring->below ? auc_within(sorted, count, measuring) : (double)NAN;
	case HMM_BRIER:
		return square / all;
	case HMM_SCALED_BRIER:
		return pi > 0 && pi < 1 ? 1 - square / all / (pi * (1 - pi)) : (double)NAN;
	case HMM_LOG_LOSS:
		return loss / all;
	case HMM_ECE:
		return errors->expected;
	case HMM_RMSCE_DEBIASED:
		return errors->debiased;
	case HMM_NET_BENEFIT:
		return net_benefit(sorted, count, tally, measured->at);
	case HMM_NET_BENEFIT_STANDARDISED:
		return pi > 0 ? net_benefit(sorted, count, tally, measured->at) / pi : (double)NAN;
	default:
		return measuring->strict && is_without(measured->metric, tally)
		           ? (double)NAN
		           : of_table(measured->metric, tally);
	}
}

void
hmm_metrics_measure(double *values, const struct hmm_scored *sorted, size_t count,
    const struct hmm_measuring *measuring)
{
	if (measuring->outcomes) {
		measuring->outcomes->measure(values, sorted, count, measuring);
		return;
	}
	const struct tally tally = count_rows(sorted, count, measuring->prevalence);
	const int some = !tally.lost && tally.of[0] + tally.of[1] > 0;
	struct hmm_calibration_errors errors = {(double)NAN, (double)NAN};
	int binned = 0;
	for (size_t m = 0; m < measuring->count; m++)
		binned |= measuring->metric[m].metric == HMM_ECE ||
		          measuring->metric[m].metric == HMM_RMSCE_DEBIASED;
	if (binned && some && !isnan(tally.share[0] + tally.share[1]))
		errors = hmm_calibration_find(sorted, count, tally.share);
	for (size_t m = 0; m < measuring->count; m++)
		values[m] = some ? measure(&measuring->metric[m], sorted, count, &tally, &errors, measuring)
		                 : (double)NAN;
}
