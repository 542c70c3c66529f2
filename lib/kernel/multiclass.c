#include "hmm/kernel/multiclass.h"

#include <math.h>
#include <string.h>

#include "hmm/kernel/calibration.h"

/* What one pass over the rows finds. */
struct tally {
	size_t classes;
	const double *table;       /* [classes][classes]: the rows of each, by what they are called */
	const double *of, *called; /* [classes] */
	const double *there;       /* [classes]: 1: a row has it or is called it, though it count 0 */
	double all, right;         /* rows */
	double square, loss;       /* sums of the Brier score and the log loss */
	double by_chance, squares[2]; /* sums of of * called, of of and of called squared */
};

size_t
hmm_multiclass_top(const double *predicted, size_t classes)
{
	size_t top = 0;
	for (size_t k = 1; k < classes; k++)
		top = predicted[k] > predicted[top] ? k : top;
	return top;
}

/* The table, its sums, which classes are there, and below and above of an area by rank. */
size_t
hmm_multiclass_scratch(const struct hmm_outcomes *outcomes)
{
	size_t most = 0;
	for (size_t k = 0; k < outcomes->ranked; k++)
		most = outcomes->ranks[k] > most ? outcomes->ranks[k] : most;
	return outcomes->width * (outcomes->width + 3) + 2 * most;
}

static struct tally
count_rows(const struct hmm_scored *rows, size_t count, const struct hmm_outcomes *outcomes)
{
	const size_t classes = outcomes->width;
	double *table = outcomes->scratch, *of = table + classes * classes, *called = of + classes;
	double *there = called + classes;
	struct tally tally = {classes, table, of, called, there, 0, 0, 0, 0, 0, {0, 0}};
	memset(table, 0, classes * (classes + 3) * sizeof(*table));
	for (size_t i = 0; i < count; i++) {
		const struct hmm_scored *row = &rows[i];
		const double *predicted = row->outcome->predicted;
		const size_t truth = (size_t)row->outcome->truth;
		double square = 0;
		for (size_t k = 0; k < classes; k++)
			square += (predicted[k] - (k == truth)) * (predicted[k] - (k == truth));
		table[truth * classes + row->called] += row->weight;
		of[truth] += row->weight;
		called[row->called] += row->weight;
		there[truth] = there[row->called] = 1;
		tally.square += row->weight * square;
		/* as with two classes: what is certain and wrong counts only where the row does */
		tally.loss -= row->weight > 0 ? row->weight * log(predicted[truth]) : 0;
	}
	for (size_t k = 0; k < classes; k++) {
		tally.all += of[k];
		tally.right += table[k * classes + k];
		tally.by_chance += of[k] * called[k];
		tally.squares[0] += of[k] * of[k];
		tally.squares[1] += called[k] * called[k];
	}
	return tally;
}

/* The area of one class against all others; NaN: it has no row, or all. */
static double
area(const struct hmm_scored *rows, size_t count, size_t class, const struct hmm_outcomes *outcomes)
{
	const size_t ranks = outcomes->ranks[1 + class];
	double *own = outcomes->scratch + outcomes->width * (outcomes->width + 3), *other = own + ranks;
	double wins = 0, below = 0, of = 0;
	memset(own, 0, 2 * ranks * sizeof(*own));
	for (size_t i = 0; i < count; i++) {
		const struct hmm_outcome *row = rows[i].outcome;
		((size_t)row->truth == class ? own : other)[row->rank[1 + class]] += rows[i].weight;
	}
	for (size_t r = 0; r < ranks; r++) {
		wins += own[r] * (below + other[r] / 2);
		below += other[r];
		of += own[r];
	}
	return below > 0 && of > 0 ? wins / (below * of) : (double)NAN;
}

