#include "hmm/data/target.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"

const char *const hmm_target_names[] = {"binary", "classes", "value", "time"};

/* ---- what is known ---- */

int
hmm_target_read(struct hmm_known *known, enum hmm_target target, const char *label, int event)
{
	*known = (struct hmm_known){.name = label, .event = event == 1};
	if (hmm_cell_missing(label)) /* as any table has it */
		return 0;
	if (target != HMM_CLASSES && hmm_cell_number(&known->number, label))
		return -1;
	if (target == HMM_BINARY && known->number != 0 && known->number != 1)
		return -1;
	if (target == HMM_TIME && known->number < 0)
		return -1;
	return target != HMM_TIME || event >= 0;
}

static int
wrong(const struct hmm_table *table, size_t row, int column, const char *want)
{
	const char *cell = hmm_table_cell(table, row, column);
	return hmm_error("%s: row %zu: %s '%s', want %s", table->name, row + 1, table->header[column],
	    cell ? cell : "n/a", want);
}

/* A finite number of the cell. 0, or -1 (not reported). */
static int
read_number(double *value, const struct hmm_table *table, size_t row, int column)
{
	const char *cell = hmm_table_cell(table, row, column);
	return !cell || hmm_cell_number(value, cell) || !isfinite(*value) ? -1 : 0;
}

static int
read_time(struct hmm_known *known, const struct hmm_table *table, size_t row, int label, int event)
{
	const int has[2] = {
	    hmm_table_cell(table, row, label) != NULL, hmm_table_cell(table, row, event) != NULL};
	double number = 0;
	if (has[0] && (read_number(&known->number, table, row, label) || known->number < 0))
		return wrong(table, row, label, "a time, 0 or more, or n/a");
	if (has[1] && (read_number(&number, table, row, event) || (number != 0 && number != 1)))
		return wrong(table, row, event, "0, 1 or n/a");
	known->event = (int)number;
	return has[0] && has[1];
}

int
hmm_target_known(struct hmm_known *known, enum hmm_target target, const struct hmm_table *table,
    size_t row, int label, int event)
{
	*known = (struct hmm_known){.name = hmm_table_cell(table, row, label)};
	if (target == HMM_TIME)
		return read_time(known, table, row, label, event);
	if (target == HMM_BINARY && known->name &&
	    (read_number(&known->number, table, row, label) ||
	        (known->number != 0 && known->number != 1)))
		return wrong(table, row, label, "0, 1 or n/a (--target says what others are)");
	if (target == HMM_VALUE && known->name && read_number(&known->number, table, row, label))
		return wrong(table, row, label, "a number or n/a");
	return known->name != NULL;
}

/* ---- columns ---- */

static const char of_class[] = "probability", of_time[] = "survival_";

/* The class of a column whose name begins with `prefix` and a line; NULL: it does not. */
static const char *
class_of(const char *name, const char *prefix)
{
	const size_t length = strlen(prefix);
	return !strncmp(name, prefix, length) && name[length] == '_' && name[length + 1]
	           ? name + length + 1
	           : NULL;
}

/* What a column's name says of the kind; -1: nothing. */
static int
kind_of(const char *name)
{
	static const struct {
		const char *name;
		enum hmm_target target;
	} known[] = {{"probability", HMM_BINARY}, {"value", HMM_VALUE}, {"risk", HMM_TIME}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(name, known[i].name))
			return (int)known[i].target;
	return class_of(name, of_class) ? HMM_CLASSES : -1;
}

/* The kind that the names agree on. 0, or -1 reported. */
static int
find_kind(enum hmm_target *target, const struct hmm_table *table)
{
	const char *first = NULL;
	for (size_t c = 0; c < table->columns; c++) {
		const int kind = kind_of(table->header[c]);
		if (kind < 0)
			continue;
		if (first && kind != (int)*target)
			return hmm_error(
			    "%s: columns '%s' and '%s': predictions of %s and of %s, want one kind",
			    table->name, first, table->header[c], hmm_target_names[*target],
			    hmm_target_names[kind]);
		first = first ? first : table->header[c];
		*target = (enum hmm_target)kind;
	}
	return first ? 0 : hmm_table_want(table, "probability");
}

/* Add a column, of which there are at most as many as the table has. */
static int
add(struct hmm_target_columns *columns, int column, const char *name)
{
	columns->column[columns->width++] = column;
	return hmm_names_add(&columns->names, name) < 0 ? -1 : 0;
}

