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

/* Append "train (3)" to a list as far as there is room for it and ", and 99 more". 1: it fits. */
static int
list_value(char *text, size_t size, size_t *used, const char *value, size_t rows)
{
	enum { REST = 32 };
	const size_t left = size > *used + REST ? size - *used - REST : 0;
	const int length =
	    left ? snprintf(text + *used, left, "%s%s (%zu)", *used ? ", " : "", value, rows) : -1;
	if (length < 0 || (size_t)length >= left) {
		text[*used] = '\0';
		return 0;
	}
	*used += (size_t)length;
	return 1;
}

/* The values of rows that have several, and how many rows each has; no column or none: nothing. */
static int
count_values(struct hmm_names *values, size_t *rows, const struct hmm_column *column, size_t name,
    const struct hmm_table *table, int other)
{
	for (size_t i = column->start[name]; i < column->start[name + 1]; i++) {
		const char *value = hmm_table_cell(table, column->row[i], other);
		const long number = value ? hmm_names_add(values, value) : 0;
		if (number < 0)
			return -1;
		if (value)
			rows[number]++;
	}
	return 0;
}

/* How many rows have the value of the first that has one, in *value; *all: no row has another. */
static size_t
count_first(const char **value, int *all, const struct hmm_column *column, size_t name,
    const struct hmm_table *table, int other)
{
	size_t rows = 0;
	*value = NULL;
	*all = 1;
	for (size_t i = column->start[name]; i < column->start[name + 1] && *all; i++) {
		const char *here = hmm_table_cell(table, column->row[i], other);
		*value = *value ? *value : here;
		*all = !here || !strcmp(*value, here);
		rows += here != NULL;
	}
	return rows;
}

long
hmm_column_values(char *text, size_t size, const struct hmm_column *column, size_t name,
    const struct hmm_table *table, int other)
{
	struct hmm_names values = {0};
	size_t used = 0, listed = 0;
	const char *value;
	int all;
	const size_t same = count_first(&value, &all, column, name, table, other);
	text[0] = '\0';
	if (all) { /* nearly always */
		if (value)
			list_value(text, size, &used, value, same);
		return value != NULL;
	}
	size_t *rows = hmm_alloc(hmm_column_rows(column, name), sizeof(*rows));
	long count =
	    rows && !count_values(&values, rows, column, name, table, other) ? (long)values.count : -1;
	while (count > 0 && listed < values.count &&
	       list_value(text, size, &used, values.name[listed], rows[listed]))
		listed++;
	if (count > 0 && listed < values.count)
		snprintf(
		    text + used, size - used, "%s%zu more", used ? ", and " : "", values.count - listed);
	hmm_names_close(&values);
	free(rows);
	return count;
}
