#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/drop.h"
#include "hmm/data/column.h"
#include "hmm/data/manifest.h"
#include "hmm/data/names.h"
#include "cell.h"

/* A manifest while lines are dropped from it. */
struct dropping {
	const struct hmm_table *table;
	const struct hmm_drop_options *options;
	struct hmm_column by_subject;
	int imputed;             /* a column; -1: none */
	int by;                  /* likewise: what decides who loses something */
	char *matches;           /* [rows]: 1: a real image of the modalities */
	struct hmm_table *names; /* of the lines, where each is on its own */
	size_t *left;            /* [subjects]: real lines, likewise */
	double *value;           /* [rows]: of that column, where a row can be lost; 0 without one */
	struct hmm_names splits; /* each once: a sort that goes through all lines' own is slow */
};

/* What is imputed was not observed: it cannot go missing, and nobody is left with it alone. */
static int
is_real(const struct dropping *dropping, size_t row)
{
	return !hmm_table_cell(dropping->table, row, dropping->imputed);
}

/* Which rows are of the modalities; a pattern that fits none is an error. */
static int
match_rows(struct dropping *dropping)
{
	const struct hmm_table *table = dropping->table;
	const struct hmm_list *patterns = &dropping->options->patterns;
	const int column = hmm_table_find(table, "modality");
	for (size_t i = 0; i < patterns->count; i++) {
		size_t count = 0;
		for (size_t row = 0; row < table->rows; row++) {
			const char *cell = hmm_table_cell(table, row, column);
			const int state =
			    cell && is_real(dropping, row) ? fnmatch(patterns->item[i], cell, 0) : FNM_NOMATCH;
			if (state && state != FNM_NOMATCH)
				return hmm_error("row %zu: cannot match '%s'", row + 1, patterns->item[i]);
			dropping->matches[row] |= !state;
			count += !state;
		}
		if (!count)
			return hmm_error("no %s matches '%s'",
			    dropping->imputed < 0 ? "modality" : "real image's modality", patterns->item[i]);
	}
	return 0;
}

/* Whether a row can be lost: it is of the modalities, its subject of the label, and what decides
 * is known. */
static int
is_chosen(const struct dropping *dropping, size_t row)
{
	const int label = dropping->options->label;
	return dropping->matches[row] && !isnan(dropping->value[row]) &&
	       (label < 0 || hmm_table_label(dropping->table, row,
	                         hmm_table_find(dropping->table, "label")) == label);
}

/* Read the column that decides, where a row is of the modalities; NaN: n/a. 0, or -1 reported. */
static int
read_values(struct dropping *dropping)
{
	const struct hmm_table *table = dropping->table;
	static const double largest = 1e300; /* of which any number of lines can be added up */
	size_t missing = 0;
	for (size_t row = 0; row < table->rows && dropping->by >= 0; row++) {
		const char *cell = hmm_table_cell(table, row, dropping->by);
		dropping->value[row] = (double)NAN;
		if (!dropping->matches[row])
			continue;
		missing += !cell;
		if (cell && hmm_cell_number(&dropping->value[row], cell))
			return hmm_error("%s: row %zu: %s '%s', want a number", table->name, row + 1,
			    dropping->options->by, cell);
		if (cell && fabs(dropping->value[row]) > largest)
			return hmm_error("%s: row %zu: %s '%s', want a number up to %g", table->name, row + 1,
			    dropping->options->by, cell, largest);
	}
	if (missing)
		hmm_warn("%s: %s is not known in %zu %s, which %s not count", table->name,
		    dropping->options->by, missing, missing == 1 ? "line" : "lines",
		    missing == 1 ? "does" : "do");
	return 0;
}

/* A row's split; NULL, reported. */
static const char *
split_of(struct dropping *dropping, size_t row)
{
	const char *split =
	    hmm_table_cell(dropping->table, row, hmm_table_find(dropping->table, "split"));
	const long number = hmm_names_add(&dropping->splits, split ? split : "n/a");
	return number < 0 ? NULL : dropping->splits.name[number];
}

/* The subjects; those in `by_subject` have their numbers. 0, or -1 reported. */
static int
make_subjects(struct hmm_drop_subject *subjects, struct dropping *dropping)
{
	const struct hmm_column *by_subject = &dropping->by_subject;
	for (size_t i = 0; i < by_subject->names.count; i++) {
		subjects[i].name = by_subject->names.name[i];
		subjects[i].split = split_of(dropping, hmm_column_first(by_subject, i));
		subjects[i].index = i;
		if (!subjects[i].split)
			return -1;
	}
	for (size_t row = 0; row < dropping->table->rows; row++) {
		struct hmm_drop_subject *subject = &subjects[by_subject->of[row]];
		const int chosen = is_chosen(dropping, row);
		subject->has += chosen;
		subject->value += chosen ? dropping->value[row] : 0;
		subject->other |= !dropping->matches[row] && is_real(dropping, row);
	}
	for (size_t i = 0; i < by_subject->names.count; i++) {
		subjects[i].value /= subjects[i].has ? subjects[i].has : 1;
		subjects[i].has = subjects[i].has > 0;
	}
	return 0;
}

