/* Metrics and bootstrap intervals against plain twins that know no weights: every
 * row is written out as often as it was drawn. */
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/delong.h"
#include "hmm/kernel/interval.h"
#include "hmm/score/score.h"
#include "scored.h"
#include "test.h"

enum { MOST = 60, REPLICATES = 200 };

static double
draw(unsigned seed, unsigned what)
{
	return hmm_random_uniform((struct hmm_place){.seed = seed, .stream = 7}, what);
}

/* scikit-learn's definitions, a pair and a row at a time. */
static void
plain_metrics(
    double values[HMM_COMPARED], const struct hmm_scored *rows, size_t count, double threshold)
{
	double tp = 0, fp = 0, tn = 0, fn = 0, wins = 0, pairs = 0, square = 0;
	for (size_t i = 0; i < count; i++) {
		const double p = rows[i].score;
		const int called = p > threshold;
		tp += called && rows[i].label;
		fp += called && !rows[i].label;
		tn += !called && !rows[i].label;
		fn += !called && rows[i].label;
		square += (p - rows[i].label) * (p - rows[i].label);
		for (size_t k = 0; k < count; k++)
			if (rows[i].label && !rows[k].label) {
				pairs++;
				wins += p > rows[k].score ? 1 : p >= rows[k].score ? .5 : 0;
			}
	}
	const double n = (double)count;
	values[HMM_ACC] = (tp + tn) / n;
	values[HMM_AUC] = pairs > 0 ? wins / pairs : (double)NAN;
	values[HMM_AUC_HARD] = pairs > 0 ? (tp / (tp + fn) + tn / (tn + fp)) / 2 : (double)NAN;
	values[HMM_PRECISION] = tp + fp > 0 ? tp / (tp + fp) : 0;
	values[HMM_RECALL] = tp + fn > 0 ? tp / (tp + fn) : 0;
	values[HMM_F1] = tp > 0 ? 2 * tp / (2 * tp + fp + fn) : 0;
	values[HMM_BRIER] = square / n;
}

static int
near(double a, double b)
{
	return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-12;
}

