#include "hmm/data/signals.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cell.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/element.h"
#include "hmm/data/list.h"
#include "hmm/data/manifest.h"
#include "hmm/data/order.h"
#include "hmm/file/ts.h"
#include "labels.h"

enum { CLASS = HMM_MANIFEST_COLUMNS, COLUMNS };

/* What is listed of a file, or of a case of a .ts. */
struct recording {
	struct hmm_element file; /* its columns: patterns of channels */
	struct hmm_list wanted;  /* the same; none: all */
	char *stem;              /* its name without folder and ending */
	const char *subject, *number, *class;
};

/* ---- channels ---- */

/* Whether a name is a modality in the table that is printed, and its path one that is read as
 * such. */
static int
check_name(const struct hmm_element *channel, const char *name, const char *path, int keyed)
{
	struct hmm_element again = {0};
	char *trimmed = hmm_strdup(name);
	int bad = !trimmed || hmm_element_open(&again, path, keyed);
	if (!bad && (strchr(name, '+') || !strcasecmp(name, "n/a") ||
	                strcmp(hmm_cell_trim(trimmed), name) || strcmp(again.file, channel->file)))
		bad = hmm_error("%s: channel '%s' cannot be a modality: want a name without '+' and blanks "
		                "around it, other than n/a, with brackets in pairs; FILE[CHANNEL,...] are "
		                "others alone",
		    channel->file, name);
	hmm_element_close(&again);
	free(trimmed);
	return bad ? -1 : 0;
}

static int
add_channel(struct hmm_table *table, const struct recording *of, const char *name, int only)
{
	const struct hmm_element channel = {.file = of->file.file, .columns = only ? NULL : name};
	char *path = hmm_element_path(&channel, of->number);
	int bad = !path || check_name(&channel, name, path, of->number != NULL);
	const char *const cells[COLUMNS] = {[HMM_SUBJECT] = of->subject,
	    [HMM_MODALITY] = name,
	    [HMM_GROUP] = of->subject,
	    [HMM_SPLIT] = !of->number                           ? NULL
	                  : hmm_signal_ends(of->stem, "_TRAIN") ? "train"
	                  : hmm_signal_ends(of->stem, "_TEST")  ? "test"
	                                                        : NULL,
	    [HMM_PATH] = path,
	    [CLASS] = of->class};
	bad = bad || hmm_table_append(table, cells);
	free(path);
	return bad ? -1 : 0;
}

static int
is_wanted(const struct hmm_list *wanted, const char *name)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (!fnmatch(wanted->item[i], name, 0))
			return 1;
	return !wanted->count;
}

static int
add_channels(struct hmm_table *table, const struct recording *of, const struct hmm_signal *signal)
{
	size_t found = 0;
	for (size_t i = 0; i < signal->channels; i++) {
		const char *name = signal->channel[i].name;
		if (!is_wanted(&of->wanted, name))
			continue;
		found++;
		if (add_channel(table, of, name, signal->channels == 1))
			return -1;
	}
	return found ? 0
	             : hmm_error("%s: no channel %s", of->file.file,
	                   of->file.columns ? of->file.columns : "in it");
}

/* ---- files ---- */

static int
add_cases(struct hmm_table *table, struct recording *of, const struct hmm_signal_want *want)
{
	struct hmm_ts *ts = hmm_ts_open(of->file.file);
	const size_t size = strlen(of->stem) + 40;
	char *subject = hmm_alloc(size, 1), number[24];
	int bad = !ts || !subject;
	for (size_t i = 0; !bad && i < hmm_ts_cases(ts); i++) {
		struct hmm_signal signal = {0};
		snprintf(subject, size, "%s-%05zu", of->stem, i + 1);
		snprintf(number, sizeof(number), "%zu", i + 1);
		of->subject = subject;
		of->number = number;
		of->class = hmm_ts_class(ts, i);
		bad = hmm_ts_read(ts, i, &signal, want) || add_channels(table, of, &signal);
		hmm_signal_free(&signal);
	}
	free(subject);
	hmm_ts_close(ts);
	return bad;
}

