#include <stdio.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/random.h"
#include "hmm/data/column.h"
#include "hmm/data/names.h"
#include "hmm/data/split.h"
#include "strata.h"

enum { LABELS = 111 }; /* random stream */

/* The groups as units, to free(); NULL, reported. */
static struct hmm_split_unit *
make_units(const struct hmm_table *table, const struct hmm_column *groups,
    const struct hmm_split_options *options)
{
	struct hmm_split_unit *units = hmm_alloc(groups->names.count, sizeof(*units));
	for (size_t i = 0; units && i < groups->names.count; i++)
		units[i] = (struct hmm_split_unit){.name = groups->names.name[i], .index = i};
	if (units && hmm_strata_find(units, table, groups, options)) {
		free(units);
		units = NULL;
	}
	return units;
}

/* ---- what is held out ---- */

/* Each group's value in the column, a number of `values`, into of[]; -1: it has none. 0, or -1
 * reported. */
static int
number_values(struct hmm_names *values, long *of, const struct hmm_table *table,
    const struct hmm_column *groups, int column)
{
	for (size_t i = 0; i < groups->names.count; i++)
		of[i] = -1;
	for (size_t row = 0; row < table->rows; row++) {
		const char *cell = hmm_table_cell(table, row, column);
		long *have = &of[groups->of[row]];
		const long value = cell ? hmm_names_add(values, cell) : -1;
		if (cell && value < 0)
			return -1;
		if (cell && *have >= 0 && *have != value)
			return hmm_error("%s: group '%s' has %s '%s' and '%s': nobody can be held out by it",
			    table->name, groups->names.name[groups->of[row]], table->header[column],
			    values->name[*have], cell);
		*have = cell ? value : *have;
	}
	return 0;
}

/* The value that is held out, of those that are there; NULL, reported. */
static const char *
held_value(struct hmm_names *values, const struct hmm_table *table,
    const struct hmm_split_options *options)
{
	char text[512];
	struct hmm_names sorted = {0};
	const char *found = NULL;
	int bad = 0;
	for (size_t i = 0; i < values->count && !bad; i++)
		bad = hmm_names_add(&sorted, values->name[i]) < 0;
	bad = bad || hmm_names_sort(&sorted, NULL);
	if (!bad && options->value && hmm_names_find(values, options->value) < 0)
		hmm_error("%s: no group has %s '%s': found %s", table->name, options->column,
		    options->value, hmm_names_list(text, sizeof(text), &sorted));
	else if (!bad && !options->value && (size_t)options->fold > sorted.count)
		hmm_error("%s: --fold: found %ld, but %s has %zu values: %s", table->name, options->fold,
		    options->column, sorted.count, hmm_names_list(text, sizeof(text), &sorted));
	else if (!bad)
		found = values->name[hmm_names_find(
		    values, options->value ? options->value : sorted.name[options->fold - 1])];
	hmm_names_close(&sorted);
	return found;
}

/* The groups that are held out become test, and stand last; how many others there are, or -1
 * reported. */
static long
hold_out(struct hmm_split_unit *units, const struct hmm_table *table,
    const struct hmm_column *groups, const struct hmm_split_options *options)
{
	const size_t count = groups->names.count;
	struct hmm_names values = {0};
	long *of = hmm_alloc(count, sizeof(*of)), rest = -1;
	const int column = hmm_table_want(table, options->column);
	const char *value = NULL;
	if (of && column >= 0 && !number_values(&values, of, table, groups, column))
		value = held_value(&values, table, options);
	const long held = value ? hmm_names_find(&values, value) : -1;
	size_t unknown = 0, kept = 0;
	for (size_t i = 0; i < count && value; i++) {
		const struct hmm_split_unit unit = units[i];
		unknown += of[i] < 0;
		units[i].part = HMM_TEST;
		if (of[i] == held)
			continue;
		units[i] = units[kept];
		units[kept++] = unit;
	}
	if (value) {
		rest = (long)kept;
		hmm_say("%s: the %zu groups of %s '%s' are test", table->name, count - kept,
		    options->column, value);
	}
	if (value && unknown)
		hmm_warn("%s: %zu %s no %s, and %s among the others, whatever it may be", table->name,
		    unknown, unknown == 1 ? "group has" : "groups have", options->column,
		    unknown == 1 ? "is" : "are");
	hmm_names_close(&values);
	free(of);
	return rest;
}

static int
choose(struct hmm_split_unit *units, size_t count, const struct hmm_split_options *options)
{
	if (!options->folds)
		return hmm_split_ratio(units, count, options->ratio, options->seed, options->repeat);
	if (hmm_split_fold(units, count, options->folds, options->fold, options->cal, options->seed,
	        options->repeat))
		return -1;
	for (size_t i = 0; i < count && options->no_val; i++)
		units[i].part = units[i].part == HMM_VAL ? HMM_TRAIN : units[i].part;
	return 0;
}