static int
by_value(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static double
plain_quantile(double *values, size_t count, double q)
{
	if (!count)
		return (double)NAN;
	qsort(values, count, sizeof(*values), by_value);
	const double at = q * (double)(count - 1), low = floor(at), high = ceil(at);
	return values[(size_t)low] * (1 - (at - low)) + values[(size_t)high] * (at - low);
}

/* Wilson's and the area's, where a formula knows better than the bootstrap. */
static void
plain_formulas(struct hmm_score scores[HMM_COMPARED], const struct hmm_scored *sorted, size_t count,
    int repeated, double threshold)
{
	size_t tp = 0, fp = 0, tn = 0, fn = 0;
	struct hmm_delong_group scratch[MOST];
	struct hmm_delong area;
	for (size_t i = 0; i < count; i++) {
		const int called = sorted[i].score > threshold;
		tp += called && sorted[i].label;
		fp += called && !sorted[i].label;
		tn += !called && !sorted[i].label;
		fn += !called && sorted[i].label;
	}
	hmm_delong_area(&area, sorted, count, scratch, MOST);
	const double freedom = area.freedom;
	const struct hmm_interval recalls[2] = {
	    hmm_interval_wilson(tn, tn + fp, .95), hmm_interval_wilson(tp, tp + fn, .95)};
	const double recall[2] = {(double)tn / (double)(tn + fp), (double)tp / (double)(tp + fn)};
	const struct hmm_interval interval[] = {hmm_interval_wilson(tp + tn, count, .95),
	    hmm_interval_wilson(tp, tp + fp, .95), hmm_interval_wilson(tp, tp + fn, .95),
	    hmm_interval_mean(recall, recalls),
	    hmm_interval_area_student(area.value, area.variance, freedom, .95)};
	static const enum hmm_metric metric[] = {
	    HMM_ACC, HMM_PRECISION, HMM_RECALL, HMM_AUC_HARD, HMM_AUC};
	for (int i = repeated ? 4 : 0; i < 5; i++) {
		scores[metric[i]].low = interval[i].low;
		scores[metric[i]].high = interval[i].high;
	}
}

/* groups[g] is the number of the g-th group that occurs. */
static void
plain_bootstrap(struct hmm_score scores[HMM_COMPARED], const struct hmm_scored *rows, size_t count,
    const size_t *groups, size_t members, double threshold, struct hmm_place place)
{
	double *values[HMM_COMPARED];
	size_t defined[HMM_COMPARED] = {0};
	struct hmm_scored *sample = hmm_alloc(count * members, sizeof(*sample));
	for (int m = 0; m < HMM_COMPARED; m++)
		values[m] = hmm_alloc(REPLICATES, sizeof(double));
	for (size_t b = 0; b < REPLICATES; b++) {
		double all[HMM_COMPARED];
		size_t size = 0;
		place.epoch = (uint32_t)b;
		for (size_t i = 0; i < members; i++) {
			const double u = hmm_random_uniform(place, (uint32_t)i);
			const size_t group = groups[(size_t)(u * (double)members)];
			for (size_t k = 0; k < count; k++)
				if (rows[k].group == group)
					sample[size++] = rows[k];
		}
		plain_metrics(all, sample, size, threshold);
		double of[2] = {0, 0}, called = 0;
		for (size_t k = 0; k < size; k++) {
			of[sample[k].label]++;
			called += sample[k].score > threshold;
		}
		if (!(of[1] > 0)) /* 0 of 0, which is not 0 */
			all[HMM_RECALL] = all[HMM_F1] = (double)NAN;
		if (!(of[1] > 0 || called > 0))
			all[HMM_PRECISION] = (double)NAN;
		for (int m = 0; m < HMM_COMPARED; m++)
			if (!isnan(all[m]))
				values[m][defined[m]++] = all[m];
	}
	const double tail = hmm_interval_expanded(members, .95);
	for (int m = 0; m < HMM_COMPARED; m++) {
		const double low = plain_quantile(values[m], defined[m], members > 1 ? tail : 0);
		const double high = plain_quantile(values[m], defined[m], members > 1 ? 1 - tail : 0);
		const int some = tail * (double)(defined[m] + 1) >= 1 && high - low > 1e-12;
		scores[m].low = some ? low : (double)NAN;
		scores[m].high = some ? high : (double)NAN;
		free(values[m]);
	}
	free(sample);
}

/* Rows as they come: some tied, some of one class, several a group. */
static void
check_case(unsigned seed)
{
	struct hmm_scored rows[MOST], sorted[MOST];
	const size_t count = 1 + (size_t)(draw(seed, 0) * MOST);
	const size_t spread = 1 + (size_t)(draw(seed, 1) * (double)count);
	const double threshold = draw(seed, 2), steps = 2 + floor(draw(seed, 3) * 20);
	const double share = seed % 5 ? draw(seed, 4) : floor(2 * draw(seed, 4));
	const struct hmm_place place = {.seed = seed, .subject = 5};
	double have[HMM_COMPARED], want[HMM_COMPARED];
	size_t end = count;
	struct hmm_system system = SYSTEM(rows, count, &end, 1);
	struct hmm_score scores[HMM_COMPARED], plain[HMM_COMPARED];
	size_t groups[MOST], members = 0;
	for (unsigned i = 0; i < count; i++) {
		rows[i] = (struct hmm_scored){.label = draw(seed, 100 + i) < share, .weight = 1};
		rows[i].score = floor(draw(seed, 200 + i) * (steps + 1)) / steps;
		rows[i].score = rows[i].score > 1 ? 1 : rows[i].score;
		rows[i].group = (size_t)(draw(seed, 300 + i) * (double)spread);
		sorted[i] = rows[i];
	}
	hmm_metrics_sort(sorted, count);
	scored_measure(have, sorted, count, threshold);
	plain_metrics(want, rows, count, threshold);
	for (int m = 0; m < HMM_COMPARED; m++)
		CHECK(near(have[m], want[m]));
	for (size_t g = 0; g < spread; g++) {
		size_t in = 0;
		for (size_t i = 0; i < count; i++)
			in += rows[i].group == g;
		if (in)
			groups[members++] = g;
	}
	plain_bootstrap(plain, rows, count, groups, members, threshold, place);
	plain_formulas(plain, sorted, count, members < count, threshold);
	CHECK(!scored_run(scores, &system, spread, threshold, REPLICATES, place));
	for (int m = 0; m < HMM_COMPARED; m++) {
		CHECK(near(scores[m].value, want[m]));
		CHECK(near(scores[m].low, plain[m].low));
		CHECK(near(scores[m].high, plain[m].high));
	}
}

/* Five patients, of whom one is seen right: 600 replicates cannot say where .05 begins, as p does
 * not get there either, and 2000 can. */
static void
check_interval(void)
{
	struct hmm_scored rows[] = {ROW(.2, 0, 4), ROW(.9, 1, 4), ROW(.6, 0, 9), ROW(.4, 1, 9),
	    ROW(.2, 0, 1), ROW(.9, 1, 1), ROW(.6, 0, 2), ROW(.4, 1, 2), ROW(.2, 0, 3), ROW(.4, 1, 3)};
	size_t end = 10;
	struct hmm_system system = SYSTEM(rows, 10, &end, 1);
	struct hmm_score scores[HMM_COMPARED];
	CHECK(!scored_run(scores, &system, 10, .5, 600, (struct hmm_place){.seed = 1}));
	CHECK(isnan(scores[HMM_ACC].low) && isnan(scores[HMM_ACC].high));
	CHECK(!scored_run(scores, &system, 10, .5, 2000, (struct hmm_place){.seed = 1}));
	CHECK(near(scores[HMM_ACC].value, .5));
	CHECK(near(scores[HMM_ACC].low, 0) && near(scores[HMM_ACC].high, 1));
	CHECK(!scored_run(scores, &system, 10, .5, 0, (struct hmm_place){.seed = 1}));
	CHECK(isnan(scores[HMM_ACC].low) && isnan(scores[HMM_ACC].high));
}

int
main(void)
{
	for (unsigned seed = 0; seed < 200; seed++)
		check_case(seed);
	check_interval();
	return test_end();
}
