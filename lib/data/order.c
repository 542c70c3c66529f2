#include "hmm/data/order.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"

struct row {
	const struct hmm_table *table;
	const int *columns;
	size_t count, number;
};

static int
compare(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	int order = 0;
	for (size_t i = 0; i < a->count && !order; i++) {
		const char *one = hmm_table_cell(a->table, a->number, a->columns[i]);
		const char *other = hmm_table_cell(b->table, b->number, b->columns[i]);
		order = strcmp(one ? one : "", other ? other : "");
	}
	return order ? order : (a->number > b->number) - (a->number < b->number);
}

size_t *
hmm_order_rows(const struct hmm_table *table, const int *columns, size_t count)
{
	struct row *rows = hmm_alloc(table->rows, sizeof(*rows));
	size_t *order = rows ? hmm_alloc(table->rows, sizeof(*order)) : NULL;
	for (size_t i = 0; order && i < table->rows; i++)
		rows[i] = (struct row){table, columns, count, i};
	if (order)
		qsort(rows, table->rows, sizeof(*rows), compare);
	for (size_t i = 0; order && i < table->rows; i++)
		order[i] = rows[i].number;
	free(rows);
	return order;
}
