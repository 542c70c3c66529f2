/* Comparisons of two systems and curves against SciPy and scikit-learn, DeLong's
 * definition a pair at a time, and a paired bootstrap that writes out what it drew. */
#include <stdlib.h>
#include <string.h>

#include "hmm/score/compare.h"
#include "hmm/kernel/delong.h"
#include "hmm/kernel/distribution.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/pvalue.h"
#include "hmm/score/score.h"
#include "hmm/data/table.h"
#include "scored.h"
#include "test.h"

enum { MOST = 400, SMALL = 40, REPLICATES = 100 };

static struct hmm_table *
golden(const char *path)
{
	struct hmm_table *table = hmm_table_read(path, '\t');
	if (!table)
		exit(1);
	return table;
}

static double
number(const struct hmm_table *table, size_t row, int column)
{
	return strtod(hmm_table_cell(table, row, column), NULL);
}

static int
near(double a, double b, double tolerance)
{
	return (isnan(a) && isnan(b)) || fabs(a - b) <= tolerance;
}

static void
check_exact(void)
{
	struct hmm_table *table = golden("tests/golden/compare.exact.tsv");
	for (size_t row = 0; row < table->rows; row++) {
		size_t n[4];
		for (int i = 0; i < 4; i++)
			n[i] = (size_t)number(table, row, 1 + i);
		const double want = number(table, row, 5);
		const double have = !strcmp(hmm_table_cell(table, row, 0), "fisher")
		                        ? hmm_pvalue_fisher(n)
		                        : hmm_pvalue_mcnemar(n[0], n[1]);
		CHECK(near(have, want, 1e-10) && near(have / want, 1, 1e-9));
	}
	hmm_table_free(table);
}

static void
check_holm(void)
{
	const double p[] = {.01, (double)NAN, .04, .03, .005, .03, .9};
	const double want[] = {.05, (double)NAN, .12, .12, .03, .12, .9};
	double have[7];
	hmm_pvalue_holm(have, p, 7);
	for (int i = 0; i < 7; i++)
		CHECK(near(have[i], want[i], 1e-15));
	hmm_pvalue_holm(have, p + 1, 1);
	CHECK(isnan(have[0]));
	CHECK(near(hmm_pvalue_normal(-1.959963984540054), .05, 1e-15));
}

/* One case of the golden rows, its rows numbered. */
static size_t
read_case(struct hmm_scored *first, struct hmm_scored *second, const struct hmm_table *rows,
    size_t number_of)
{
	size_t count = 0;
	for (size_t row = 0; row < rows->rows; row++) {
		if ((size_t)number(rows, row, 0) != number_of)
			continue;
		const int label = (int)number(rows, row, 1);
		first[count] = (struct hmm_scored)ROW(number(rows, row, 2), label, count);
		second[count] = (struct hmm_scored)ROW(number(rows, row, 3), label, count);
		count++;
	}
	return count;
}

static void
check_delong(const struct hmm_table *rows)
{
	struct hmm_table *want = golden("tests/golden/compare.delong.tsv");
	for (size_t c = 0; c < want->rows; c++) {
		struct hmm_scored first[MOST], second[MOST];
		struct hmm_compared compared[HMM_COMPARED];
		struct hmm_delong delong;
		struct hmm_delong_group scratch[MOST];
		size_t end = read_case(first, second, rows, c);
		struct hmm_system one = SYSTEM(first, end, &end, 1), two = SYSTEM(second, end, &end, 1);
		const struct hmm_compared *auc = &compared[HMM_AUC];
		const double difference = number(want, c, 1) - number(want, c, 2);
		const double reach = 1.959963984540054 * sqrt(number(want, c, 3));
		hmm_metrics_sort(first, end);
		hmm_metrics_sort(second, end);
		hmm_delong_compare(&delong, first, second, end, scratch, MOST);
		CHECK(near(delong.value, difference, 1e-10) && isinf(delong.freedom));
		CHECK(near(delong.variance, number(want, c, 3), 1e-10));
		read_case(first, second, rows, c);
		CHECK(!scored_compare(compared, &one, &two, end, .5, 0, (struct hmm_place){0}));
		CHECK(auc->test == HMM_TEST_DELONG && compared[HMM_ACC].test == HMM_TEST_MCNEMAR);
		CHECK(near(auc->value, number(want, c, 1), 1e-10));
		CHECK(near(auc->other, number(want, c, 2), 1e-10));
		CHECK(near(auc->difference, difference, 1e-10));
		CHECK(near(auc->p, number(want, c, 4), 1e-10));
		CHECK(near(auc->low, difference - reach, 1e-10));
		CHECK(near(auc->high, difference + reach, 1e-10));
	}
	hmm_table_free(want);
}