/* The mean area of the classes that have one. */
static double
mean_area(const struct hmm_scored *rows, size_t count, const struct tally *tally, int weighted,
    const struct hmm_outcomes *outcomes)
{
	double sum = 0, weight = 0;
	for (size_t k = 0; k < tally->classes; k++) {
		const double here = area(rows, count, k, outcomes);
		const double counts = isnan(here) ? 0 : weighted ? tally->of[k] : 1;
		sum += isnan(here) ? 0 : counts * here;
		weight += counts;
	}
	return weight > 0 ? sum / weight : (double)NAN;
}

static double
ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

/* Of one class: precision, recall or F1; NaN: it is left out of a mean. Which are does not depend
 * on the weights, but of balanced accuracy, so that a replicate means what its table does. */
static double
of_class(enum hmm_metric metric, const struct tally *tally, size_t k)
{
	const double own = tally->of[k], called = tally->called[k];
	const double right = tally->table[k * tally->classes + k];
	if (!(tally->there[k] > 0))
		return (double)NAN;
	switch (metric) {
	case HMM_CLASS_BALANCED_ACCURACY:
		return own > 0 ? right / own : (double)NAN;
	case HMM_CLASS_PRECISION_MACRO:
	case HMM_CLASS_PRECISION_WEIGHTED:
		return ratio(right, called);
	case HMM_CLASS_RECALL_MACRO:
	case HMM_CLASS_RECALL_WEIGHTED:
		return ratio(right, own);
	default:
		return ratio(2 * right, own + called);
	}
}

static double
mean_of_classes(enum hmm_metric metric, const struct tally *tally)
{
	const int weighted = metric == HMM_CLASS_PRECISION_WEIGHTED ||
	                     metric == HMM_CLASS_RECALL_WEIGHTED || metric == HMM_CLASS_F1_WEIGHTED;
	double sum = 0, weight = 0;
	for (size_t k = 0; k < tally->classes; k++) {
		const double here = of_class(metric, tally, k);
		const double counts = isnan(here) ? 0 : weighted ? tally->of[k] : 1;
		sum += isnan(here) ? 0 : counts * here;
		weight += counts;
	}
	return weight > 0 ? sum / weight : (double)NAN;
}

static double
correlation(const struct tally *tally, int strict)
{
	const double square = tally->all * tally->all;
	const double of = square - tally->squares[0], called = square - tally->squares[1];
	if (strict && !(of > 0))
		return (double)NAN;
	return of > 0 && called > 0
	           ? (tally->right * tally->all - tally->by_chance) / (sqrt(of) * sqrt(called))
	           : 0;
}

static double
measure(enum hmm_metric metric, const struct hmm_scored *rows, size_t count,
    const struct tally *tally, const struct hmm_measuring *measuring)
{
	static const double as_they_are[2] = {1, 1};
	const double square = tally->all * tally->all;
	switch (metric) {
	case HMM_CLASS_ACC:
		return tally->right / tally->all;
	case HMM_CLASS_AUC_MACRO:
	case HMM_CLASS_AUC_WEIGHTED:
		return mean_area(rows, count, tally, metric == HMM_CLASS_AUC_WEIGHTED, measuring->outcomes);
	case HMM_CLASS_LOG_LOSS:
		return tally->loss / tally->all;
	case HMM_CLASS_BRIER:
		return tally->square / tally->all;
	case HMM_CLASS_MCC:
		return correlation(tally, measuring->strict);
	case HMM_CLASS_KAPPA: /* of agreement beyond that of chance */
		return square > tally->by_chance
		           ? (tally->right * tally->all - tally->by_chance) / (square - tally->by_chance)
		           : (double)NAN;
	case HMM_CLASS_ECE:
		return hmm_calibration_find(rows, count, as_they_are).expected;
	default:
		return mean_of_classes(metric, tally);
	}
}

void
hmm_multiclass_measure(double *values, const struct hmm_scored *sorted, size_t count,
    const struct hmm_measuring *measuring)
{
	const struct tally tally = count_rows(sorted, count, measuring->outcomes);
	for (size_t m = 0; m < measuring->count; m++)
		values[m] = tally.all > 0
		                ? measure(measuring->metric[m].metric, sorted, count, &tally, measuring)
		                : (double)NAN;
}
