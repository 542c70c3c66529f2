/* Metrics of classes, values and times with weights, against every row written out as often as it
 * counts; Harrell's and Uno's C against a loop over the pairs. */
#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/base/random.h"
#include "hmm/kernel/multiclass.h"
#include "hmm/kernel/regression.h"
#include "hmm/kernel/survival.h"
#include "hmm/score/calibrate_classes.h"
#include "hmm/score/outcomes.h"
#include "test.h"

enum { MOST = 40, WIDTH = 4, TIMES = 3 };
static double times[WIDTH] = {0, 1, 2, 4};

static double
draw(unsigned seed, unsigned what)
{
	return hmm_random_uniform((struct hmm_place){.seed = seed, .stream = 9}, what);
}

/* Predictions of a few levels, so that there are ties of all kinds. */
static void
make(struct hmm_prediction *rows, double (*number)[WIDTH], size_t count, enum hmm_target target,
    unsigned seed)
{
	for (unsigned i = 0; i < count; i++) {
		struct hmm_prediction *row = &rows[i];
		double sum = 0;
		*row = (struct hmm_prediction){
		    .subject = "s", .split = "n/a", .run = "n/a", .number = number[i], .group = i};
		for (unsigned k = 0; k < WIDTH; k++)
			sum += number[i][k] = 1 + floor(4 * draw(seed, 10 * i + k));
		const double what = draw(seed, 10 * i + 7);
		if (target == HMM_CLASSES) {
			for (unsigned k = 0; k < WIDTH; k++)
				number[i][k] /= sum;
			row->label = (int)(what * (seed % 3 ? WIDTH : 2)); /* with classes that have no row */
			row->truth = row->label;
		} else if (target == HMM_VALUE) {
			row->truth = floor(5 * what);
		} else {
			row->truth = floor(6 * what);
			row->label = draw(seed, 10 * i + 8) < .6;
			for (unsigned k = 1; k < WIDTH; k++)
				number[i][k] = (k > 1 ? number[i][k - 1] : 1) * draw(seed, 10 * i + k);
		}
	}
}

static struct hmm_predictions
predictions_of(enum hmm_target target)
{
	static char a[] = "a", b[] = "b", c[] = "c", d[] = "d";
	static char *names[WIDTH] = {a, b, c, d};
	struct hmm_predictions predictions = {.kind = target};
	predictions.target.target = target;
	predictions.target.width = target == HMM_VALUE ? 2 : WIDTH;
	predictions.target.time = target == HMM_TIME ? times : NULL;
	predictions.target.names.name = names;
	predictions.target.names.count = WIDTH;
	return predictions;
}

static void
measure(double *values, struct hmm_system *system, const struct hmm_measures *measures)
{
	const struct hmm_measuring measuring = {
	    measures->metric, measures->count, (double)NAN, NULL, 0, 0, system->outcomes};
	hmm_metrics_measure(values, system->rows, system->count, &measuring);
}

/* As it is defined, a pair at a time. */
static double
plain_concordance(const struct hmm_prediction *rows, size_t count, int uno, double tau)
{
	double wins = 0, pairs = 0;
	for (size_t i = 0; i < count; i++) {
		double g = 1;
		if (!rows[i].label || (uno && rows[i].truth > tau))
			continue;
		for (double at = 0; uno && at < rows[i].truth; at++) { /* times are whole numbers */
			double censored = 0, risk = 0;
			for (size_t k = 0; k < count; k++) {
				censored += rows[k].truth == at && !rows[k].label;
				risk += rows[k].truth > at || (rows[k].truth == at && !rows[k].label);
			}
			g *= censored > 0 ? 1 - censored / risk : 1;
		}
		for (size_t k = 0; k < count; k++) {
			if (!(rows[i].truth < rows[k].truth ||
			        (rows[i].truth == rows[k].truth && !rows[k].label)))
				continue;
			const double mine = rows[i].number[0], other = rows[k].number[0];
			pairs += 1 / (g * g);
			wins += (mine > other ? 1 : mine < other ? 0 : .5) / (g * g);
		}
	}
	return pairs > 0 ? wins / pairs : (double)NAN;
}

/* Whether nobody before has a class that a row has, or is called: it must count, as what is written
 * out has no row that says so otherwise. */
static int
is_first(const struct hmm_prediction *rows, size_t i)
{
	int label = 1, called = 1;
	for (size_t k = 0; k < i; k++) {
		label &= rows[k].label != rows[i].label;
		called &=
		    hmm_multiclass_top(rows[k].number, WIDTH) != hmm_multiclass_top(rows[i].number, WIDTH);
	}
	return label || called;
}

