/* Distributions, intervals and power against SciPy and statsmodels (tests/golden/make_interval.py).
 */
#include <stdlib.h>
#include <string.h>

#include "hmm/data/table.h"
#include "hmm/kernel/distribution.h"
#include "hmm/kernel/interval.h"
#include "hmm/kernel/power.h"
#include "test.h"

static const char *
text(const struct hmm_table *table, size_t row, const char *column)
{
	return hmm_table_cell(table, row, hmm_table_want(table, column));
}

static double
cell(const struct hmm_table *table, size_t row, const char *column)
{
	return strtod(text(table, row, column), NULL);
}

/* What a line is of, as an interval whose other end does not count where there is none. */
static struct hmm_interval
compute(const char *of, double a, double b, double c)
{
	if (!strcmp(of, "wilson"))
		return hmm_interval_wilson((size_t)a, (size_t)b, c);
	if (!strcmp(of, "area"))
		return hmm_interval_area(a, b * b, c);
	double value = (double)NAN;
	if (!strcmp(of, "normal"))
		value = hmm_distribution_normal(a);
	if (!strcmp(of, "normal_quantile"))
		value = hmm_distribution_normal_quantile(a);
	if (!strcmp(of, "student"))
		value = hmm_distribution_student(a, b);
	if (!strcmp(of, "student_quantile"))
		value = hmm_distribution_student_quantile(a, b);
	if (!strcmp(of, "expanded"))
		value = hmm_interval_expanded((size_t)a, b);
	if (!strcmp(of, "expanded_p"))
		value = hmm_interval_expanded_p((size_t)a, b);
	if (!strcmp(of, "power"))
		value = hmm_power_of(a, b);
	if (!strcmp(of, "power_difference"))
		value = hmm_power_difference(a, b);
	if (!strcmp(of, "power_count"))
		value = hmm_power_count(a, b, c, .8);
	return (struct hmm_interval){value, 0};
}

/* To `tolerance`, of the value where it is large. */
static int
agree(double have, double want, double tolerance)
{
	return fabs(have - want) <= tolerance * fmax(1, fabs(want));
}

static int
near(double have, double want)
{
	return agree(have, want, 1e-12);
}

static void
check_golden(void)
{
	struct hmm_table *table = hmm_table_read("tests/golden/interval.tsv", '\t');
	if (!table)
		exit(1);
	for (size_t row = 0; row < table->rows; row++) {
		const double freedom = cell(table, row, "second");
		const struct hmm_interval have = compute(
		    text(table, row, "of"), cell(table, row, "first"), freedom, cell(table, row, "third"));
		const int both = text(table, row, "other") != NULL;
		CHECK(agree(have.low, cell(table, row, "value"), freedom < 1e6 ? 1e-12 : 1e-11));
		CHECK(!both || near(have.high, cell(table, row, "other")));
	}
	CHECK(table->rows > 300);
	hmm_table_free(table);
}

/* What is rare is still told apart: lower tails to 12 digits of their own. */
static void
check_tails(void)
{
	CHECK(fabs(hmm_distribution_normal(-37) / 5.7255712225239266e-300 - 1) < 1e-12);
	CHECK(fabs(hmm_distribution_student(-1e6, 3) / 1.1026577908396162e-18 - 1) < 1e-12);
	for (double p = 1e-250; p < .5; p *= 1e5) {
		const double z = hmm_distribution_normal_quantile(p);
		const double t = hmm_distribution_student_quantile(p, 7);
		CHECK(fabs(hmm_distribution_normal(z) / p - 1) < 1e-11);
		CHECK(fabs(hmm_distribution_student(t, 7) / p - 1) < 1e-12);
	}
}

static void
check_none(void)
{
	const double inf = (double)INFINITY, nan = (double)NAN;
	CHECK(isnan(hmm_interval_wilson(0, 0, .95).low) && isnan(hmm_interval_wilson(0, 0, .95).high));
	CHECK(hmm_interval_wilson(0, 7, .95).low <= 0 && hmm_interval_wilson(7, 7, .95).high >= 1);
	CHECK(isnan(hmm_interval_area(1, 0, .95).low) && isnan(hmm_interval_area(0, 0, .95).high));
	CHECK(isnan(hmm_interval_area(.5, nan, .95).low) && isnan(hmm_interval_area(nan, 1, .95).low));
	CHECK(near(hmm_interval_area(.5, 0, .95).low, .5) &&
	      near(hmm_interval_area(.5, 0, .95).high, .5));
	CHECK(isnan(hmm_interval_normal(.1, nan, .95).low) &&
	      isnan(hmm_interval_normal(nan, 1, .95).high));
	const struct hmm_interval two[2] = {{.6, .9}, {.2, .5}}, none[2] = {{.6, .9}, {nan, nan}};
	const double value[2] = {.9, .24};
	CHECK(near(hmm_interval_mean(value, two).low, .57 - hypot(.3, .04) / 2));
	CHECK(near(hmm_interval_mean(value, two).high, .57 + .26 / 2));
	CHECK(isnan(hmm_interval_mean(value, none).low) && isnan(hmm_interval_mean(value, none).high));
	CHECK(isnan(hmm_interval_expanded(0, .95)) && isnan(hmm_interval_expanded(1, .95)));
	CHECK(isnan(hmm_interval_expanded_p(1, .1)));
	CHECK(near(hmm_interval_expanded_p(11, .5), 1) && near(hmm_interval_expanded_p(11, .7), 1));
	CHECK(isnan(hmm_distribution_normal_quantile(-.1)) &&
	      isnan(hmm_distribution_normal_quantile(nan)));
	CHECK(isinf(hmm_distribution_normal_quantile(0)) &&
	      isinf(hmm_distribution_student_quantile(1, 3)));
	CHECK(isnan(hmm_distribution_student(0, 0)) && isnan(hmm_distribution_student(nan, 3)));
	CHECK(near(hmm_distribution_student(1, inf), hmm_distribution_normal(1)) &&
	      isnan(hmm_distribution_student_quantile(.1, -1)));
	CHECK(near(hmm_distribution_student_quantile(.025, inf), -1.959963984540054));
	CHECK(near(hmm_interval_student(1, 4, 10, .95).high, 1 + 2 * 2.2281388519862748));
	CHECK(near(hmm_interval_area_student(.5, .01, 10, .95).low,
	    1 / (1 + exp(2.2281388519862748 * .1 / .25))));
	CHECK(hmm_distribution_student(-inf, 3) <= 0 && hmm_distribution_student(inf, 3) >= 1);
}

/* A power that would need no test, an error that is none. */
static void
check_power(void)
{
	const double nan = (double)NAN;
	CHECK(
	    isnan(hmm_power_of(.1, nan)) && isnan(hmm_power_of(nan, .1)) && isnan(hmm_power_of(0, 0)));
	CHECK(near(hmm_power_of(0, .1), .05) && near(hmm_power_of(.1, 0), 1));
	CHECK(isnan(hmm_power_of(.1, -1)) && isnan(hmm_power_difference(-1, .8)));
	CHECK(isnan(hmm_power_difference(.1, .05)) && isnan(hmm_power_difference(.1, 1)));
	CHECK(isnan(hmm_power_difference(nan, .8)) && isnan(hmm_power_count(9, nan, .1, .8)));
	CHECK(isinf(hmm_power_count(9, .1, 0, .8)));
}

int
main(void)
{
	check_golden();
	check_tails();
	check_none();
	check_power();
	return test_end();
}
