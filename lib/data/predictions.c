#include "hmm/data/predictions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/order.h"
#include "predictions_rows.h"

static int
rank(const char *split)
{
	static const char *const known[] = {"train", "val", "cal", "test"};
	int i = 0;
	while (i < 4 && strcmp(known[i], split))
		i++;
	return i;
}

/* The modalities of a subset; "" of a whole set, which stands before them. */
static const char *
subset(const struct hmm_prediction *prediction)
{
	return prediction->observed && prediction->modalities ? prediction->modalities : "";
}

static int
by_place(const void *left, const void *right)
{
	const struct hmm_prediction *a = left, *b = right;
	int order = rank(a->split) - rank(b->split);
	order = order ? order : strcmp(a->split, b->split);
	order = order ? order : strcmp(a->run, b->run);
	order = order ? order : strcmp(a->subject, b->subject);
	return order ? order : strcmp(subset(a), subset(b));
}

/* Put them in the order of by_place(). 0, or -1 reported. */
static int
sort(struct hmm_predictions *predictions)
{
	enum { RANK, SPLIT, OF_RUN, SUBJECT, SUBSET, TEXTS };
	static const char *const ranks[] = {"0", "1", "2", "3", "4"};
	const size_t count = predictions->count;
	struct hmm_prediction *sorted = hmm_alloc_raw(count, sizeof(*sorted));
	const char **texts = hmm_alloc_raw(count, TEXTS * sizeof(*texts));
	for (size_t i = 0; texts && i < count; i++) {
		const struct hmm_prediction *prediction = &predictions->prediction[i];
		texts[TEXTS * i + RANK] = ranks[rank(prediction->split)];
		texts[TEXTS * i + SPLIT] = prediction->split;
		texts[TEXTS * i + OF_RUN] = prediction->run;
		texts[TEXTS * i + SUBJECT] = prediction->subject;
		texts[TEXTS * i + SUBSET] = subset(prediction);
	}
	size_t *order = texts ? hmm_order_texts(texts, count, TEXTS, NULL) : NULL;
	free(texts);
	const int bad = !sorted || !order;
	for (size_t i = 0; i < count && !bad; i++)
		sorted[i] = predictions->prediction[order[i]];
	free(order);
	free(bad ? (void *)sorted : (void *)predictions->prediction);
	if (!bad)
		predictions->prediction = sorted;
	return bad ? -1 : 0;
}

/* Warn of the rows that are not taken. 0, or -1 reported: none is. */
static int
say_left_out(const struct hmm_predictions *predictions)
{
	const struct hmm_table *table = predictions->table;
	const size_t unlabelled = predictions->unknown;
	const size_t subsets = table->rows - unlabelled - predictions->count;
	if (predictions->count == 0)
		return hmm_error(
		    "%s: no row with a label%s", table->name, subsets ? " of a whole set" : "");
	if (unlabelled)
		hmm_warn("%s: %zu %s left out", table->name, unlabelled,
		    unlabelled == 1 ? "row without a label is" : "rows without a label are");
	if (subsets)
		hmm_warn("%s: %zu %s left out", table->name, subsets,
		    subsets == 1 ? "row of a subset is" : "rows of subsets are");
	return 0;
}

/* `any`: of any target, else of the binary one. */
static int
open_one(struct hmm_predictions *predictions, const char *path, int subsets, int any)
{
	*predictions = (struct hmm_predictions){.table = hmm_table_read(path, '\t')};
	if (!predictions->table || hmm_predictions_rows(predictions, subsets, any))
		return -1;
	if (subsets == HMM_PREDICTIONS_EVERY && predictions->count == 0)
		return hmm_error("%s: no row", path);
	return (subsets != HMM_PREDICTIONS_EVERY && say_left_out(predictions)) || sort(predictions) ? -1
	                                                                                            : 0;
}

int
hmm_predictions_open(struct hmm_predictions *predictions, const char *path, int subsets)
{
	return open_one(predictions, path, subsets, 0);
}

/* ---- several runs ---- */

/* The columns of a table that several runs are read into, of those of the first; the last one is
 * the run. To free(); NULL, reported. */
static const char **
list_columns(size_t *count, const struct hmm_predictions *first)
{
	static const char *const all[] = {
	    "subject", "group", "split", "label", "modalities", "observed", "logit", "event"};
	enum { ALL = sizeof(all) / sizeof(*all) };
	const struct hmm_target_columns *target = &first->target;
	const char **header = hmm_alloc(ALL + 2 + target->width, sizeof(*header));
	if (!header)
		return NULL;
	memcpy(header, all, sizeof(all));
	*count = ALL;
	for (size_t k = 0; k < target->width; k++)
		header[(*count)++] = first->table->header[target->column[k]];
	if (!target->width)
		header[(*count)++] = hmm_predictions_column ? hmm_predictions_column : "probability";
	header[(*count)++] = "run";
	return header;
}