/* What tells a line from others, whatever its number: subject, modality and path. */
static int
name_line(struct dropping *dropping, size_t row)
{
	static const char *const columns[] = {"subject", "modality", "path"};
	const char *cell[3];
	size_t size = 1, used = 0;
	for (int i = 0; i < 3; i++) {
		cell[i] = hmm_table_cell(dropping->table, row, hmm_table_find(dropping->table, columns[i]));
		size += cell[i] ? strlen(cell[i]) + 1 : 0;
	}
	char *name = hmm_alloc(size, 1);
	for (int i = 0; i < 3 && name; i++)
		if (cell[i])
			used += (size_t)snprintf(name + used, size - used, "%s\n", cell[i]);
	const int bad = !name || hmm_table_append(dropping->names, (const char *const[]){name});
	free(name);
	return bad ? -1 : 0;
}

/* The lines, numbered as they stand. 0, or -1 reported. */
static int
make_lines(struct hmm_drop_subject *lines, struct dropping *dropping)
{
	const struct hmm_column *by_subject = &dropping->by_subject;
	dropping->names = hmm_table_new(dropping->table->name, (const char *const[]){"name"}, 1);
	dropping->left = hmm_alloc(by_subject->names.count, sizeof(*dropping->left));
	if (!dropping->names || !dropping->left)
		return -1;
	for (size_t row = 0; row < dropping->table->rows; row++) {
		if (name_line(dropping, row))
			return -1;
		dropping->left[by_subject->of[row]] += (size_t)is_real(dropping, row);
		lines[row] = (struct hmm_drop_subject){
		    .name = hmm_table_cell(dropping->names, row, 0),
		    .split = split_of(dropping, row),
		    .has = is_chosen(dropping, row),
		    .value = dropping->value[row],
		    .left = &dropping->left[by_subject->of[row]],
		    .index = row,
		};
		if (!lines[row].split)
			return -1;
	}
	return 0;
}

/* Of what is dropped nothing can be imputed: such lines go with it. 0, or -1 reported. */
static int
drop_imputed(char *keep, const struct dropping *dropping)
{
	struct hmm_column paths;
	const struct hmm_table *table = dropping->table;
	if (dropping->imputed < 0)
		return 0;
	if (hmm_table_want(table, "path") < 0 ||
	    hmm_column_open(&paths, table, hmm_table_find(table, "path"), -1))
		return -1;
	char *gone = hmm_alloc(paths.names.count, 1);
	for (size_t row = 0; gone && row < table->rows; row++)
		gone[paths.of[row]] |= !keep[row];
	for (size_t row = 0; gone && row < table->rows; row++)
		keep[row] = (char)(keep[row] && !gone[paths.of[row]]);
	const int bad = !gone;
	free(gone);
	hmm_column_close(&paths);
	return bad ? -1 : 0;
}

/* Choose among subjects or lines. 0, or -1 reported. */
static int
choose(char *keep, struct dropping *dropping)
{
	const struct hmm_table *table = dropping->table;
	const struct hmm_column *by_subject = &dropping->by_subject;
	const int each = dropping->options->each;
	const size_t count = each ? table->rows : by_subject->names.count;
	struct hmm_drop_subject *subjects = hmm_alloc(count, sizeof(*subjects));
	char *lost = hmm_alloc(count, 1);
	int bad = !subjects || !lost;
	if (!bad)
		bad = each ? make_lines(subjects, dropping) : make_subjects(subjects, dropping);
	bad = bad || hmm_drop_choose(subjects, count, dropping->options);
	for (size_t i = 0; i < count && !bad; i++)
		lost[subjects[i].index] = (char)subjects[i].drop;
	for (size_t row = 0; row < table->rows && !bad; row++)
		keep[row] = !(dropping->matches[row] && lost[each ? row : by_subject->of[row]]);
	bad = bad || drop_imputed(keep, dropping);
	free(subjects);
	free(lost);
	return bad ? -1 : 0;
}

int
hmm_drop_table(char *keep, const struct hmm_table *table, const struct hmm_drop_options *options)
{
	struct dropping dropping = {.table = table,
	    .options = options,
	    .imputed = hmm_table_find(table, HMM_IMPUTED),
	    .by = options->by ? hmm_table_want(table, options->by) : -1};
	if (hmm_table_want(table, "modality") < 0 ||
	    (options->splits && hmm_table_want(table, "split") < 0) ||
	    (options->by && dropping.by < 0) ||
	    (options->label >= 0 && hmm_table_want(table, "label") < 0) ||
	    hmm_column_open(&dropping.by_subject, table, hmm_table_find(table, "subject"), -1))
		return -1;
	dropping.matches = hmm_alloc(table->rows, 1);
	dropping.value = hmm_alloc(table->rows, sizeof(*dropping.value));
	const int bad = !dropping.matches || !dropping.value || match_rows(&dropping) ||
	                read_values(&dropping) || choose(keep, &dropping);
	hmm_column_close(&dropping.by_subject);
	hmm_table_free(dropping.names);
	hmm_names_close(&dropping.splits);
	free(dropping.matches);
	free(dropping.left);
	free(dropping.value);
	return bad ? -1 : 0;
}