static int
add_file(struct hmm_table *table, const char *path, const struct hmm_signal_want *want)
{
	struct recording of = {.number = NULL};
	struct hmm_ts *none = NULL;
	struct hmm_signal signal = {0};
	int bad = hmm_element_open(&of.file, path, 0) ||
	          (of.file.columns && hmm_list_open(&of.wanted, "signals", of.file.columns));
	const char *slash = bad ? NULL : strrchr(of.file.file, '/');
	of.subject = of.stem = bad ? NULL : hmm_strdup(slash ? slash + 1 : of.file.file);
	bad = bad || !of.stem;
	char *dot = bad ? NULL : strrchr(of.stem, '.');
	if (dot && dot > of.stem)
		*dot = '\0';
	if (!bad && hmm_signal_ends(of.file.file, ".ts"))
		bad = add_cases(table, &of, want);
	else if (!bad)
		bad = hmm_signal_read(&signal, &none, of.file.file, NULL, want) ||
		      add_channels(table, &of, &signal);
	hmm_signal_free(&signal);
	hmm_list_close(&of.wanted);
	hmm_element_close(&of.file);
	free(of.stem);
	return bad ? -1 : 0;
}

/* Files of one name in several folders are of several people. */
static int
check_subjects(const struct hmm_table *table)
{
	static const int columns[] = {HMM_SUBJECT, HMM_MODALITY};
	size_t *order = hmm_order_rows(table, columns, 2);
	int bad = !order;
	for (size_t i = 1; i < table->rows && !bad; i++) {
		char **a = table->cells + order[i - 1] * table->columns;
		char **b = table->cells + order[i] * table->columns;
		if (!strcmp(a[HMM_SUBJECT], b[HMM_SUBJECT]) && !strcmp(a[HMM_MODALITY], b[HMM_MODALITY]))
			bad = hmm_error("subject '%s' has channel '%s' in %s and in %s, want files of other "
			                "names",
			    a[HMM_SUBJECT], a[HMM_MODALITY], a[HMM_PATH], b[HMM_PATH]);
	}
	free(order);
	return bad ? -1 : 0;
}

/* ---- labels ---- */

/* Labels that are the classes, or 0 and 1 of two. */
static int
label_classes(struct hmm_table *table, int ruled)
{
	struct hmm_names classes = {0};
	size_t subjects[2] = {0};
	int bad = 0;
	for (size_t row = 0; row < table->rows && !bad; row++) {
		const char *class = hmm_table_cell(table, row, CLASS);
		bad = class && hmm_names_add(&classes, class) < 0;
	}
	bad = bad || hmm_names_sort(&classes, NULL);
	for (size_t row = 0; row < table->rows && !bad; row++) {
		char **cells = table->cells + row * table->columns;
		const long number = cells[CLASS] ? hmm_names_find(&classes, cells[CLASS]) : -1;
		if (number < 0 || (!ruled && classes.count != 2))
			continue;
		bad = !(cells[HMM_LABEL] = hmm_strdup(ruled ? cells[CLASS] : number ? "1" : "0"));
		subjects[number & 1] += !row || strcmp(cells[HMM_SUBJECT], (cells - table->columns)[0]);
	}
	if (!bad && !ruled && classes.count == 2)
		hmm_note("label class: %s -> 1 (%zu subjects), %s -> 0 (%zu)", classes.name[1], subjects[1],
		    classes.name[0], subjects[0]);
	else if (!bad && !ruled && classes.count)
		hmm_note("label class: n/a, as there %s %zu: --positive says which are 1",
		    classes.count == 1 ? "is" : "are", classes.count);
	hmm_names_close(&classes);
	return bad ? -1 : 0;
}

struct hmm_table *
hmm_signals_list(char *const *files, size_t count, const struct hmm_signals_options *options)
{
	const struct hmm_signal_want want = {.names = 1, .axes = options->axes};
	const char *header[COLUMNS] = {[CLASS] = "class"};
	memcpy(header, hmm_manifest_header, sizeof(hmm_manifest_header));
	struct hmm_table *table = hmm_table_new("--signals", header, COLUMNS);
	int bad = !table;
	for (size_t i = 0; i < count && !bad; i++)
		bad = add_file(table, files[i], &want);
	bad = bad || check_subjects(table);
	if (!bad && options->labels)
		bad = hmm_labels_fill(
		    table, options->labels, options->label, &hmm_labels_by_subject, "channel");
	else if (!bad)
		bad = label_classes(table, options->ruled);
	if (!bad)
		return table;
	hmm_table_free(table);
	return NULL;
}
