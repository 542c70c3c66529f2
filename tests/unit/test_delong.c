/* Areas of rows that cluster against Obuchowski's definition (tests/golden/make_delong.py); single
 * rows, DeLong's, are in test_compare.c. */
#include <stdlib.h>

#include "hmm/data/table.h"
#include "hmm/kernel/delong.h"
#include "scored.h"
#include "test.h"

enum { MOST = 200 };

static double
number(const struct hmm_table *table, size_t row, int column)
{
	return strtod(hmm_table_cell(table, row, column), NULL);
}

static int
near(double have, double want)
{
	return fabs(have - want) <= 1e-13;
}

/* Both systems' rows of a case, sorted. */
static size_t
read_case(struct hmm_scored *first, struct hmm_scored *second, const struct hmm_table *rows,
    size_t number_of)
{
	size_t count = 0;
	for (size_t row = 0; row < rows->rows; row++) {
		if ((size_t)number(rows, row, 0) != number_of)
			continue;
		const struct hmm_scored scored =
		    ROW(0, (int)number(rows, row, 2), (size_t)number(rows, row, 1));
		first[count] = second[count] = scored;
		first[count].score = number(rows, row, 3);
		second[count++].score = number(rows, row, 4);
	}
	hmm_metrics_sort(first, count);
	hmm_metrics_sort(second, count);
	return count;
}

static void
check_golden(void)
{
	struct hmm_table *rows = hmm_table_read("tests/golden/delong.rows.tsv", '\t');
	struct hmm_table *want = hmm_table_read("tests/golden/delong.tsv", '\t');
	if (!rows || !want)
		exit(1);
	for (size_t c = 0; c < want->rows; c++) {
		struct hmm_scored first[MOST], second[MOST];
		struct hmm_delong_group scratch[MOST];
		struct hmm_delong one, two, both;
		const size_t count = read_case(first, second, rows, c);
		hmm_delong_area(&one, first, count, scratch, MOST);
		hmm_delong_area(&two, second, count, scratch, MOST);
		hmm_delong_compare(&both, first, second, count, scratch, MOST);
		CHECK(near(one.value, number(want, c, 1)) && near(two.value, number(want, c, 2)));
		CHECK(near(one.value, hmm_metrics_auc(first, count)));
		CHECK(near(one.variance, number(want, c, 3)) && near(two.variance, number(want, c, 4)));
		CHECK(near(both.value, number(want, c, 1) - number(want, c, 2)));
		CHECK(near(both.variance, number(want, c, 5)));
		hmm_delong_compare(&both, first, first, count, scratch, MOST);
		CHECK(near(both.value, 0) && near(both.variance, 0));
	}
	hmm_table_free(rows);
	hmm_table_free(want);
}

/* One class, one group of a class, one group alone, a score that is lost, no rows. */
static void
check_none(void)
{
	struct hmm_scored rows[] = {ROW(.1, 0, 0), ROW(.3, 1, 1), ROW(.5, 0, 2), ROW(.7, 1, 3)};
	struct hmm_delong_group scratch[4];
	struct hmm_delong area;
	hmm_delong_area(&area, rows, 4, scratch, 4);
	CHECK(near(area.value, .75) && near(area.variance, .125));
	rows[3].group = 1; /* the positives are one patient's */
	hmm_delong_area(&area, rows, 4, scratch, 4);
	CHECK(near(area.value, .75) && isnan(area.variance));
	rows[0].group = rows[1].group = rows[2].group = rows[3].group = 0;
	hmm_delong_area(&area, rows, 4, scratch, 4);
	CHECK(near(area.value, .75) && isnan(area.variance));
	hmm_delong_area(&area, rows, 1, scratch, 4);
	CHECK(isnan(area.value) && isnan(area.variance));
	hmm_delong_area(&area, rows, 0, scratch, 4);
	CHECK(isnan(area.value) && isnan(area.variance));
	rows[3].score = (double)NAN;
	hmm_delong_area(&area, rows, 4, scratch, 4);
	CHECK(isnan(area.value) && isnan(area.variance));
}

int
main(void)
{
	check_golden();
	check_none();
	return test_end();
}
