#include "hmm/score/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/data/names.h"

enum { EDGES = 20 };

/* The rows of a table of subjects. */
struct subjects {
	const struct hmm_table *table;
	struct hmm_column by; /* the rows of a subject */
};

static int
open_subjects(struct subjects *subjects, const struct hmm_table *table)
{
	const int subject = hmm_table_find(table, "subject");
	const int participant = hmm_table_find(table, "participant_id");
	*subjects = (struct subjects){.table = table};
	if (subject < 0 && participant < 0)
		return hmm_error("%s: no column 'subject' or 'participant_id'", table->name);
	return hmm_column_open(&subjects->by, table, subject < 0 ? participant : subject, -1);
}

/* The number of a name as it stands there, with or without "sub-"; -1: it does not. */
static long
find_name(const struct subjects *subjects, const char *name)
{
	char with[512];
	long found = hmm_column_find(&subjects->by, name);
	if (found < 0 && !strncmp(name, "sub-", 4))
		found = hmm_column_find(&subjects->by, name + 4);
	if (found < 0 && (size_t)snprintf(with, sizeof(with), "sub-%s", name) < sizeof(with))
		found = hmm_column_find(&subjects->by, with);
	return found;
}

/* What the table's column says of a prediction. 1; 0: the table does not know it; -1, reported: its
 * rows do not agree. */
static int
look_up(const char **value, const struct subjects *subjects, int column,
    const struct hmm_prediction *prediction, const char *group)
{
	const struct hmm_table *table = subjects->table;
	long number = find_name(subjects, prediction->subject);
	*value = NULL;
	if (number < 0)
		number = find_name(subjects, group);
	for (size_t i = number < 0 ? 0 : subjects->by.start[number];
	     number >= 0 && i < subjects->by.start[number + 1]; i++) {
		const char *here = hmm_table_cell(table, subjects->by.row[i], column);
		if (here && *value && strcmp(here, *value))
			return hmm_error("%s: subject '%s' has %s '%s' and '%s', want one", table->name,
			    subjects->by.names.name[number], table->header[column], *value, here);
		*value = here ? here : *value;
	}
	return number >= 0;
}

/* Everybody's cell of the table of subjects. 0, or -1 reported: nobody that is asked for stands
 * there, or rows do not agree. */
static int
look_up_all(const char **cell, int column, const struct hmm_predictions *predictions,
    const struct subjects *subjects, const char *asked)
{
	const char *first = "";
	size_t rows = 0, unknown = 0;
	for (size_t i = 0; i < predictions->count; i++) {
		const struct hmm_prediction *prediction = &predictions->prediction[i];
		const int known = look_up(&cell[i], subjects, column, prediction,
		    predictions->groups.names.name[prediction->group]);
		if (known < 0)
			return -1;
		rows += asked[i] != 0;
		if (asked[i] && !known && !unknown++)
			first = prediction->subject;
	}
	if (unknown && unknown == rows)
		return hmm_error("%s: no subject or group of %s, such as '%s'", subjects->table->name,
		    predictions->table->name, first);
	if (unknown)
		hmm_warn("%s: of %zu of the %zu rows of %s it has neither subject nor group; %s is n/a",
		    subjects->table->name, unknown, rows, predictions->table->name,
		    subjects->table->header[column]);
	return 0;
}

/* Every prediction's cell of a column, of whichever table has it. 0, or -1 reported. */
static int
read_cells(const char **cell, const char *column, const struct hmm_predictions *predictions,
    const struct subjects *subjects, const char *asked)
{
	const int own = hmm_table_find(predictions->table, column);
	const int other = own < 0 && subjects ? hmm_table_find(subjects->table, column) : -1;
	if (own < 0 && other < 0)
		return hmm_error("%s%s%s: no column '%s'", predictions->table->name, subjects ? ", " : "",
		    subjects ? subjects->table->name : "", column);
	if (own < 0)
		return look_up_all(cell, other, predictions, subjects, asked);
	for (size_t i = 0; i < predictions->count; i++)
		cell[i] = hmm_table_cell(predictions->table, predictions->prediction[i].row, own);
	return 0;
}

/* ---- levels by name ---- */

