#include "predictions_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/joined.h"

const char *hmm_predictions_column, *hmm_predictions_class;

/* The column of the logit; none where the probability is read from another than its own. */
static int
find_logit(const struct hmm_table *table)
{
	const char *column = hmm_predictions_column;
	return column && strcmp(column, "probability") ? -1 : hmm_table_find(table, "logit");
}

static int
read_probability(double *value, const struct hmm_table *table, size_t row, int column)
{
	const char *cell = hmm_table_cell(table, row, column);
	char *end = NULL;
	*value = cell ? strtod(cell, &end) : -1;
	if (!cell || end == cell || *end || !(*value >= 0 && *value <= 1))
		return hmm_error("%s: row %zu: %s '%s', want 0 to 1", table->name, row + 1,
		    table->header[column], cell ? cell : "n/a");
	return 0;
}

/* The probability must have been read. */
static int
read_logit(struct hmm_prediction *prediction, const struct hmm_table *table, int column)
{
	const char *cell = hmm_table_cell(table, prediction->row, column);
	const double p = prediction->probability;
	char *end = NULL;
	prediction->logit = cell ? strtod(cell, &end) : log(p) - log1p(-p);
	if (cell && (end == cell || *end || !isfinite(prediction->logit)))
		return hmm_error("%s: row %zu: logit '%s', want a finite number", table->name,
		    prediction->row + 1, cell);
	return 0;
}

/* The column of the probability of two classes; -1, reported, among others of predictions of
 * another kind, which name what this reads. */
static int
want_probability(const struct hmm_table *table)
{
	static const char *const others[] = {"value", "sd", "risk"}, prefix[] = "probability_";
	if (hmm_predictions_column)
		return hmm_table_want(table, hmm_predictions_column);
	for (size_t c = 0; c < table->columns && hmm_table_find(table, "probability") < 0; c++) {
		int other = !strncmp(table->header[c], prefix, strlen(prefix));
		for (size_t k = 0; k < sizeof(others) / sizeof(*others); k++)
			other |= !strcmp(table->header[c], others[k]);
		if (other)
			return hmm_error("%s: column '%s' and no 'probability': want predictions of two "
			                 "classes, of which probability is that of label 1",
			    table->name, table->header[c]);
	}
	return hmm_table_want(table, "probability");
}

/* Sort the modalities of a cell, so that those of one set are called the same everywhere. 0, or -1
 * reported. */
static int
sort_modalities(const struct hmm_table *table, size_t row, int column)
{
	char *cell = column < 0 ? NULL : table->cells[row * table->columns + (size_t)column];
	const int bad = cell ? hmm_joined_sort(cell) : 0;
	if (bad > 0)
		hmm_error("%s: row %zu: %s '%s', want names with one + between them", table->name, row + 1,
		    table->header[column], cell);
	return bad ? -1 : 0;
}

/* The columns that rows are read from; -1: there is none. */
struct columns {
	int subject, label, event, group, split, run, logit, probability, modalities, observed;
	int class; /* the number of the one against all others; -1: none is asked for */
};

/* The class that is asked for. 0, or -1 reported: there is none of that name. */
static int
find_class(struct columns *columns, struct hmm_predictions *predictions)
{
	char text[512];
	const struct hmm_target_columns *target = &predictions->target;
	const char *name = predictions->table->name;
	if (target->target != HMM_CLASSES)
		return hmm_error(
		    "%s: --class: predictions of %s, want classes", name, hmm_target_names[target->target]);
	columns->class = (int)hmm_names_find(&target->names, hmm_predictions_class);
	return columns->class >= 0
	           ? 0
	           : hmm_error("%s: no class '%s', found %s", name, hmm_predictions_class,
	                 hmm_names_list(text, sizeof(text), &target->names));
}

/* 0, or -1 reported: one is missing that is wanted. */
static int
find_columns(struct columns *columns, struct hmm_predictions *predictions, int any)
{
	const struct hmm_table *table = predictions->table;
	*columns = (struct columns){.subject = hmm_table_want(table, "subject"),
	    .event = -1,
	    .group = hmm_table_find(table, "group"),
	    .split = hmm_table_find(table, "split"),
	    .run = hmm_table_find(table, "run"),
	    .logit = find_logit(table),
	    .probability = -1,
	    .class = -1,
	    .modalities = hmm_table_find(table, "modalities"),
	    .observed = hmm_table_find(table, "observed")};
	if (columns->subject < 0 || (columns->label = hmm_table_want(table, "label")) < 0)
		return -1;
	const char *prefix = hmm_predictions_column;
	const int single = prefix && hmm_table_find(table, prefix) >= 0;
	if ((hmm_predictions_class || (any && !single)) &&
	    hmm_target_open(&predictions->target, table, prefix))
		return -1;
	predictions->kind = predictions->target.target;
	if (hmm_predictions_class)
		return find_class(columns, predictions);
	if (predictions->kind == HMM_BINARY)
		return (columns->probability = want_probability(table)) < 0 ? -1 : 0;
	return predictions->kind == HMM_TIME && (columns->event = hmm_table_want(table, "event")) < 0
	           ? -1
	           : 0;
}

