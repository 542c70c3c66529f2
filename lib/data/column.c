#include "hmm/data/column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/names.h"
#include "hmm/data/order.h"

/* A row's name, or NULL. */
static const char *
name_of(const struct hmm_table *table, size_t row, int wanted, int otherwise)
{
	char *const *cells = table->cells + row * table->columns;
	const char *name = wanted < 0 ? NULL : cells[wanted];
	if ((!name || !*name) && otherwise >= 0)
		name = cells[otherwise];
	return name && *name ? name : NULL;
}

int
hmm_column_check(const struct hmm_table *table, int wanted, int otherwise)
{
	for (size_t row = 0; row < table->rows; row++)
		if (!name_of(table, row, wanted, otherwise))
			return hmm_error("%s: row %zu: no %s", table->name, row + 1,
			    table->header[otherwise < 0 ? wanted : otherwise]);
	return 0;
}

/* Number the names in the order of column->row. again[rows]: 1: the name of the row before it
 * there. 0, or -1 reported. */
static int
number_names(struct hmm_column *column, const char *const *name, const char *again, size_t rows)
{
	size_t count = 0;
	for (size_t i = 0; i < rows; i++) {
		count += !again[i];
		column->of[column->row[i]] = count - 1;
	}
	column->names.count = count;
	column->names.name = hmm_alloc_raw(count, sizeof(*column->names.name));
	column->start = hmm_alloc_raw(count + 1, sizeof(*column->start));
	if (!column->names.name || !column->start)
		return -1;
	column->start[count] = rows;
	for (size_t i = 0, number = 0; i < rows; i++)
		if (!again[i]) {
			column->names.name[number] = name[column->row[i]];
			column->start[number++] = i;
		}
	return 0;
}

int
hmm_column_open(struct hmm_column *column, const struct hmm_table *table, int wanted, int otherwise)
{
	const size_t rows = table->rows;
	*column = (struct hmm_column){0};
	if (hmm_column_check(table, wanted, otherwise))
		return -1;
	const char **name = hmm_alloc_raw(rows, sizeof(*name));
	char *again = hmm_alloc(rows, 1);
	for (size_t row = 0; name && row < rows; row++)
		name[row] = name_of(table, row, wanted, otherwise);
	column->of = hmm_alloc_raw(rows, sizeof(*column->of));
	column->row = name && again ? hmm_order_texts(name, rows, 1, again) : NULL;
	const int bad = !column->of || !column->row || number_names(column, name, again, rows);
	free(name);
	free(again);
	if (!bad)
		return 0;
	hmm_column_close(column);
	return -1;
}

void
hmm_column_close(struct hmm_column *column)
{
	free(column->names.name);
	free(column->of);
	free(column->start);
	free(column->row);
	*column = (struct hmm_column){0};
}

static int
by_name(const void *name, const void *of)
{
	return strcmp(name, *(const char *const *)of);
}

long
hmm_column_find(const struct hmm_column *column, const char *name)
{
	const size_t count = column->names.count;
	const char **found =
	    count ? bsearch(name, column->names.name, count, sizeof(*found), by_name) : NULL;
	return found ? found - column->names.name : -1;
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