static void
check_curves(const struct hmm_table *rows)
{
	struct hmm_table *want = golden("tests/golden/compare.curves.tsv");
	for (size_t row = 0; row < want->rows; row += HMM_CURVE_POINTS) {
		struct hmm_scored first[MOST], second[MOST];
		struct hmm_score points[HMM_CURVE_POINTS];
		const int roc = !strcmp(hmm_table_cell(want, row, 1), "roc");
		size_t end = read_case(first, second, rows, (size_t)number(want, row, 0));
		struct hmm_system system = SYSTEM(first, end, &end, 1);
		CHECK(!hmm_score_curve(
		    points, roc ? HMM_ROC : HMM_PR, &system, end, 20, (struct hmm_place){.seed = 1}));
		for (size_t k = 0; k < HMM_CURVE_POINTS; k++) {
			CHECK(near(points[k].value, number(want, row + k, 3), 1e-12));
			CHECK(points[k].low <= points[k].high);
		}
	}
	hmm_table_free(want);
}

/* Nothing to test: equal systems, areas without variance, too few of a class. */
static void
check_degenerate(void)
{
	struct hmm_scored a[] = {ROW(.1, 0, 0), ROW(.2, 0, 1), ROW(.8, 1, 2), ROW(.9, 1, 3)};
	struct hmm_scored b[] = {ROW(.1, 0, 0), ROW(.2, 0, 1), ROW(.8, 1, 2), ROW(.9, 1, 3)};
	struct hmm_scored c[] = {ROW(.9, 0, 0), ROW(.8, 0, 1), ROW(.2, 1, 2), ROW(.1, 1, 3)};
	struct hmm_scored d[] = {ROW(.1, 0, 0), ROW(.2, 0, 1), ROW(.8, 0, 2), ROW(.9, 1, 3)};
	size_t end = 4;
	struct hmm_system one = SYSTEM(a, 4, &end, 1), two = SYSTEM(b, 4, &end, 1),
	                  worse = SYSTEM(c, 4, &end, 1);
	struct hmm_system few = SYSTEM(d, 4, &end, 1);
	const struct hmm_place place = {.seed = 1};
	struct hmm_compared compared[HMM_COMPARED];
	CHECK(!scored_compare(compared, &one, &two, 4, .5, REPLICATES, place));
	for (int m = 0; m < HMM_COMPARED; m++)
		CHECK(near(compared[m].difference, 0, 0) && near(compared[m].p, 1, 0));
	CHECK(!scored_compare(compared, &one, &worse, 4, .5, REPLICATES, place));
	CHECK(isnan(compared[HMM_AUC].low + compared[HMM_AUC].high) && isnan(compared[HMM_AUC].p));
	CHECK(isnan(compared[HMM_RECALL].low) && isnan(compared[HMM_RECALL].p)); /* 1 in every sample */
	CHECK(near(compared[HMM_ACC].p, .125, 1e-15));
	CHECK(!scored_compare(compared, &few, &few, 4, .5, 0, place));
	CHECK(isnan(compared[HMM_AUC].p) && isnan(compared[HMM_BRIER].p));
	size_t ends[] = {2, 4}; /* two runs, though no group has two rows */
	one = (struct hmm_system)SYSTEM(a, 4, ends, 2);
	two = (struct hmm_system)SYSTEM(b, 4, ends, 2);
	CHECK(!scored_compare(compared, &one, &two, 4, .5, 0, place));
	CHECK(compared[HMM_AUC].test == HMM_TEST_BOOTSTRAP);
	CHECK(compared[HMM_ACC].test == HMM_TEST_BOOTSTRAP);
}

