/* Regressions with a ridge against scikit-learn and R's survival (tests/golden/make_ridge.py,
 * make_cox.R) and against Newton's method; the choice of a ridge against fits without each fold.
 * With three arguments: the seconds of a choice and a fit of a loss (0, 1, 2) and so many rows and
 * columns. */
#include <string.h>
#include <time.h>

#include "hmm/base/random.h"
#include "hmm/kernel/cox.h"
#include "hmm/kernel/logistic.h"
#include "hmm/kernel/ridge.h"
#include "hmm/kernel/span.h"
#include "regressed.h"
#include "test.h"

struct rows {
	struct hmm_ridge_rows rows;
	double *x, *target, *coefficient, *scratch;
	int *event;
};

static double
target_of(enum hmm_ridge_loss loss, const double *x, size_t i, size_t size)
{
	if (loss == HMM_RIDGE_SQUARES)
		return 3 * scramble(i, 3) / 255 + x[1] - x[2] / 2;
	if (loss == HMM_RIDGE_COX)
		return time_of(i, size);
	return scramble(i, 3) / 255 < 1 / (1 + exp(-.5 - .9 * x[1] + .5 * x[2])) ? 1 : 0;
}

static struct rows
make(enum hmm_ridge_loss loss, size_t count, size_t size)
{
	struct rows all = {.x = calloc(count * (size + 1), sizeof(double)),
	    .target = calloc(count, sizeof(double)),
	    .coefficient = calloc(size + 1, sizeof(double)),
	    .scratch = calloc(hmm_ridge_scratch(count, size + 1), sizeof(double)),
	    .event = calloc(count, sizeof(int))};
	if (!all.x || !all.target || !all.coefficient || !all.scratch || !all.event)
		abort();
	for (size_t i = 0; i < count; i++) {
		double *x = all.x + i * (size + 1);
		x[0] = 1;
		for (size_t j = 0; j < size; j++)
			x[j + 1] = x_of(i, j, size);
		all.target[i] = target_of(loss, x, i, size);
		all.event[i] = event_of(i);
	}
	all.rows = (struct hmm_ridge_rows){.x = all.x,
	    .target = all.target,
	    .count = count,
	    .size = size + 1,
	    .loss = loss,
	    .event = all.event};
	return all;
}

static void
free_rows(struct rows *all)
{
	free(all->x);
	free(all->target);
	free(all->coefficient);
	free(all->scratch);
	free(all->event);
}

static void
check_golden(const char *path, enum hmm_ridge_loss loss)
{
	struct hmm_table *table = hmm_table_read(path, '\t');
	const int cox = loss == HMM_RIDGE_COX;
	CHECK(table);
	for (size_t row = 0; table && row < table->rows; row++) {
		struct rows all =
		    make(loss, (size_t)cell(table, row, "count"), (size_t)cell(table, row, "size"));
		const double ridge = cell(table, row, "ridge");
		const size_t column = (size_t)cell(table, row, cox ? "at" : "column");
		if (ridge > 0) {
			CHECK(!hmm_ridge_fit(all.coefficient, &all.rows, ridge, all.scratch));
			CHECK(fabs(all.coefficient[column] - cell(table, row, cox ? "value" : "coefficient")) <
			      (loss == HMM_RIDGE_LOGISTIC ? 1e-6 : 1e-10));
			CHECK(!cox || all.coefficient[0] == 0);
		}
		free_rows(&all);
	}
	hmm_table_free(table);
}