/* Nothing can be learned from labels that are all the same. */
static void
warn_one_label(const struct hmm_table *table, const struct hmm_split_unit *units, size_t count)
{
	size_t has[2] = {0, 0}, trains[2] = {0, 0}; /* groups with a line of that label */
	for (size_t i = 0; i < count; i++)
		for (int label = 0; label < 2; label++) {
			const int of = units[i].stratum == HMM_MIXED ||
			               units[i].stratum == (label ? HMM_ALL_1 : HMM_ALL_0);
			has[label] += (size_t)of;
			trains[label] += of && units[i].part == HMM_TRAIN;
		}
	if (!trains[0] && !trains[1])
		return; /* nobody is to be trained on */
	for (int label = 0; label < 2; label++)
		if (!trains[label] && has[!label])
			hmm_warn("%s: train has no group of label %d; %zu of all groups have it", table->name,
			    label, has[label]);
}

/* Where subjects are divided a group may come apart: say so. */
static void
warn_straddling(const struct hmm_table *table, char *const *parts)
{
	struct hmm_column groups;
	const int group = hmm_table_find(table, "group");
	size_t straddling = 0;
	if (group < 0 || hmm_column_open(&groups, table, group, hmm_table_find(table, "subject")))
		return;
	char *apart = hmm_alloc(groups.names.count, 1);
	for (size_t row = 0; apart && row < table->rows; row++) {
		const size_t of = groups.of[row];
		if (parts[row] != parts[hmm_column_first(&groups, of)] && !apart[of]++)
			straddling++;
	}
	free(apart);
	hmm_column_close(&groups);
	if (straddling)
		hmm_warn("%s: %zu %s in more than one part (--by subject)", table->name, straddling,
		    straddling == 1 ? "group is" : "groups are");
}

int
hmm_split_table(
    char **parts, const struct hmm_table *table, const struct hmm_split_options *options)
{
	static char names[HMM_PARTS][8];
	struct hmm_column groups;
	const int subject = hmm_table_find(table, "subject");
	const int group = options->by_subject ? -1 : hmm_table_find(table, "group");
	if (hmm_column_open(&groups, table, group < 0 ? subject : group, subject))
		return -1;
	struct hmm_split_unit *units = make_units(table, &groups, options);
	char **part_of = hmm_alloc(groups.names.count, sizeof(*part_of));
	const long rest = !units             ? -1
	                  : !options->column ? (long)groups.names.count
	                                     : hold_out(units, table, &groups, options);
	int bad = rest < 0 || !part_of || choose(units, (size_t)rest, options);
	for (int p = 0; p < HMM_PARTS; p++)
		snprintf(names[p], sizeof(names[p]), "%s", hmm_part_names[p]);
	for (size_t i = 0; i < groups.names.count && !bad; i++)
		part_of[units[i].index] = names[units[i].part];
	for (size_t row = 0; row < table->rows && !bad; row++)
		parts[row] = part_of[groups.of[row]];
	if (!bad && options->target == HMM_BINARY)
		warn_one_label(table, units, groups.names.count);
	else if (!bad)
		bad = hmm_strata_warn(table, parts, options->target);
	free(units);
	free(part_of);
	hmm_column_close(&groups);
	if (!bad && options->by_subject)
		warn_straddling(table, parts);
	return bad ? -1 : 0;
}

/* A subject's cell in a column. */
static char **
cell_of(
    const struct hmm_table *table, const struct hmm_column *subjects, size_t subject, int column)
{
	return &table->cells[hmm_column_first(subjects, subject) * table->columns + (size_t)column];
}

/* Deal the cells of columns, of subjects that have the first of them. 0, or -1 reported. */
static int
deal(struct hmm_table *table, const struct hmm_column *subjects, const int *column, int columns,
    struct hmm_place place)
{
	const size_t count = subjects->names.count;
	size_t labelled = 0;
	size_t *who = hmm_alloc(count, sizeof(*who)), *order = hmm_alloc(count, sizeof(*order));
	char **old = hmm_alloc(count, sizeof(*old));
	const int bad = !who || !order || !old;
	for (size_t i = 0; i < count && !bad; i++) {
		who[labelled] = i;
		labelled += *cell_of(table, subjects, i, column[0]) != NULL;
	}
	if (!bad)
		hmm_random_shuffle(order, labelled, place);
	for (int c = 0; c < columns && !bad; c++) {
		for (size_t i = 0; i < labelled; i++)
			old[i] = *cell_of(table, subjects, who[i], column[c]);
		for (size_t i = 0; i < labelled; i++)
			for (size_t at = subjects->start[who[i]]; at < subjects->start[who[i] + 1]; at++)
				table->cells[subjects->row[at] * table->columns + (size_t)column[c]] =
				    old[order[i]];
	}
	free(who);
	free(order);
	free(old);
	return bad ? -1 : 0;
}

int
hmm_split_permute_labels(
    struct hmm_table *table, enum hmm_target target, uint64_t seed, uint32_t repeat)
{
	struct hmm_column subjects;
	const struct hmm_place place = {.seed = seed, .epoch = repeat, .stream = LABELS};
	const int column[] = {hmm_table_want(table, "label"), hmm_table_find(table, "event")};
	const int columns = target == HMM_TIME ? 2 : 1;
	if (column[0] < 0 || (columns == 2 && hmm_table_want(table, "event") < 0) ||
	    hmm_column_open(&subjects, table, hmm_table_find(table, "subject"), -1))
		return -1;
	const int bad = deal(table, &subjects, column, columns, place);
	hmm_column_close(&subjects);
	return bad;
}