static int
sort_names(struct hmm_levels *levels, const char *const *cell, const char *asked, size_t count)
{
	struct hmm_names names = {0};
	int bad = 0, missing = 0;
	for (size_t i = 0; i < count && !bad; i++) {
		bad = asked[i] && cell[i] && hmm_names_add(&names, cell[i]) < 0;
		missing |= asked[i] && !cell[i];
	}
	bad = bad || hmm_names_sort(&names, NULL);
	levels->count = names.count + (size_t)missing;
	levels->name = bad ? NULL : hmm_alloc(levels->count, sizeof(*levels->name));
	for (size_t i = 0; i < count && levels->name; i++) {
		levels->of[i] = !asked[i]  ? levels->count
		                : !cell[i] ? names.count
		                           : (size_t)hmm_names_find(&names, cell[i]);
		if (asked[i])
			levels->name[levels->of[i]] = cell[i];
	}
	hmm_names_close(&names);
	return levels->name ? 0 : -1;
}

/* ---- levels of numbers ---- */

/* Numbers of all that is asked for, NaN where there is none. 0, or -1 reported. */
static int
read_numbers(double *number, const char *const *cell, const char *asked,
    const struct hmm_predictions *predictions, const char *column)
{
	for (size_t i = 0; i < predictions->count; i++) {
		char *end = NULL;
		number[i] = asked[i] && cell[i] ? strtod(cell[i], &end) : (double)NAN;
		if (end && (end == cell[i] || *end || !isfinite(number[i])))
			return hmm_error("%s: subject '%s': %s '%s', want a number", predictions->table->name,
			    predictions->prediction[i].subject, column, cell[i]);
	}
	return 0;
}

/* The edges "50,65,80", ascending. Their number; 0: they are none. */
static size_t
read_edges(double edge[EDGES], const char *text)
{
	size_t count = 0;
	for (char *end; *text; text = *end ? end + 1 : end) {
		if (count == EDGES)
			return 0;
		edge[count] = strtod(text, &end);
		if (end == text || (*end && *end != ',') || (*end && !end[1]) || !isfinite(edge[count]) ||
		    (count && !(edge[count] > edge[count - 1])))
			return 0;
		count++;
	}
	return count;
}

/* The distinct quartiles, numpy.percentile's, into edge[*edges]. 0, or -1 reported. */
static int
find_quartiles(double edge[EDGES], size_t *edges, const double *number, size_t count)
{
	double *sorted = hmm_alloc(count, sizeof(*sorted));
	size_t known = 0;
	*edges = 0;
	for (size_t i = 0; i < count && sorted; i++)
		if (!isnan(number[i]))
			sorted[known++] = number[i];
	if (known)
		hmm_numbers_sort(sorted, known);
	for (int q = 1; q < 4 && known; q++) {
		const double at = q / 4. * (double)(known - 1);
		const size_t below = (size_t)at, above = below + 1 < known ? below + 1 : below;
		const double here = sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
		if (!*edges || here > edge[*edges - 1])
			edge[(*edges)++] = here;
	}
	free(sorted);
	return sorted ? 0 : -1;
}

static int
sort_numbers(struct hmm_levels *levels, const double *number, const char *asked, size_t count,
    const double *edge, size_t edges)
{
	int missing = 0;
	for (size_t i = 0; i < count; i++)
		missing |= asked[i] && isnan(number[i]);
	levels->count = edges + 1 + (size_t)missing;
	levels->name = hmm_alloc(levels->count, sizeof(*levels->name));
	levels->text = hmm_alloc(edges + 1, sizeof(*levels->text));
	if (!levels->name || !levels->text)
		return -1;
	for (size_t k = 0; k <= edges; k++) {
		char *text = levels->text[k];
		const size_t size = sizeof(levels->text[k]);
		if (k == 0)
			snprintf(text, size, "below %.6g", edge[0]);
		else if (k < edges)
			snprintf(text, size, "%.6g to below %.6g", edge[k - 1], edge[k]);
		else
			snprintf(text, size, "%.6g or more", edge[k - 1]);
		levels->name[k] = text;
	}
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < edges && number[i] >= edge[k])
			k++;
		levels->of[i] = !asked[i] ? levels->count : isnan(number[i]) ? edges + 1 : k;
	}
	return 0;
}

static int
sort_bins(struct hmm_levels *levels, const char *const *cell, const char *asked,
    const struct hmm_predictions *predictions, const char *bins)
{
	double edge[EDGES], *number = hmm_alloc(predictions->count, sizeof(*number));
	size_t edges = 0;
	int bad = !number || read_numbers(number, cell, asked, predictions, levels->column);
	if (!bad && !strcmp(bins, "quartiles"))
		bad = find_quartiles(edge, &edges, number, predictions->count);
	else if (!bad)
		edges = read_edges(edge, bins);
	if (!bad)
		bad = edges
		          ? sort_numbers(levels, number, asked, predictions->count, edge, edges)
		          : hmm_error("--bins %s=%s: want numbers that ascend, 20 at most, or quartiles of "
		                      "some",
		                levels->column, bins);
	free(number);
	return bad ? -1 : 0;
}

