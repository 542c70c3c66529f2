#include "hmm/data/column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

static int
name_rows(struct hmm_column *column, const struct hmm_table *table, int wanted, int otherwise)
{
	for (size_t row = 0; row < table->rows; row++) {
		const char *name = hmm_table_cell(table, row, wanted);
		if (!name || !*name)
			name = hmm_table_cell(table, row, otherwise);
		if (!name || !*name)
			return hmm_error("%s: row %zu: no %s", table->name, row + 1,
			    table->header[otherwise < 0 ? wanted : otherwise]);
		const long number = hmm_names_add(&column->names, name);
		if (number < 0)
			return -1;
		column->of[row] = (size_t)number;
	}
	return 0;
}

/* Number the names in their order. */
static int
sort_names(struct hmm_column *column, size_t rows)
{
	size_t *now = hmm_alloc(column->names.count, sizeof(*now));
	const int bad = !now || hmm_names_sort(&column->names, now);
	for (size_t row = 0; row < rows && !bad; row++)
		column->of[row] = now[column->of[row]];
	free(now);
	return bad;
}

/* The rows of each name. */
static int
list_rows(struct hmm_column *column, size_t rows)
{
	const size_t count = column->names.count;
	column->start = hmm_alloc(count + 2, sizeof(*column->start));
	if (!column->start)
		return -1;
	size_t *next = column->start + 1; /* next[n]: where n's next row goes, at last its end */
	for (size_t row = 0; row < rows; row++)
		next[column->of[row] + 1]++;
	for (size_t n = 0; n < count; n++)
		next[n + 1] += next[n];
	for (size_t row = 0; row < rows; row++)
		column->row[next[column->of[row]]++] = row;
	return 0;
}

int
hmm_column_open(struct hmm_column *column, const struct hmm_table *table, int wanted, int otherwise)
{
	*column = (struct hmm_column){0};
	column->of = hmm_alloc(table->rows, sizeof(*column->of));
	column->row = hmm_alloc(table->rows, sizeof(*column->row));
	if (column->of && column->row && !name_rows(column, table, wanted, otherwise) &&
	    !sort_names(column, table->rows) && !list_rows(column, table->rows))
		return 0;
	hmm_column_close(column);
	return -1;
}

void
hmm_column_close(struct hmm_column *column)
{
	hmm_names_close(&column->names);
	free(column->of);
	free(column->start);
	free(column->row);
	*column = (struct hmm_column){0};
}

size_t
hmm_column_first(const struct hmm_column *column, size_t name)
{
	return column->row[column->start[name]];
}

size_t
hmm_column_rows(const struct hmm_column *column, size_t name)
{
	return column->start[name + 1] - column->start[name];
}

size_t
hmm_column_values(char *text, size_t size, const struct hmm_column *column, size_t name,
    const struct hmm_table *table, int other)
{
	const size_t start = column->start[name], end = column->start[name + 1];
	size_t values = 0, used = 0;
	text[0] = '\0';
	for (size_t i = start; i < end; i++) {
		const char *value = hmm_table_cell(table, column->row[i], other);
		size_t first = start, lines = 0;
		while (value && first < i) {
			const char *earlier = hmm_table_cell(table, column->row[first], other);
			if (earlier && !strcmp(earlier, value))
				break;
			first++;
		}
		if (!value || first < i)
			continue;
		for (size_t k = i; k < end; k++) {
			const char *here = hmm_table_cell(table, column->row[k], other);
			lines += here && !strcmp(here, value);
		}
		const int length =
		    snprintf(text + used, size - used, "%s%s (%zu)", values ? ", " : "", value, lines);
		used += length > 0 && (size_t)length < size - used ? (size_t)length : 0;
		values++;
	}
	return values;
}