/* With offsets and weights it is Newton's minimum, from wherever it begins. */
static void
check_newton(void)
{
	enum { COUNT = 60, SIZE = 5 };
	struct rows all = make(HMM_RIDGE_LOGISTIC, COUNT, SIZE - 1);
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
	const struct hmm_logistic_rows rows = {all.x, all.target, offset, weight, COUNT, SIZE};
	CHECK(!hmm_logistic_fit(want, factor, &rows, &penalty, scratch));
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

/* Of squares and Cox weights leave rows out, and offsets are added, from wherever it begins. */
static void
check_weights(enum hmm_ridge_loss loss)
{
	enum { COUNT = 60, SIZE = 5 };
	struct rows all = make(loss, COUNT, SIZE - 1);
	struct rows some = make(loss, COUNT, SIZE - 1);
	double offset[COUNT], weight[COUNT], left[COUNT];
	some.rows.count = 0;
	for (size_t i = 0; i < COUNT; i++) {
		offset[i] = scramble(i, 4) / 100 - 1;
		weight[i] = i % 3 != 1;
		if (i % 3 == 1)
			continue;
		const size_t row = some.rows.count++;
		memcpy(some.x + row * SIZE, all.x + i * SIZE, SIZE * sizeof(double));
		left[row] = offset[i];
		some.target[row] = all.target[i];
		some.event[row] = all.event[i];
	}
	all.rows.weight = weight;
	all.rows.offset = offset;
	some.rows.offset = left;
	CHECK(!hmm_ridge_fit(some.coefficient, &some.rows, .3, some.scratch));
	for (int far = -3; far <= 3; far++) {
		for (size_t j = 0; j < SIZE; j++)
			all.coefficient[j] = 10 * far;
		CHECK(!hmm_ridge_fit(all.coefficient, &all.rows, .3, all.scratch));
		for (size_t j = 0; j < SIZE; j++)
			CHECK(fabs(all.coefficient[j] - some.coefficient[j]) < 1e-10);
	}
	memset(weight, 0, sizeof(weight));
	CHECK(hmm_ridge_fit(all.coefficient, &all.rows, .3, all.scratch));
	all.rows.weight = NULL;
	memset(all.event, 0, COUNT * sizeof(int));
	CHECK(!hmm_ridge_fit(all.coefficient, &all.rows, .3, all.scratch) == (loss != HMM_RIDGE_COX));
	free_rows(&all);
	free_rows(&some);
}

/* Rows as coordinates in what they span, some of which say nothing new: the base is orthonormal, x
 * is z base, and a fit in them is that of the columns. */
static void
check_span(enum hmm_ridge_loss loss)
{
	enum { COUNT = 20, COLUMNS = 70, SIZE = COLUMNS + 1, SHORT = COUNT + 1 };
	struct rows all = make(loss, COUNT, COLUMNS), few = make(loss, COUNT, COUNT);
	double base[COUNT * COLUMNS], found[COLUMNS] = {0};
	memset(all.x + 3 * SIZE + 1, 0, COLUMNS * sizeof(double));
	for (size_t j = 1; j < SIZE; j++) /* nearly what another one is: once is not enough */
		all.x[11 * SIZE + j] = all.x[4 * SIZE + j] + 1e-6 * all.x[11 * SIZE + j];
	memcpy(all.x + 9 * SIZE, all.x + 5 * SIZE, SIZE * sizeof(double));
	for (size_t j = 1; j < SIZE; j++)
		all.x[14 * SIZE + j] = all.x[2 * SIZE + j] - 3 * all.x[7 * SIZE + j];
	for (size_t i = 0; i < COUNT; i++)
		memset(few.x + i * SHORT + 1, 0, COUNT * sizeof(double));
	memcpy(few.target, all.target, COUNT * sizeof(double));
	const size_t rank = hmm_span_make(base, few.x + 1, SHORT, all.x + 1, SIZE, COUNT, COLUMNS);
	CHECK(rank == COUNT - 3);
	for (size_t a = 0; a < rank; a++)
		for (size_t b = 0; b < rank; b++) {
			double sum = 0;
			for (size_t j = 0; j < COLUMNS; j++)
				sum += base[a * COLUMNS + j] * base[b * COLUMNS + j];
			CHECK(fabs(sum - (a == b)) < 1e-13);
		}
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < COLUMNS; j++) {
			double sum = 0;
			for (size_t k = 0; k < rank; k++)
				sum += few.x[i * SHORT + 1 + k] * base[k * COLUMNS + j];
			CHECK(fabs(sum - all.x[i * SIZE + 1 + j]) < 1e-12);
		}
	CHECK(!hmm_ridge_fit(all.coefficient, &all.rows, .3, all.scratch));
	CHECK(!hmm_ridge_fit(few.coefficient, &few.rows, .3, few.scratch));
	CHECK(fabs(all.coefficient[0] - few.coefficient[0]) < 1e-9);
	for (size_t j = 0; j < COLUMNS; j++) {
		for (size_t k = 0; k < rank; k++)
			found[j] += few.coefficient[k + 1] * base[k * COLUMNS + j];
		CHECK(fabs(found[j] - all.coefficient[j + 1]) < 1e-9);
	}
	free_rows(&all);
	free_rows(&few);
}

static double
lose(const struct rows *of, size_t i, double z)
{
	if (of->rows.loss == HMM_RIDGE_SQUARES)
		return (of->target[i] - z) * (of->target[i] - z) / 2;
	return log1p(exp(of->target[i] > 0 ? -z : z));
}

static double
cox_loss(const struct rows *of, const double *eta)
{
	struct hmm_cox cox;
	hmm_cox_open(&cox, of->target, of->event, NULL, of->rows.count, of->scratch);
	return hmm_cox_loss(&cox, eta, NULL);
}