/* The mean over the runs of the metrics of what was drawn. */
static void
measure_drawn(double values[HMM_COMPARED], const struct hmm_system *system, const size_t *drawn,
    size_t draws, double threshold)
{
	double sum[HMM_COMPARED] = {0}, defined[HMM_COMPARED] = {0};
	for (size_t r = 0, start = 0; r < system->runs; start = system->end[r++]) {
		struct hmm_scored sample[SMALL * SMALL];
		size_t count = 0;
		double here[HMM_COMPARED];
		for (size_t d = 0; d < draws; d++)
			for (size_t i = start; i < system->end[r]; i++)
				if (system->rows[i].group == drawn[d])
					sample[count++] = system->rows[i];
		for (size_t i = 0; i < count; i++)
			sample[i].weight = 1;
		hmm_metrics_sort(sample, count);
		scored_measure_as(here, sample, count, threshold, 1);
		for (int m = 0; m < HMM_COMPARED && count; m++) {
			sum[m] += isnan(here[m]) ? 0 : here[m];
			defined[m] += isnan(here[m]) ? 0 : 1;
		}
	}
	for (int m = 0; m < HMM_COMPARED; m++)
		values[m] = sum[m] / defined[m];
}

/* Groups with several rows, in several runs. */
static void
check_bootstrap(uint64_t seed)
{
	struct hmm_scored first[SMALL], second[SMALL];
	struct hmm_place place = {.seed = seed, .stream = 3};
	size_t end[] = {1 + seed % 9, 25, SMALL}, every[SMALL], drawn[SMALL];
	struct hmm_compared compared[HMM_COMPARED];
	double value[HMM_COMPARED], other[HMM_COMPARED];
	size_t below[HMM_COMPARED] = {0}, above[HMM_COMPARED] = {0}, defined[HMM_COMPARED] = {0};
	const size_t groups = 12;
	for (uint32_t i = 0; i < SMALL; i++) {
		const int label = hmm_random_uniform(place, 1000 + i) < .5;
		const size_t group = i < groups ? i : (i * 7 + (size_t)label) % groups;
		first[i] = (struct hmm_scored)ROW(hmm_random_uniform(place, 2000 + i), label, group);
		second[i] = (struct hmm_scored)ROW(hmm_random_uniform(place, 3000 + i), label, group);
	}
	struct hmm_system one = SYSTEM(first, SMALL, end, 3), two = SYSTEM(second, SMALL, end, 3);
	for (size_t g = 0; g < groups; g++)
		every[g] = g;
	CHECK(!scored_compare(compared, &one, &two, groups, .4, REPLICATES, place));
	for (uint32_t b = 0; b < REPLICATES; b++) {
		place.epoch = b;
		for (uint32_t i = 0; i < groups; i++)
			drawn[i] = (size_t)(hmm_random_uniform(place, i) * (double)groups);
		measure_drawn(value, &one, drawn, groups, .4);
		measure_drawn(other, &two, drawn, groups, .4);
		for (int m = 0; m < HMM_COMPARED; m++) {
			below[m] += value[m] - other[m] <= 0;
			above[m] += value[m] - other[m] >= 0;
			defined[m] += isnan(value[m] - other[m]) ? 0 : 1;
		}
	}
	measure_drawn(value, &one, every, groups, .4);
	measure_drawn(other, &two, every, groups, .4);
	for (int m = 0; m < HMM_COMPARED; m++) {
		const double least = (double)(below[m] < above[m] ? below[m] : above[m]);
		CHECK(compared[m].test == HMM_TEST_BOOTSTRAP);
		CHECK(near(compared[m].value, value[m], 1e-12));
		CHECK(near(compared[m].other, other[m], 1e-12));
		const double share = (least + 1) / (double)(defined[m] + 1);
		CHECK(near(compared[m].p, hmm_interval_expanded_p(groups, share), 1e-12));
	}
}

