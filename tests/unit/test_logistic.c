/* Logistic regression against statsmodels (tests/golden/make_logistic.py), and what has no minimum.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/option.h"
#include "hmm/data/table.h"
#include "hmm/kernel/logistic.h"
#include "hmm/kernel/solve.h"
#include "test.h"

enum { COLUMNS = 3, MOST = 301 };

/* The numbers of make_logistic.py. */
static unsigned
scramble(size_t i, unsigned seed)
{
	uint32_t h = (uint32_t)((i + seed * 1000003u) * 2654435761u);
	h = (h ^ h >> 15) * 2246822519u;
	return h >> 24;
}

struct rows {
	double x[MOST * COLUMNS], target[MOST], offset[MOST], weight[MOST], scratch[2 * MOST + 6];
};

static void
fill(struct rows *rows, size_t count, size_t size)
{
	for (size_t i = 0; i < count; i++) {
		const double x[COLUMNS] = {1, scramble(i, 1) / 64. - 2, scramble(i, 2) / 128. - 1};
		memcpy(rows->x + i * size, x, size * sizeof(double));
		rows->target[i] =
		    scramble(i, 3) / 255. < 1 / (1 + exp(-.3 - .9 * x[1] + .5 * x[2])) ? 1 : 0;
		rows->offset[i] = scramble(i, 4) / 100. - 1;
		rows->weight[i] = scramble(i, 5) % 3 + .5;
	}
}

static double
cell(const struct hmm_table *table, size_t row, const char *column)
{
	return strtod(hmm_table_cell(table, row, hmm_table_want(table, column)), NULL);
}

static void
check_golden(const struct hmm_table *table, size_t row, struct rows *all)
{
	static const double ridge[COLUMNS] = {0, 5, 2}, centre[COLUMNS] = {0, .7, -.1};
	const struct hmm_logistic_penalty penalty = {ridge, centre};
	const char *name = hmm_table_cell(table, row, hmm_table_want(table, "case"));
	const size_t count = (size_t)cell(table, row, "count"), size = (size_t)cell(table, row, "size");
	const size_t column = (size_t)cell(table, row, "column");
	double coefficient[COLUMNS] = {0}, factor[COLUMNS * COLUMNS], scratch[COLUMNS];
	fill(all, count, size);
	const struct hmm_logistic_rows rows = {all->x, all->target,
	    strcmp(name, "offset") ? NULL : all->offset, strcmp(name, "weight") ? NULL : all->weight,
	    count, size};
	CHECK(hmm_logistic_scratch(count, size) <= HMM_COUNT_OF(all->scratch));
	CHECK(!hmm_logistic_fit(
	    coefficient, factor, &rows, strcmp(name, "ridge") ? NULL : &penalty, all->scratch));
	const double error = sqrt(hmm_solve_variance(factor, size, column, scratch));
	CHECK(fabs(coefficient[column] - cell(table, row, "coefficient")) < 1e-9);
	CHECK(fabs(error - cell(table, row, "error")) < 1e-8);
}

/* From anywhere it is the same minimum, and it is found where Newton's whole steps would not. */
static void
check_far(struct rows *all)
{
	static const double begin[] = {-40, 0, 3, 40};
	double first[2] = {0, 0}, factor[4];
	fill(all, MOST, 2);
	const struct hmm_logistic_rows rows = {all->x, all->target, NULL, NULL, MOST, 2};
	CHECK(!hmm_logistic_fit(first, factor, &rows, NULL, all->scratch));
	for (size_t i = 0; i < HMM_COUNT_OF(begin); i++) {
		double coefficient[2] = {begin[i] / 10, begin[i]};
		const int bad = hmm_logistic_fit(coefficient, factor, &rows, NULL, all->scratch);
		/* where all weights vanish in rounding there is nothing to go by */
		CHECK(bad ||
		      (fabs(coefficient[0] - first[0]) < 1e-9 && fabs(coefficient[1] - first[1]) < 1e-9));
		CHECK(!bad || fabs(begin[i]) > 30);
	}
}

/* What separates the targets, wholly or but for a tie, and a column that says nothing new. */
static void
check_none(struct rows *all)
{
	double coefficient[2] = {0, 0}, factor[4];
	const struct hmm_logistic_rows rows = {all->x, all->target, NULL, NULL, 40, 2};
	for (int kind = 0; kind < 4; kind++) {
		for (size_t i = 0; i < 40; i++) {
			all->x[2 * i] = 1;
			all->x[2 * i + 1] = kind == 3 ? 2 : (double)i;
			all->target[i] = kind == 2   ? 1
			                 : kind == 3 ? (double)(i % 2)
			                             : (double)(i >= 20 || (kind == 1 && i == 19));
		}
		if (kind == 1)
			all->x[2 * 19 + 1] = 18; /* one of each target there, the others apart */
		memset(coefficient, 0, sizeof(coefficient));
		CHECK(hmm_logistic_fit(coefficient, factor, &rows, NULL, all->scratch));
	}
	static const double ridge[] = {1e-3, 1e-3};
	const struct hmm_logistic_penalty penalty = {ridge, NULL};
	memset(coefficient, 0, sizeof(coefficient));
	CHECK(!hmm_logistic_fit(coefficient, factor, &rows, &penalty, all->scratch));
	CHECK(fabs(coefficient[0]) < 1e-9 && fabs(coefficient[1]) < 1e-9);
}

int
main(void)
{
	static struct rows all;
	struct hmm_table *table = hmm_table_read("tests/golden/logistic.tsv", '\t');
	if (!table)
		return 1;
	for (size_t row = 0; row < table->rows; row++)
		check_golden(table, row, &all);
	hmm_table_free(table);
	check_far(&all);
	check_none(&all);
	return test_end();
}
