#include "hmm/data/predictions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/joined.h"
#include "hmm/data/order.h"

const char *hmm_predictions_column;

/* of a table that several runs are read into; the last column is the run */
enum { LOGIT = 4, PROBABILITY, RUN = 8 };
static const char *const run_header[RUN + 1] = {
    "subject", "group", "split", "label", "logit", "probability", "modalities", "observed", "run"};

/* The column of the logit; none where the probability is read from another than its own. */
static int
find_logit(const struct hmm_table *table)
{
	const char *column = hmm_predictions_column;
	return column && strcmp(column, run_header[PROBABILITY])
	           ? -1
	           : hmm_table_find(table, run_header[LOGIT]);
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

/* Read what is wanted of the rows. */
static int
read_rows(struct hmm_predictions *predictions, int subsets)
{
	const struct hmm_table *table = predictions->table;
	const int subject = hmm_table_want(table, "subject");
	const int label = subject < 0 ? -1 : hmm_table_want(table, "label");
	const int probability = label < 0 ? -1 : want_probability(table);
	const int group = hmm_table_find(table, "group"), split = hmm_table_find(table, "split");
	const int run = hmm_table_find(table, "run"), logit = find_logit(table);
	const int modalities = hmm_table_find(table, "modalities");
	const int observed = hmm_table_find(table, "observed");
	if (probability < 0 ||
	    hmm_column_open(&predictions->groups, table, group < 0 ? subject : group, subject))
		return -1;
	predictions->prediction = hmm_alloc(table->rows, sizeof(*predictions->prediction));
	if (!predictions->prediction)
		return -1;
	for (size_t row = 0; row < table->rows; row++) {
		struct hmm_prediction *prediction = &predictions->prediction[predictions->count];
		const char *here = hmm_table_cell(table, row, split);
		const char *of_run = hmm_table_cell(table, row, run);
		if (sort_modalities(table, row, modalities) || sort_modalities(table, row, observed))
			return -1;
		prediction->subject = hmm_table_cell(table, row, subject);
		prediction->split = here ? here : "n/a";
		prediction->run = of_run ? of_run : "n/a";
		prediction->modalities = hmm_table_cell(table, row, modalities);
		prediction->observed = hmm_table_cell(table, row, observed);
		prediction->row = row;
		prediction->group = predictions->groups.of[row];
		prediction->label = hmm_table_label(table, row, label);
		if (!prediction->subject)
			return hmm_error("%s: row %zu: no subject", table->name, row + 1);
		if (prediction->label < -1 ||
		    read_probability(&prediction->probability, table, row, probability) ||
		    read_logit(prediction, table, logit))
			return -1;
		predictions->count += (prediction->label >= 0 || subsets == HMM_PREDICTIONS_EVERY) &&
		                      (subsets || !prediction->observed);
	}
	return 0;
}

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
	const int label = hmm_table_find(table, "label");
	size_t unlabelled = 0;
	for (size_t row = 0; row < table->rows; row++)
		unlabelled += !hmm_table_cell(table, row, label);
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

int
hmm_predictions_open(struct hmm_predictions *predictions, const char *path, int subsets)
{
	*predictions = (struct hmm_predictions){.table = hmm_table_read(path, '\t')};
	if (!predictions->table || read_rows(predictions, subsets))
		return -1;
	if (subsets == HMM_PREDICTIONS_EVERY && predictions->count == 0)
		return hmm_error("%s: no row", path);
	return (subsets != HMM_PREDICTIONS_EVERY && say_left_out(predictions)) || sort(predictions) ? -1
	                                                                                            : 0;
}

/* The rows of a table that was read, of this run. 0, or -1 reported. */
static int
append_run(struct hmm_table *all, const struct hmm_table *table, size_t number)
{
	int column[RUN];
	char run[24];
	snprintf(run, sizeof(run), "%zu", number);
	for (int i = 0; i < RUN; i++)
		column[i] = hmm_table_find(table, all->header[i]);
	if (hmm_table_find(table, run_header[RUN]) >= 0)
		return hmm_error("%s: has a column 'run', want one run a table", table->name);
	for (size_t row = 0; row < table->rows; row++) {
		const char *cells[RUN + 1] = {[RUN] = run};
		for (int i = 0; i < RUN; i++)
			cells[i] = hmm_table_cell(table, row, column[i]);
		if (hmm_table_append(all, cells))
			return -1;
	}
	return 0;
}

int
hmm_predictions_open_runs(
    struct hmm_predictions *predictions, char *const *paths, size_t count, int subsets)
{
	char name[4096];
	const char *header[RUN + 1];
	if (count == 1)
		return hmm_predictions_open(predictions, paths[0], subsets);
	memcpy(header, run_header, sizeof(header));
	if (hmm_predictions_column)
		header[PROBABILITY] = hmm_predictions_column;
	snprintf(name, sizeof(name), "%s and %zu more", paths[0], count - 1);
	*predictions = (struct hmm_predictions){.table = hmm_table_new(name, header, RUN + 1)};
	int bad = !predictions->table;
	for (size_t i = 0; i < count && !bad; i++) {
		/* by itself first, so that what is wrong with it is said of it */
		struct hmm_predictions one;
		bad = hmm_predictions_open(&one, paths[i], subsets) ||
		      append_run(predictions->table, one.table, i + 1);
		hmm_predictions_close(&one);
	}
	return bad || read_rows(predictions, subsets) ? -1 : sort(predictions);
}

void
hmm_predictions_close(struct hmm_predictions *predictions)
{
	hmm_column_close(&predictions->groups);
	hmm_table_free(predictions->table);
	free(predictions->prediction);
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
	if (find_split(&a, &a_end, first, split) || find_split(&b, &b_end, second, split))
		return -1;
	const size_t all = (a_end - a) + (b_end - b);
	*ours = hmm_alloc(a_end - a, sizeof(**ours));
	*theirs = hmm_alloc(a_end - a, sizeof(**theirs));
	if (!*ours || !*theirs)
		return -1;
	while (a < a_end && b < b_end) {
		const struct hmm_prediction *one = &first->prediction[a], *two = &second->prediction[b];
		const int order = by_place(one, two);
		if (!order && one->label != two->label)
			return hmm_error("%s: split %s: subject '%s' has label %d, want %d as in %s", b_name,
			    split, two->subject, two->label, one->label, a_name);
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

void
hmm_predictions_write_header(FILE *file)
{
	fputs(
	    "subject\tgroup\tsplit\tlabel\tlogit\tprobability\tmodalities\timputed\tobserved\n", file);
}

static void
write_text(FILE *file, const char *text, int first)
{
	hmm_table_write(file, text[0] ? text : NULL, first);
}

void
hmm_predictions_write(FILE *file, const struct hmm_predicted *row)
{
	char logit[32];
	snprintf(logit, sizeof(logit), "%.9g", row->logit);
	write_text(file, row->subject, 1);
	write_text(file, row->group, 0);
	write_text(file, row->split, 0);
	hmm_table_write(file, row->label < 0 ? NULL : row->label ? "1" : "0", 0);
	hmm_table_write(file, isfinite(row->logit) ? logit : NULL, 0);
	fprintf(file, "\t%.9g", row->probability);
	write_text(file, row->modalities, 0);
	write_text(file, row->imputed, 0);
	write_text(file, row->observed, 0);
	putc('\n', file);
}
