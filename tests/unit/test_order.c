/* The order of rows and of texts is strcmp(3)'s, whatever they have in common. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/random.h"
#include "hmm/data/order.h"
#include "test.h"

enum { ROWS = 3000, COLUMNS = 3, SIZE = 48 };
static char text[ROWS * COLUMNS][SIZE];
static const char *cells[ROWS * COLUMNS];
static unsigned drawn;

static size_t
draw(size_t most)
{
	const struct hmm_place place = {.seed = 7, .stream = 98};
	return (size_t)(hmm_random_uniform(place, drawn++) * (double)(most + 1));
}

/* Cells that are alike for a while, some to their end, with bytes above 127 and some missing. */
static void
make_cells(size_t letters, size_t alike)
{
	static const char letter[] = "ba\xc3\xff";
	for (size_t i = 0; i < ROWS * COLUMNS; i++) {
		const size_t length = alike + draw(17);
		memset(text[i], 'p', alike);
		for (size_t k = alike; k < length; k++)
			text[i][k] = letter[draw(letters - 1)];
		text[i][length] = '\0';
		cells[i] = draw(9) ? text[i] : NULL;
	}
}

static int
compare(size_t a, size_t b, const int *columns, size_t count)
{
	int order = 0;
	for (size_t i = 0; i < count && !order; i++) {
		const char *one = columns[i] < 0 ? NULL : cells[a * COLUMNS + (size_t)columns[i]];
		const char *other = columns[i] < 0 ? NULL : cells[b * COLUMNS + (size_t)columns[i]];
		order = strcmp(one ? one : "", other ? other : "");
	}
	return order;
}

/* Rows in an order that are before the one in front of them, or do not follow it in number, or are
 * not said to be the same; and whether one is missing. */
static size_t
count_wrong(const size_t *order, const int *columns, size_t count, const char *again)
{
	char seen[ROWS] = {0};
	size_t wrong = 0;
	for (size_t i = 0; i < ROWS; i++)
		wrong += seen[order[i]]++ != 0;
	for (size_t i = 1; i < ROWS; i++) {
		const int is = compare(order[i - 1], order[i], columns, count);
		wrong += is > 0 || (is == 0 && order[i - 1] > order[i]);
		wrong += again && again[i] != (is == 0);
	}
	return wrong + (again && again[0]);
}

static void
check_rows(void)
{
	static const int columns[][COLUMNS] = {{0, 1, 2}, {2, 0, 1}, {1, -1, 0}, {-1, -1, 2}};
	const struct hmm_table table = {
	    .columns = COLUMNS, .rows = ROWS, .cells = (char **)(void *)cells};
	for (size_t alike = 0; alike < 24; alike += 5)
		for (size_t letters = 1; letters <= 4; letters++) {
			make_cells(letters, alike);
			for (size_t i = 0; i < 4; i++)
				for (size_t count = 0; count <= COLUMNS; count++) {
					size_t *order = hmm_order_rows(&table, columns[i], count);
					CHECK(order && count_wrong(order, columns[i], count, NULL) == 0);
					free(order);
				}
		}
}

static void
check_texts(void)
{
	static const int columns[] = {0, 1, 2};
	for (size_t letters = 1; letters <= 4; letters++) {
		char again[ROWS] = {0};
		make_cells(letters, 3);
		size_t *order = hmm_order_texts(cells, ROWS, COLUMNS, again);
		CHECK(order && count_wrong(order, columns, COLUMNS, again) == 0);
		free(order);
	}
	size_t *order = hmm_order_texts(cells, 0, 1, NULL);
	CHECK(order != NULL);
	free(order);
}

enum { NESTED = 4000, STEP = 8 };

static void *
order_texts(void *texts)
{
	return hmm_order_texts(texts, NESTED, 1, NULL);
}

/* Each is the start of all that are longer, and is found to be no sooner than behind the one before
 * it: calls may not nest as deep as that. */
static void
check_nested(void)
{
	const char **nested = malloc(NESTED * sizeof(*nested));
	char *longest = malloc(NESTED * STEP + 1);
	size_t wrong = 0;
	void *order = NULL;
	pthread_t thread;
	pthread_attr_t small;
	memset(longest, 'a', NESTED * STEP);
	longest[NESTED * STEP] = '\0';
	for (size_t i = 0; i < NESTED; i++)
		nested[i] = longest + (i * 2999 % NESTED) * STEP;
	CHECK(!pthread_attr_init(&small) && !pthread_attr_setstacksize(&small, 128 << 10) &&
	      !pthread_create(&thread, &small, order_texts, nested) && !pthread_join(thread, &order));
	for (size_t i = 1, *at = order; order && i < NESTED; i++)
		wrong += nested[at[i - 1]] <= nested[at[i]];
	CHECK(order && wrong == 0);
	pthread_attr_destroy(&small);
	free(order);
	free(nested);
	free(longest);
}

int
main(void)
{
	check_rows();
	check_texts();
	check_nested();
	return test_end();
}