/* The loss of rows of one fold by a fit of the others, which are copied. */
static double
loss_without(const struct rows *all, const size_t *fold, size_t which, double ridge)
{
	enum { MOST = 100 };
	const size_t size = all->rows.size;
	struct rows some = make(all->rows.loss, all->rows.count, size - 1);
	double loss = 0, eta[MOST], left[MOST];
	some.rows.count = 0;
	for (size_t i = 0; i < all->rows.count; i++)
		if (fold[i] != which) {
			memcpy(some.x + some.rows.count * size, all->x + i * size, size * sizeof(double));
			some.event[some.rows.count] = all->event[i];
			some.target[some.rows.count++] = all->target[i];
		}
	CHECK(!hmm_ridge_fit(some.coefficient, &some.rows, ridge, some.scratch));
	some.rows.count = 0;
	for (size_t i = 0; i < all->rows.count; i++) {
		double z = 0;
		for (size_t j = 0; j < size; j++)
			z += all->x[i * size + j] * some.coefficient[j];
		loss += fold[i] == which ? lose(all, i, z) : 0;
		eta[i] = z;
		if (fold[i] != which)
			left[some.rows.count++] = z;
	}
	if (all->rows.loss == HMM_RIDGE_COX)
		loss = cox_loss(all, eta) - cox_loss(&some, left);
	free_rows(&some);
	return loss;
}

static void
check_choice(enum hmm_ridge_loss of)
{
	enum { COUNT = 60, FOLDS = 3 };
	struct rows all = make(of, COUNT, 14);
	size_t fold[COUNT], events = 0;
	double loss = 0, best = 0, ridge = -1;
	for (size_t i = 0; i < COUNT; i++) {
		fold[i] = i / 7 % FOLDS;
		events += all.event[i] == 1;
	}
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
	CHECK(fabs(loss - best / (double)(of == HMM_RIDGE_COX ? events : COUNT)) < 1e-9);
	free_rows(&all);
}

/* Where the only positives are in one fold, that one is passed by; then there is none left. Where
 * the only events are, no other has any. */
static void
check_passed_by(void)
{
	enum { COUNT = 60, FOLDS = 3 };
	struct rows all = make(HMM_RIDGE_LOGISTIC, COUNT, 20);
	struct rows cox = make(HMM_RIDGE_COX, COUNT, 20);
	size_t fold[COUNT];
	double loss = 0;
	for (size_t i = 0; i < COUNT; i++) {
		fold[i] = i / 7 % FOLDS;
		all.target[i] = cox.event[i] = fold[i] == 1 && i % 2;
	}
	CHECK(hmm_ridge_choose(&loss, &all.rows, fold, FOLDS, all.scratch) > 0 && loss < 1);
	CHECK(hmm_ridge_choose(&loss, &cox.rows, fold, FOLDS, cox.scratch) == -1);
	cox.event[0] = 1; /* of fold 0: but for that one, all that fold 1 is fitted by */
	CHECK(hmm_ridge_choose(&loss, &cox.rows, fold, FOLDS, cox.scratch) > 0 && loss > 0);
	memset(all.target, 0, COUNT * sizeof(double));
	CHECK(hmm_ridge_choose(&loss, &all.rows, fold, FOLDS, all.scratch) == -1);
	free_rows(&all);
	free_rows(&cox);
}

static void
time_choice(enum hmm_ridge_loss of, size_t count, size_t size)
{
	enum { FOLDS = 5 };
	struct rows all = make(of, count, size);
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
	static const enum hmm_ridge_loss losses[] = {
	    HMM_RIDGE_LOGISTIC, HMM_RIDGE_SQUARES, HMM_RIDGE_COX};
	if (argc == 4) {
		time_choice(losses[strtoul(argv[1], NULL, 10) % 3], strtoul(argv[2], NULL, 10),
		    strtoul(argv[3], NULL, 10));
		return 0;
	}
	check_golden("tests/golden/ridge.tsv", HMM_RIDGE_LOGISTIC);
	check_golden("tests/golden/ridge.squares.tsv", HMM_RIDGE_SQUARES);
	check_golden("tests/golden/cox.tsv", HMM_RIDGE_COX);
	check_newton();
	check_weights(HMM_RIDGE_SQUARES);
	check_weights(HMM_RIDGE_COX);
	for (size_t of = 0; of < 3; of++) {
		check_span(losses[of]);
		check_choice(losses[of]);
	}
	check_passed_by();
	return test_end();
}
