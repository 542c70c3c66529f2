/* Logistic regression with a ridge against scikit-learn (tests/golden/make_ridge.py) and against
 * Newton's method; the choice of a ridge against fits without each fold. With an argument: the
 * seconds of a choice and a fit of so many rows and columns. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hmm/base/option.h"
#include "hmm/base/random.h"
#include "hmm/data/table.h"
#include "hmm/kernel/ridge.h"
#include "test.h"

/* The numbers of make_ridge.py. */
static double
scramble(size_t i, unsigned seed)
{
	uint32_t h = (uint32_t)((i + seed * 1000003u) * 2654435761u);
	h = (h ^ h >> 15) * 2246822519u;
	return h >> 24;
}

struct rows {
	struct hmm_logistic_rows rows;
	double *x, *target, *coefficient, *scratch;
};

static struct rows
make(size_t count, size_t size)
{
	struct rows all = {.x = calloc(count * (size + 1), sizeof(double)),
	    .target = calloc(count, sizeof(double)),
	    .coefficient = calloc(size + 1, sizeof(double)),
	    .scratch = calloc(hmm_ridge_scratch(count, size + 1), sizeof(double))};
	if (!all.x || !all.target || !all.coefficient || !all.scratch)
		abort();
	for (size_t i = 0; i < count; i++) {
		double *x = all.x + i * (size + 1);
		x[0] = 1;
		for (size_t j = 0; j < size; j++)
			x[j + 1] = scramble(i * size + j, 1) / 64 - 2;
		all.target[i] = scramble(i, 3) / 255 < 1 / (1 + exp(-.5 - .9 * x[1] + .5 * x[2])) ? 1 : 0;
	}
	all.rows = (struct hmm_logistic_rows){all.x, all.target, NULL, NULL, count, size + 1};
	return all;
}

static void
free_rows(struct rows *all)
{
	free(all->x);
	free(all->target);
	free(all->coefficient);
	free(all->scratch);
}

static double
cell(const struct hmm_table *table, size_t row, const char *column)
{
	return strtod(hmm_table_cell(table, row, hmm_table_want(table, column)), NULL);
}

static void
check_golden(const struct hmm_table *table)
{
	for (size_t row = 0; row < table->rows; row++) {
		struct rows all = make((size_t)cell(table, row, "count"), (size_t)cell(table, row, "size"));
		const size_t column = (size_t)cell(table, row, "column");
		CHECK(!hmm_ridge_fit(all.coefficient, &all.rows, cell(table, row, "ridge"), all.scratch));
		CHECK(fabs(all.coefficient[column] - cell(table, row, "coefficient")) < 1e-6);
		free_rows(&all);
	}
}

/* With offsets and weights it is Newton's minimum, from wherever it begins. */
static void
check_newton(void)
{
	enum { COUNT = 60, SIZE = 5 };
	struct rows all = make(COUNT, SIZE - 1);
	double offset[COUNT], weight[COUNT], want[SIZE] = {0}, factor[SIZE * SIZE];
	double scratch[2 * (COUNT + SIZE)];
	static const double ridge[SIZE] = {0, .3, .3, .3, .3};
	const struct hmm_logistic_penalty penalty = {ridge, NULL};
	for (size_t i = 0; i < COUNT; i++) {
		offset[i] = scramble(i, 4) / 100 - 1;
		weight[i] = (double)(i % 3);
	}
	all.rows.offset = offset;
	all.rows.weight = weight;
	CHECK(!hmm_logistic_fit(want, factor, &all.rows, &penalty, scratch));
	for (int far = -3; far <= 3; far++) {
		for (size_t j = 0; j < SIZE; j++)
			all.coefficient[j] = 10 * far;
		CHECK(!hmm_ridge_fit(all.coefficient, &all.rows, .3, all.scratch));
		for (size_t j = 0; j < SIZE; j++)
			CHECK(fabs(all.coefficient[j] - want[j]) < 1e-8);
	}
	for (size_t i = 0; i < COUNT; i++)
		all.target[i] = 1;
	CHECK(hmm_ridge_fit(all.coefficient, &all.rows, .3, all.scratch));
	free_rows(&all);
}