/* Read what a target but the binary one has: numbers, of the row. 0, or -1 reported. */
static int
read_target(struct hmm_prediction *prediction, double *number,
    const struct hmm_predictions *predictions, const struct columns *columns)
{
	const struct hmm_target_columns *target = &predictions->target;
	const struct hmm_table *table = predictions->table;
	struct hmm_known known;
	const int has = hmm_target_known(
	    &known, target->target, table, prediction->row, columns->label, columns->event);
	if (has < 0 || hmm_target_numbers(number, target, table, prediction->row))
		return -1;
	const long class =
	    has && target->target == HMM_CLASSES ? hmm_names_find(&target->names, known.name) : 0;
	if (class < 0)
		return hmm_error("%s: row %zu: label '%s', want a class that has a column, as '%s' has",
		    table->name, prediction->row + 1, known.name, target->names.name[0]);
	prediction->number = number;
	prediction->truth = target->target == HMM_CLASSES ? (double)class : known.number;
	prediction->label = !has ? -1 : target->target == HMM_CLASSES ? (int)class : known.event;
	return 0;
}

static int
read_binary(
    struct hmm_prediction *prediction, const struct hmm_table *table, const struct columns *columns)
{
	prediction->label = hmm_table_label(table, prediction->row, columns->label);
	prediction->truth = prediction->label;
	return prediction->label < -1 ||
	               read_probability(
	                   &prediction->probability, table, prediction->row, columns->probability) ||
	               read_logit(prediction, table, columns->logit)
	           ? -1
	           : 0;
}

/* Of classes that were read make one against all others. */
static void
set_apart(struct hmm_prediction *prediction, int class)
{
	const double p = prediction->number[class];
	prediction->number = NULL;
	prediction->probability = p;
	prediction->logit = log(p) - log1p(-p);
	prediction->label = prediction->label < 0 ? -1 : prediction->label == class;
	prediction->truth = prediction->label;
}

/* Read a row; of a target but the binary one its numbers. 0, or -1 reported. */
static int
read_row(struct hmm_prediction *prediction, double *number,
    const struct hmm_predictions *predictions, const struct columns *columns, size_t row)
{
	const struct hmm_table *table = predictions->table;
	const char *split = hmm_table_cell(table, row, columns->split);
	const char *run = hmm_table_cell(table, row, columns->run);
	if (sort_modalities(table, row, columns->modalities) ||
	    sort_modalities(table, row, columns->observed))
		return -1;
	*prediction = (struct hmm_prediction){.subject = hmm_table_cell(table, row, columns->subject),
	    .split = split ? split : "n/a",
	    .run = run ? run : "n/a",
	    .modalities = hmm_table_cell(table, row, columns->modalities),
	    .observed = hmm_table_cell(table, row, columns->observed),
	    .row = row,
	    .group = predictions->groups.of[row]};
	if (!prediction->subject)
		return hmm_error("%s: row %zu: no subject", table->name, row + 1);
	return predictions->kind == HMM_BINARY ? read_binary(prediction, table, columns)
	                                       : read_target(prediction, number, predictions, columns);
}

int
hmm_predictions_rows(struct hmm_predictions *predictions, int subsets, int any)
{
	const struct hmm_table *table = predictions->table;
	struct columns columns;
	if (find_columns(&columns, predictions, any) ||
	    hmm_column_open(&predictions->groups, table,
	        columns.group < 0 ? columns.subject : columns.group, columns.subject))
		return -1;
	const size_t width = predictions->kind == HMM_BINARY ? 0 : predictions->target.width;
	predictions->prediction = hmm_alloc(table->rows, sizeof(*predictions->prediction));
	predictions->numbers = width ? hmm_alloc(table->rows, width * sizeof(double)) : NULL;
	if (!predictions->prediction || (width && !predictions->numbers))
		return -1;
	for (size_t row = 0; row < table->rows; row++) {
		struct hmm_prediction *prediction = &predictions->prediction[predictions->count];
		double *number = width ? predictions->numbers + row * width : NULL;
		if (read_row(prediction, number, predictions, &columns, row))
			return -1;
		if (columns.class >= 0)
			set_apart(prediction, columns.class);
		predictions->unknown += prediction->label < 0;
		predictions->count += (prediction->label >= 0 || subsets == HMM_PREDICTIONS_EVERY) &&
		                      (subsets || !prediction->observed);
	}
	if (columns.class >= 0)
		predictions->kind = HMM_BINARY;
	return 0;
}