static int
add_classes(struct hmm_target_columns *columns, const struct hmm_table *table, const char *prefix)
{
	int bad = 0;
	for (size_t c = 0; c < table->columns && !bad; c++) {
		const char *class = class_of(table->header[c], prefix);
		bad = class && hmm_names_add(&columns->names, class) < 0;
	}
	if (bad || hmm_names_sort(&columns->names, NULL))
		return -1;
	columns->target = HMM_CLASSES;
	columns->width = columns->names.count;
	for (size_t c = 0; c < table->columns; c++) {
		const char *class = class_of(table->header[c], prefix);
		if (class)
			columns->column[hmm_names_find(&columns->names, class)] = (int)c;
	}
	if (!columns->width)
		return hmm_table_want(table, prefix);
	return columns->width > 1
	           ? 0
	           : hmm_error("%s: column '%s' alone, want one of each class, two or more",
	                 table->name, table->header[columns->column[0]]);
}

/* Put a time in its place among those before it. 0, or -1 reported. */
static int
insert_time(struct hmm_target_columns *columns, const struct hmm_table *table, size_t c)
{
	const char *text = table->header[c] + strlen(of_time);
	double time;
	if (hmm_cell_number(&time, text) || !isfinite(time) || time < 0)
		return hmm_error("%s: column '%s': want a time behind '%s', 0 or more", table->name,
		    table->header[c], of_time);
	size_t at = columns->width++;
	for (; at > 1 && columns->time[at - 1] >= time; at--) {
		if (columns->time[at - 1] == time)
			return hmm_error("%s: columns '%s' and '%s' are of one time", table->name,
			    table->header[columns->column[at - 1]], table->header[c]);
		columns->time[at] = columns->time[at - 1];
		columns->column[at] = columns->column[at - 1];
	}
	columns->time[at] = time;
	columns->column[at] = (int)c;
	return 0;
}

static int
add_times(struct hmm_target_columns *columns, const struct hmm_table *table)
{
	columns->time = hmm_alloc(table->columns, sizeof(*columns->time));
	int bad = !columns->time;
	columns->column[columns->width++] = hmm_table_find(table, "risk");
	for (size_t c = 0; c < table->columns && !bad; c++)
		if (!strncmp(table->header[c], of_time, strlen(of_time)))
			bad = insert_time(columns, table, c);
	for (size_t k = 0; k < columns->width && !bad; k++)
		bad = hmm_names_add(&columns->names, table->header[columns->column[k]]) < 0;
	return bad ? -1 : 0;
}

int
hmm_target_open(
    struct hmm_target_columns *columns, const struct hmm_table *table, const char *prefix)
{
	*columns = (struct hmm_target_columns){.column = hmm_alloc(table->columns, sizeof(int))};
	if (columns->column && prefix)
		return add_classes(columns, table, prefix);
	if (!columns->column || find_kind(&columns->target, table))
		return -1;
	const int sd = hmm_table_find(table, "sd");
	switch (columns->target) {
	case HMM_CLASSES:
		return add_classes(columns, table, of_class);
	case HMM_TIME:
		return add_times(columns, table);
	case HMM_VALUE:
		return add(columns, hmm_table_find(table, "value"), "value") ||
		               (sd >= 0 && add(columns, sd, "sd"))
		           ? -1
		           : 0;
	default:
		return add(columns, hmm_table_find(table, "probability"), "probability");
	}
}

void
hmm_target_close(struct hmm_target_columns *columns)
{
	free(columns->column);
	free(columns->time);
	hmm_names_close(&columns->names);
	*columns = (struct hmm_target_columns){0};
}

/* ---- numbers ---- */

static int
check_sum(const double *number, const struct hmm_target_columns *columns,
    const struct hmm_table *table, size_t row)
{
	static const double rounding = 1e-6;
	double sum = 0;
	for (size_t k = 0; k < columns->width; k++)
		sum += number[k];
	return fabs(sum - 1) <= rounding
	           ? 0
	           : hmm_error("%s: row %zu: the probabilities of %zu classes add up to %.9g, want 1",
	                 table->name, row + 1, columns->width, sum);
}

int
hmm_target_numbers(double *number, const struct hmm_target_columns *columns,
    const struct hmm_table *table, size_t row)
{
	const enum hmm_target target = columns->target;
	for (size_t k = 0; k < columns->width; k++) {
		const int share =
		    target == HMM_BINARY || target == HMM_CLASSES || (target == HMM_TIME && k);
		const int bad = read_number(&number[k], table, row, columns->column[k]);
		if (share && (bad || !(number[k] >= 0 && number[k] <= 1)))
			return wrong(table, row, columns->column[k], "0 to 1");
		if (target == HMM_VALUE && k && (bad || !(number[k] > 0)))
			return wrong(table, row, columns->column[k], "more than 0");
		if (bad)
			return wrong(table, row, columns->column[k], "a number");
		if (target == HMM_TIME && k > 1 && number[k] > number[k - 1])
			return hmm_error("%s: row %zu: %s is more than %s, want a share that does not rise",
			    table->name, row + 1, columns->names.name[k], columns->names.name[k - 1]);
	}
	return target == HMM_CLASSES ? check_sum(number, columns, table, row) : 0;
}