/* The loss of rows of one fold by a fit of the others, which are copied. */
static double
loss_without(const struct rows *all, const size_t *fold, size_t which, double ridge)
{
	const size_t size = all->rows.size;
	struct rows some = make(all->rows.count, size - 1);
	double loss = 0;
	some.rows.count = 0;
	for (size_t i = 0; i < all->rows.count; i++)
		if (fold[i] != which) {
			memcpy(some.x + some.rows.count * size, all->x + i * size, size * sizeof(double));
			some.target[some.rows.count++] = all->target[i];
		}
	CHECK(!hmm_ridge_fit(some.coefficient, &some.rows, ridge, some.scratch));
	for (size_t i = 0; i < all->rows.count; i++) {
		double z = 0;
		for (size_t j = 0; j < size; j++)
			z += all->x[i * size + j] * some.coefficient[j];
		loss += fold[i] == which ? log1p(exp(all->target[i] > 0 ? -z : z)) : 0;
	}
	free_rows(&some);
	return loss;
}

static void
check_choice(void)
{
	enum { COUNT = 60, FOLDS = 3 };
	struct rows all = make(COUNT, 20);
	size_t fold[COUNT];
	double loss = 0, best = 0, ridge = -1;
	for (size_t i = 0; i < COUNT; i++)
		fold[i] = i / 7 % FOLDS;
	for (size_t r = 0; r < HMM_RIDGES; r++) {
		double sum = 0;
		for (size_t f = 0; f < FOLDS; f++)
			sum += loss_without(&all, fold, f, hmm_ridges[r]);
		if (ridge < 0 || sum < best) {
			best = sum;
			ridge = hmm_ridges[r];
		}
	}
	CHECK(hmm_ridge_choose(&loss, &all.rows, fold, FOLDS, all.scratch) == ridge);
	CHECK(ridge < hmm_ridges[0] && ridge > hmm_ridges[HMM_RIDGES - 1]);
	CHECK(fabs(loss - best / COUNT) < 1e-9);
	/* where the only positives are in one fold, that one is passed by; then there is none left */
	for (size_t i = 0; i < COUNT; i++)
		all.target[i] = fold[i] == 1 && i % 2;
	CHECK(hmm_ridge_choose(&loss, &all.rows, fold, FOLDS, all.scratch) > 0 && loss < 1);
	for (size_t i = 0; i < COUNT; i++)
		all.target[i] = 0;
	CHECK(hmm_ridge_choose(&loss, &all.rows, fold, FOLDS, all.scratch) == -1);
	free_rows(&all);
}

static void
time_choice(size_t count, size_t size)
{
	enum { FOLDS = 5 };
	struct rows all = make(count, size);
	size_t *fold = calloc(count, sizeof(*fold));
	double loss = 0;
	const struct hmm_place place = {.seed = 1};
	if (!fold)
		abort();
	for (size_t i = 0; i < count; i++) {
		fold[i] = i % FOLDS;
		for (size_t j = 1; j <= size; j++) /* each like the one before it, as channels are */
			all.x[i * (size + 1) + j] = hmm_random_uniform(place, (uint32_t)(i * size + j)) * 3.4 -
			                            1.7 + (j > 1 ? .8 * all.x[i * (size + 1) + j - 1] : 0);
	}
	const clock_t begun = clock();
	const double ridge = hmm_ridge_choose(&loss, &all.rows, fold, FOLDS, all.scratch);
	hmm_ridge_fit(all.coefficient, &all.rows, ridge, all.scratch);
	printf("%zu rows, %zu columns: %.1f s, ridge %g\n", count, size,
	    (double)(clock() - begun) / CLOCKS_PER_SEC, ridge);
	free(fold);
	free_rows(&all);
}

int
main(int argc, char **argv)
{
	if (argc == 3) {
		time_choice(strtoul(argv[1], NULL, 10), strtoul(argv[2], NULL, 10));
		return 0;
	}
	struct hmm_table *table = hmm_table_read("tests/golden/ridge.tsv", '\t');
	if (!table)
		return 1;
	check_golden(table);
	hmm_table_free(table);
	check_newton();
	check_choice();
	return test_end();
}