/* ---- all of it ---- */

/* The bins of a column; NULL: it has none. */
static const char *
bins_of(const struct hmm_by *by, const char *column)
{
	const size_t length = strlen(column);
	for (size_t i = 0; i < by->bins->count; i++)
		if (!strncmp(by->bins->text[i], column, length) && by->bins->text[i][length] == '=')
			return by->bins->text[i] + length + 1;
	return NULL;
}

static int
open_column(struct hmm_levels *levels, const struct hmm_by *by,
    const struct hmm_predictions *predictions, const struct subjects *subjects, const char *asked)
{
	const size_t count = predictions->count;
	const char **cell = hmm_alloc(count, sizeof(*cell));
	levels->of = hmm_alloc(count, sizeof(*levels->of));
	const char *bins = bins_of(by, levels->column);
	const int bad = !cell || !levels->of ||
	                read_cells(cell, levels->column, predictions, subjects, asked) ||
	                (bins ? sort_bins(levels, cell, asked, predictions, bins)
	                      : sort_names(levels, cell, asked, count));
	free(cell);
	return bad ? -1 : 0;
}

/* Take "sex,site" apart. 0, or -1 reported. */
static int
list_columns(struct hmm_all_levels *levels, const char *columns)
{
	size_t most = 1;
	for (const char *c = columns; *c; c++)
		most += *c == ',';
	levels->column = hmm_alloc(most, sizeof(*levels->column));
	for (const char *word = columns; levels->column && word;) {
		const size_t length = strcspn(word, ",");
		char *name = hmm_strdup(word);
		if (!name)
			return -1;
		name[length] = '\0';
		levels->column[levels->columns++].column = name;
		word = word[length] ? word + length + 1 : NULL;
	}
	return levels->column ? 0 : -1;
}

static const char *
next_word(const char *words)
{
	const char *comma = strchr(words, ',');
	return comma ? comma + 1 : NULL;
}

/* How often "sex,site" has a name of that length. */
static int
count_word(const char *words, const char *word, size_t length)
{
	int count = 0;
	for (; words; words = next_word(words))
		count += strcspn(words, ",") == length && !strncmp(words, word, length);
	return count;
}

const char *
hmm_levels_check(const struct hmm_by *by)
{
	for (const char *word = by->columns; word; word = next_word(word))
		if (count_word(by->columns, word, strcspn(word, ",")) > 1)
			return "--by: a column stands there twice";
	for (size_t i = 0; i < by->bins->count; i++) {
		const char *text = by->bins->text[i];
		const size_t length = strcspn(text, "=");
		if (!count_word(by->columns, text, length))
			return "--bins: want COLUMN=X,... of a column of --by";
		for (size_t k = 0; k < i; k++)
			if (!strncmp(by->bins->text[k], text, length + 1))
				return "--bins: a column stands there twice";
	}
	return NULL;
}

int
hmm_levels_open(struct hmm_all_levels *levels, const struct hmm_by *by,
    const struct hmm_predictions *predictions, const char *split)
{
	struct subjects subjects = {0};
	*levels = (struct hmm_all_levels){0};
	char *asked = hmm_alloc(predictions->count, 1);
	int bad = !asked || list_columns(levels, by->columns);
	for (size_t i = 0; i < predictions->count && !bad; i++)
		asked[i] = !split || !strcmp(predictions->prediction[i].split, split);
	if (!bad && by->table)
		bad = !(levels->table = hmm_table_read_foreign(by->table)) ||
		      open_subjects(&subjects, levels->table);
	for (size_t c = 0; c < levels->columns && !bad; c++)
		bad = open_column(&levels->column[c], by, predictions, by->table ? &subjects : NULL, asked);
	hmm_column_close(&subjects.by);
	free(asked);
	return bad ? -1 : 0;
}

void
hmm_levels_close(struct hmm_all_levels *levels)
{
	for (size_t c = 0; c < levels->columns; c++) {
		free(levels->column[c].column);
		free(levels->column[c].name);
		free(levels->column[c].of);
		free(levels->column[c].text);
	}
	free(levels->column);
	hmm_table_free(levels->table);
	*levels = (struct hmm_all_levels){0};
}