/* The two areas of one run, whose groups have `each` rows: the kernel's variance, Student's t. */
static void
check_areas(size_t each)
{
	struct hmm_scored rows[2][SMALL], hard[2][SMALL];
	struct hmm_delong_group scratch[SMALL];
	struct hmm_delong soft, decided;
	struct hmm_compared compared[HMM_COMPARED];
	const struct hmm_place place = {.seed = each, .stream = 4};
	size_t end = SMALL;
	const size_t groups = SMALL / each;
	for (uint32_t i = 0; i < SMALL; i++)
		for (uint32_t k = 0; k < 2; k++) {
			const int label = i % 3 == 0;
			const double score = .4 * label + .6 * hmm_random_uniform(place, 2 * i + k);
			rows[k][i] = (struct hmm_scored)ROW(score, label, i / each);
			hard[k][i] = (struct hmm_scored)ROW(score > .45, label, i / each);
		}
	struct hmm_system one = SYSTEM(rows[0], SMALL, &end, 1), two = SYSTEM(rows[1], SMALL, &end, 1);
	for (int k = 0; k < 2; k++) {
		hmm_metrics_sort(rows[k], SMALL);
		hmm_metrics_sort(hard[k], SMALL);
	}
	hmm_delong_compare(&soft, rows[0], rows[1], SMALL, scratch, SMALL);
	hmm_delong_compare(&decided, hard[0], hard[1], SMALL, scratch, SMALL);
	CHECK(!scored_compare(compared, &one, &two, groups, .45, 100, place));
	const struct hmm_compared *of[] = {&compared[HMM_AUC], &compared[HMM_AUC_HARD]};
	const struct hmm_delong *want[] = {&soft, &decided};
	for (int k = 0; k < 2; k++) {
		const double freedom = each > 1 || k ? (double)groups - 1 : (double)INFINITY;
		const struct hmm_interval interval =
		    hmm_interval_student(want[k]->value, want[k]->variance, freedom, .95);
		const double z = fabs(want[k]->value) / sqrt(want[k]->variance);
		CHECK(of[k]->test == (each > 1 ? HMM_TEST_OBUCHOWSKI : HMM_TEST_DELONG));
		CHECK(near(of[k]->low, interval.low, 1e-12) && near(of[k]->high, interval.high, 1e-12));
		CHECK(near(of[k]->p, 2 * hmm_distribution_student(-z, freedom), 1e-12));
	}
	CHECK(compared[HMM_ACC].test == (each > 1 ? HMM_TEST_BOOTSTRAP : HMM_TEST_MCNEMAR));
}

/* One system's decisions are all right, the other's all the same: no variance, yet a difference, of
 * which few patients would make too much. */
static void
check_certain(void)
{
	struct hmm_scored right[SMALL], same[SMALL];
	struct hmm_compared compared[HMM_COMPARED];
	size_t end = SMALL;
	for (size_t i = 0; i < SMALL; i++) {
		right[i] = (struct hmm_scored)ROW(i % 2 ? .9 : .1, i % 2, i);
		same[i] = (struct hmm_scored)ROW(.8, i % 2, i);
	}
	struct hmm_system one = SYSTEM(right, SMALL, &end, 1), two = SYSTEM(same, SMALL, &end, 1);
	CHECK(!scored_compare(compared, &one, &two, SMALL, .5, 100, (struct hmm_place){.seed = 1}));
	CHECK(isnan(compared[HMM_AUC].p));
	CHECK(isnan(compared[HMM_AUC_HARD].p) && near(compared[HMM_AUC_HARD].difference, .5, 1e-12));
	CHECK(compared[HMM_ACC].p < .05);
}

int
main(void)
{
	struct hmm_table *rows = golden("tests/golden/compare.rows.tsv");
	check_exact();
	check_holm();
	check_delong(rows);
	check_curves(rows);
	check_degenerate();
	for (size_t each = 1; each <= 4; each *= 2)
		check_areas(each);
	check_certain();
	for (uint64_t seed = 0; seed < 20; seed++)
		check_bootstrap(seed);
	hmm_table_free(rows);
	return test_end();
}