static int
near(double a, double b)
{
	return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-12;
}

static void
check(enum hmm_target target, unsigned seed)
{
	static double number[MOST][WIDTH];
	static struct hmm_prediction rows[MOST], repeated[4 * MOST];
	const struct hmm_predictions predictions = predictions_of(target);
	const size_t count = 2 + (size_t)(draw(seed, 991) * (MOST - 2));
	const double tau = 4;
	double weight[MOST], values[HMM_MEASURES], want[HMM_MEASURES];
	struct hmm_measures measures;
	struct hmm_system system, other;
	size_t all = 0;
	make(rows, number, count, target, seed);
	rows[0].truth = target == HMM_TIME ? 6 : rows[0].truth; /* the last time counts in both */
	for (size_t i = 0; i < count; i++) {
		weight[i] = i ? floor(4 * draw(seed, 2000 + (unsigned)i)) : 1;
		if (target == HMM_CLASSES && is_first(rows, i))
			weight[i] = 1;
		for (double k = 0; k < weight[i]; k++)
			repeated[all++] = rows[i];
	}
	CHECK(!hmm_measures_choose(
	    &measures, target, NULL, 0, target == HMM_TIME ? "0,1,2.5,4,6" : NULL));
	CHECK(!hmm_system_open(&system, rows, rows, count));
	CHECK(!hmm_outcomes_open(&system, &predictions, rows, tau));
	CHECK(!hmm_system_open(&other, repeated, repeated, all));
	CHECK(!hmm_outcomes_open(&other, &predictions, repeated, tau));
	hmm_system_sort(&system);
	hmm_system_sort(&other);
	hmm_system_weigh(&system, weight);
	measure(values, &system, &measures);
	measure(want, &other, &measures);
	for (size_t m = 0; m < measures.count; m++)
		CHECK(near(values[m], want[m]));
	if (target == HMM_TIME)
		for (int uno = 0; uno < 2; uno++)
			CHECK(near(values[uno], plain_concordance(repeated, all, uno, tau)));
	hmm_system_close(&system);
	hmm_system_close(&other);
}

/* Values that are known otherwise. */
static void
check_known(void)
{
	const double predicted[WIDTH] = {0, .9, .5, .2};
	const struct hmm_outcomes outcomes = {.width = WIDTH, .time = times};
	CHECK(hmm_survival_at(predicted, &outcomes, .5) == 1);
	CHECK(hmm_survival_at(predicted, &outcomes, 1) == .9);
	CHECK(hmm_survival_at(predicted, &outcomes, 3.9) == .5);
	CHECK(hmm_survival_at(predicted, &outcomes, 99) == .2);
	/* Gneiting: of a forecast that is right (sqrt 2 - 1)/sqrt pi */
	CHECK(near(hmm_regression_crps(3, 3, 1), (sqrt(2) - 1) / sqrt(3.14159265358979323846)));
	CHECK(near(hmm_regression_crps(3, 5, 1e-13), 2));
}

/* The temperature's slope is 0 there, and labels that are told apart, or all wrong, have none. */
static void
check_temperature(void)
{
	static const double p[4][2] = {{.8, .2}, {.7, .3}, {.6, .4}, {.1, .9}};
	const double *row[4] = {p[0], p[1], p[2], p[3]};
	const int label[4] = {0, 1, 0, 1}, right[4] = {0, 0, 0, 1}, never[4] = {1, 1, 1, 0};
	double a, slope = 0, calibrated[2];
	CHECK(!hmm_temperature_fit(&a, row, label, 4, 2));
	for (int i = 0; i < 4; i++) {
		hmm_temperature_apply(calibrated, a, p[i], 2);
		CHECK(near(calibrated[0] + calibrated[1], 1));
		for (int k = 0; k < 2; k++)
			slope += (calibrated[k] - (k == label[i])) * log(p[i][k]);
	}
	CHECK(fabs(slope) < 1e-12);
	CHECK(hmm_temperature_fit(&a, row, right, 4, 2) == -1);
	CHECK(hmm_temperature_fit(&a, row, never, 4, 2) == -1);
	CHECK(hmm_temperature_fit(&a, row, label, 0, 2) == -1);
}

int
main(void)
{
	check_temperature();
	for (unsigned seed = 1; seed < 200; seed++) {
		check(HMM_CLASSES, seed);
		check(HMM_VALUE, seed);
		check(HMM_TIME, seed);
	}
	check_known();
	return test_end();
}
