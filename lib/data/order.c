#include "hmm/data/order.h"

#include <stdint.h>
#include <stdlib.h>

#include "hmm/base/memory.h"

/* A row, where the rest of its text is, and the bytes before that as a number: to follow pointers
 * for each comparison costs misses of the cache where there are many rows. */
struct key {
	uint64_t bytes;
	const char *rest;
	size_t row;
};

/* What is ordered: rows of so many texts; the columns that decide, the first one first. */
struct ordering {
	const char *const *cells;
	size_t columns;
	const int *column; /* [count]; -1: none; NULL: all of them */
	size_t count;
	struct key *key; /* [rows] */
	char *again;     /* [rows] 1: the same as what it stands behind; NULL: nobody asks */
};

/* Keys that are alike up to the rest of the text in this one of the columns. */
struct range {
	size_t start, count, column;
};

static int
compare(const void *left, const void *right)
{
	const struct key *a = left, *b = right;
	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* Begin with the texts of the range's column; behind the last column its rows are the same. */
static void
begin_texts(const struct ordering *ordering, const struct range *range)
{
	struct key *key = ordering->key + range->start;
	if (range->column == ordering->count) {
		for (size_t i = 1; i < range->count && ordering->again; i++)
			ordering->again[range->start + i] = 1;
		return;
	}
	const int column = ordering->column ? ordering->column[range->column] : (int)range->column;
	for (size_t i = 0; i < range->count; i++) {
		const char *const *cells = ordering->cells + key[i].row * ordering->columns;
		key[i].rest = column < 0 || !cells[column] ? "" : cells[column];
	}
}

/* The next eight bytes of a text, or as many as it has, as a number that is ordered as they are. */
static uint64_t
take_bytes(const char **rest)
{
	uint64_t bytes = 0;
	const char *next = *rest;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes = bytes << 8 | (unsigned char)*next;
		next += *next != '\0';
	}
	*rest = next;
	return bytes;
}

/* Order a range by the next bytes of its texts. */
static void
sort_bytes(const struct ordering *ordering, const struct range *range)
{
	struct key *key = ordering->key + range->start;
	int sorted = 1;
	for (size_t i = 0; i < range->count; i++) {
		key[i].bytes = take_bytes(&key[i].rest);
		sorted = sorted && (i == 0 || compare(&key[i - 1], &key[i]) < 0);
	}
	if (!sorted)
		qsort(key, range->count, sizeof(*key), compare);
}

/* The first keys of a range that are alike in these bytes too, taken off it. */
static struct range
take_alike(const struct ordering *ordering, struct range *range)
{
	const struct key *key = ordering->key + range->start;
	const int ended = (key->bytes & 0xff) == 0;
	struct range alike = {range->start, 1, range->column + (size_t)ended};
	while (alike.count < range->count && key[alike.count].bytes == key->bytes)
		alike.count++;
	if (ended && alike.count > 1)
		begin_texts(ordering, &alike);
	range->start += alike.count;
	range->count -= alike.count;
	return alike;
}

/* Order a range. What is alike is a range of its own; the longest of them takes this one's turn, so
 * that calls nest no deeper than the count's logarithm, whatever the texts. */
static void
sort(const struct ordering *ordering, struct range range)
{
	while (range.count > 1 && range.column < ordering->count) {
		struct range longest = {0};
		sort_bytes(ordering, &range);
		while (range.count) {
			const struct range alike = take_alike(ordering, &range);
			const int longer = alike.count > longest.count;
			sort(ordering, longer ? longest : alike);
			longest = longer ? alike : longest;
		}
		range = longest;
	}
}

static size_t *
order_rows(struct ordering *ordering, size_t rows)
{
	const struct range all = {.count = rows};
	ordering->key = hmm_alloc_raw(rows, sizeof(*ordering->key));
	size_t *order = ordering->key ? hmm_alloc_raw(rows, sizeof(*order)) : NULL;
	for (size_t i = 0; order && i < rows; i++)
		ordering->key[i].row = i;
	if (order) {
		begin_texts(ordering, &all);
		sort(ordering, all);
	}
	for (size_t i = 0; order && i < rows; i++)
		order[i] = ordering->key[i].row;
	free(ordering->key);
	return order;
}

size_t *
hmm_order_rows(const struct hmm_table *table, const int *columns, size_t count)
{
	struct ordering ordering = {.cells = (const char *const *)table->cells,
	    .columns = table->columns,
	    .column = columns,
	    .count = count};
	return order_rows(&ordering, table->rows);
}

size_t *
hmm_order_texts(const char *const *texts, size_t rows, size_t columns, char *again)
{
	struct ordering ordering = {
	    .cells = texts, .columns = columns, .count = columns, .again = again};
	return order_rows(&ordering, rows);
}