/* Whether a run has the columns of the first one. 0, or -1 reported. */
static int
check_columns(const struct hmm_predictions *one, const struct hmm_predictions *first)
{
	const struct hmm_target_columns *have = &one->target, *want = &first->target;
	int same = have->target == want->target && have->width == want->width;
	for (size_t k = 0; k < want->width && same; k++)
		same = !strcmp(have->names.name[k], want->names.name[k]);
	return same ? 0
	            : hmm_error(
	                  "%s: other columns of predictions (%s) than in %s (%s), want the same of "
	                  "every run",
	                  one->table->name, hmm_target_names[have->target], first->table->name,
	                  hmm_target_names[want->target]);
}

/* The rows of a table that was read, of this run. 0, or -1 reported. */
static int
append_run(struct hmm_table *all, const struct hmm_table *table, size_t number)
{
	const size_t last = all->columns - 1;
	int *column = hmm_alloc(last, sizeof(*column));
	const char **cells = hmm_alloc(all->columns, sizeof(*cells));
	char run[24];
	int bad = !column || !cells;
	snprintf(run, sizeof(run), "%zu", number);
	for (size_t i = 0; i < last && !bad; i++)
		column[i] = hmm_table_find(table, all->header[i]);
	if (!bad && hmm_table_find(table, all->header[last]) >= 0)
		bad = hmm_error("%s: has a column 'run', want one run a table", table->name);
	for (size_t row = 0; row < table->rows && !bad; row++) {
		for (size_t i = 0; i < last; i++)
			cells[i] = hmm_table_cell(table, row, column[i]);
		cells[last] = run;
		bad = hmm_table_append(all, cells);
	}
	free(column);
	free(cells);
	return bad ? -1 : 0;
}

/* A table for all runs, of the first one's columns; NULL, reported. */
static struct hmm_table *
open_table(const struct hmm_predictions *first, size_t count)
{
	char name[4096];
	size_t columns;
	const char **header = list_columns(&columns, first);
	snprintf(name, sizeof(name), "%s and %zu more", first->table->name, count - 1);
	struct hmm_table *table = header ? hmm_table_new(name, header, columns) : NULL;
	free(header);
	return table;
}

int
hmm_predictions_open_runs(
    struct hmm_predictions *predictions, char *const *paths, size_t count, int subsets)
{
	if (count == 1)
		return open_one(predictions, paths[0], subsets, 1);
	struct hmm_predictions first = {0};
	*predictions = (struct hmm_predictions){0};
	/* each by itself first, so that what is wrong with it is said of it */
	int bad = open_one(&first, paths[0], subsets, 1) ||
	          !(predictions->table = open_table(&first, count)) ||
	          append_run(predictions->table, first.table, 1);
	for (size_t i = 1; i < count && !bad; i++) {
		struct hmm_predictions one;
		bad = open_one(&one, paths[i], subsets, 1) || check_columns(&one, &first) ||
		      append_run(predictions->table, one.table, i + 1);
		hmm_predictions_close(&one);
	}
	hmm_predictions_close(&first);
	return bad || hmm_predictions_rows(predictions, subsets, 1) ? -1 : sort(predictions);
}

void
hmm_predictions_close(struct hmm_predictions *predictions)
{
	hmm_column_close(&predictions->groups);
	hmm_table_free(predictions->table);
	hmm_target_close(&predictions->target);
	free(predictions->prediction);
	free(predictions->numbers);
}

size_t
hmm_predictions_end(const struct hmm_predictions *predictions, size_t first)
{
	const struct hmm_prediction *prediction = predictions->prediction;
	size_t end = first + 1;
	while (end < predictions->count && !strcmp(prediction[end].split, prediction[first].split))
		end++;
	return end;
}

int
hmm_predictions_no_split(const struct hmm_predictions *predictions, const char *split)
{
	char found[300];
	size_t used = 0;
	for (size_t i = 0; i < predictions->count && used < sizeof(found);
	     i = hmm_predictions_end(predictions, i))
		used += (size_t)snprintf(found + used, sizeof(found) - used, "%s'%s'", i ? ", " : "",
		    predictions->prediction[i].split);
	return hmm_error("%s: no row of split '%s', found %s", predictions->table->name, split, found);
}

/* Whether two tables predict the same, so that numbers of classes are of the same ones. 0, or -1
 * reported. */
static int
check_target(const struct hmm_predictions *first, const struct hmm_predictions *second)
{
	const struct hmm_target_columns *one = &first->target, *two = &second->target;
	if (first->kind != second->kind)
		return hmm_error("%s: predictions of %s, want %s as in %s", second->table->name,
		    hmm_target_names[second->kind], hmm_target_names[first->kind], first->table->name);
	int same = first->kind != HMM_CLASSES || one->width == two->width;
	for (size_t k = 0; first->kind == HMM_CLASSES && same && k < one->width; k++)
		same = !strcmp(one->names.name[k], two->names.name[k]);
	return same ? 0
	            : hmm_error("%s: other classes than in %s, want the same", second->table->name,
	                  first->table->name);
}

/* Report that a row's label is another than in the first table. -1. */
static int
other_label(const struct hmm_predictions *first, const struct hmm_prediction *one,
    const struct hmm_predictions *second, const struct hmm_prediction *two)
{
	const char *a_name = first->table->name, *b_name = second->table->name;
	if (first->kind == HMM_BINARY)
		return hmm_error("%s: split %s: subject '%s' has label %d, want %d as in %s", b_name,
		    two->split, two->subject, two->label, one->label, a_name);
	const char *have =
	    hmm_table_cell(second->table, two->row, hmm_table_find(second->table, "label"));
	const char *want =
	    hmm_table_cell(first->table, one->row, hmm_table_find(first->table, "label"));
	return hmm_error("%s: split %s: subject '%s' has label '%s'%s, want '%s' as in %s", b_name,
	    two->split, two->subject, have, strcmp(have, want) ? "" : " and another event", want,
	    a_name);
}

/* Find a split whose rows all differ. 0, or -1 reported. */
static int
find_split(size_t *first, size_t *end, const struct hmm_predictions *predictions, const char *split)
{
	const struct hmm_prediction *prediction = predictions->prediction;
	for (*first = 0; *first < predictions->count; (*first)++)
		if (!strcmp(prediction[*first].split, split))
			break;
	if (*first == predictions->count)
		return hmm_predictions_no_split(predictions, split);
	*end = hmm_predictions_end(predictions, *first);
	for (size_t i = *first + 1; i < *end; i++)
		if (!by_place(&prediction[i], &prediction[i - 1]))
			return hmm_error("%s: split %s: subject '%s' stands there twice%s%s",
			    predictions->table->name, split, prediction[i].subject,
			    strcmp(prediction[i].run, "n/a") ? " in run " : "",
			    strcmp(prediction[i].run, "n/a") ? prediction[i].run : "");
	return 0;
}

int
hmm_predictions_match(struct hmm_prediction **ours, struct hmm_prediction **theirs, size_t *count,
    const struct hmm_predictions *first, const struct hmm_predictions *second, const char *split)
{
	const char *const a_name = first->table->name, *const b_name = second->table->name;
	size_t a, a_end, b, b_end, matched = 0;
	*ours = *theirs = NULL;
	if (check_target(first, second) || find_split(&a, &a_end, first, split) ||
	    find_split(&b, &b_end, second, split))
		return -1;
	const size_t all = (a_end - a) + (b_end - b);
	*ours = hmm_alloc(a_end - a, sizeof(**ours));
	*theirs = hmm_alloc(a_end - a, sizeof(**theirs));
	if (!*ours || !*theirs)
		return -1;
	while (a < a_end && b < b_end) {
		const struct hmm_prediction *one = &first->prediction[a], *two = &second->prediction[b];
		const int order = by_place(one, two);
		if (!order && (one->label != two->label || one->truth != two->truth))
			return other_label(first, one, second, two);
		if (!order) {
			(*ours)[matched] = *one;
			(*theirs)[matched++] = *two;
		}
		a += order <= 0;
		b += order >= 0;
	}
	*count = matched;
	if (!matched)
		return hmm_error("%s: split %s: no subject of %s", b_name, split, a_name);
	if (all > 2 * matched)
		hmm_warn("%s: split %s: %zu %s not in it and in %s; left out", b_name, split,
		    all - 2 * matched, all - 2 * matched == 1 ? "row is" : "rows are", a_name);
	return 0;
}

static char logit[] = "logit", probability[] = "probability";
static char *const binary[] = {logit, probability};
const struct hmm_predicted_kind hmm_predicted_binary = {HMM_BINARY, 2, binary};

void
hmm_predictions_write_header(FILE *file, const struct hmm_predicted_kind *kind)
{
	fputs("subject\tgroup\tsplit\tlabel", file);
	if (kind->target == HMM_TIME)
		fputs("\tevent", file);
	for (size_t k = 0; k < kind->columns; k++)
		hmm_table_write(file, kind->column[k], 0);
	fputs("\tmodalities\timputed\tobserved\n", file);
}

static void
write_text(FILE *file, const char *text, int first)
{
	hmm_table_write(file, text[0] ? text : NULL, first);
}

void
hmm_predictions_write(
    FILE *file, const struct hmm_predicted_kind *kind, const struct hmm_predicted *row)
{
	write_text(file, row->subject, 1);
	write_text(file, row->group, 0);
	write_text(file, row->split, 0);
	write_text(file, row->label, 0);
	if (kind->target == HMM_TIME)
		hmm_table_write(file, row->event < 0 ? NULL : row->event ? "1" : "0", 0);
	for (size_t k = 0; k < kind->columns; k++) {
		char number[32];
		snprintf(number, sizeof(number), "%.9g", row->number[k]);
		hmm_table_write(file, isfinite(row->number[k]) ? number : NULL, 0);
	}
	write_text(file, row->modalities, 0);
	write_text(file, row->imputed, 0);
	write_text(file, row->observed, 0);
	putc('\n', file);
}
