#include "hmm/data/labelled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/elements.h"
#include "hmm/data/manifest.h"
#include "hmm/data/names.h"
#include "hmm/data/signals.h"

/* All rows with what stands in the column of the labels; NULL, reported. */
static struct hmm_table *
read_rows(const struct hmm_labelled_source *source, const char *label)
{
	const struct hmm_bids_options of_bids = {
	    label, source->labels, source->suffixes, source->entities};
	const struct hmm_signals_options of_signals = {
	    source->axes, source->labels, label, source->in_names};
	struct hmm_folder_options of_folder = source->of_folder;
	of_folder.label = label;
	struct hmm_table *table =
	    source->bids       ? hmm_bids_read(source->bids, &of_bids)
	    : source->breakhis ? hmm_breakhis_read(source->breakhis, source->by)
	    : source->signals  ? hmm_signals_list(source->signals, source->files, &of_signals)
	    : source->count ? hmm_elements_read(source->vectors, source->count, source->labels, label)
	                    : hmm_folder_read(source->folder, &of_folder);
	int bad = !table || hmm_manifest_sort(table);
	if (!bad && table->rows == 0)
		bad = hmm_error("%s: no %s found", table->name,
		    source->count     ? "vectors"
		    : source->signals ? "channels"
		                      : "images");
	if (!bad)
		return table;
	hmm_table_free(table);
	return NULL;
}

/* ---- labels that stay what they are ---- */

/* What is found of them. */
struct tally {
	struct hmm_names classes;
	size_t known, unknown;
	double least, most;
};

/* Take a label's blanks off, and whatever stands for a missing one. */
static void
clean(char **label)
{
	if (*label && (hmm_cell_missing(*label) || !*hmm_cell_trim(*label))) {
		free(*label);
		*label = NULL;
	} else if (*label) {
		char *trimmed = hmm_cell_trim(*label);
		memmove(*label, trimmed, strlen(trimmed) + 1);
	}
}

/* Clean all, check the numbers, and count subjects, which stand together. 0, or -1 reported. */
static int
take_labels(struct tally *tally, struct hmm_table *table, enum hmm_target target, const char *where)
{
	const char *last = NULL;
	for (size_t row = 0; row < table->rows; row++) {
		char **cells = table->cells + row * table->columns, **label = &cells[HMM_LABEL];
		const int other = !last || strcmp(last, cells[HMM_SUBJECT]);
		double number = 0;
		last = cells[HMM_SUBJECT];
		clean(label);
		if (*label && target != HMM_CLASSES &&
		    (hmm_cell_number(&number, *label) || !isfinite(number)))
			return hmm_error("%s: found '%s', want a number", where, *label);
		if (*label && target == HMM_TIME && number < 0)
			return hmm_error("%s: found '%s', want a time, 0 or more", where, *label);
		if (*label && target == HMM_CLASSES && hmm_names_add(&tally->classes, *label) < 0)
			return -1;
		tally->unknown += other && !*label;
		if (!other || !*label)
			continue;
		tally->least = tally->known && tally->least < number ? tally->least : number;
		tally->most = tally->known && tally->most > number ? tally->most : number;
		tally->known++;
	}
	return hmm_names_sort(&tally->classes, NULL);
}

/* "AD (12 subjects), CN (30), none (4)", or "110 numbers from 3 to 88, none (4)". */
static int
describe(const struct tally *tally, const struct hmm_table *table, enum hmm_target target,
    const char *label)
{
	enum { MOST = 12 };
	char text[1024], none[64] = "";
	size_t used = 0;
	const size_t classes = tally->classes.count;
	size_t *subjects = hmm_alloc(classes, sizeof(*subjects));
	const char *last = NULL;
	for (size_t row = 0; subjects && row < table->rows; row++) {
		char *const *cells = table->cells + row * table->columns;
		if (target == HMM_CLASSES && cells[HMM_LABEL] &&
		    (!last || strcmp(last, cells[HMM_SUBJECT])))
			subjects[hmm_names_find(&tally->classes, cells[HMM_LABEL])]++;
		last = cells[HMM_SUBJECT];
	}
	text[0] = '\0';
	for (size_t k = 0; subjects && k < classes && k < MOST && used < sizeof(text); k++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s (%zu%s)", k ? ", " : "",
		    tally->classes.name[k], subjects[k],
		    k                  ? ""
		    : subjects[k] == 1 ? " subject"
		                       : " subjects");
	if (classes > MOST && used < sizeof(text))
		snprintf(text + used, sizeof(text) - used, " and %zu more", classes - MOST);
	if (target != HMM_CLASSES)
		snprintf(text, sizeof(text), "%zu %s from %.6g to %.6g", tally->known,
		    target == HMM_TIME ? "times" : "numbers", tally->least, tally->most);
	if (tally->unknown)
		snprintf(none, sizeof(none), ", none (%zu)", tally->unknown);
	if (subjects)
		hmm_note("label%s%s: %s%s", label ? " " : "", label ? label : "", text, none);
	free(subjects);
	return subjects ? 0 : -1;
}

static int
keep_labels(
    struct hmm_table *table, const struct hmm_labelled_source *source, enum hmm_target target)
{
	char where[1024];
	struct tally tally = {.known = 0};
	const char *label = source->label;
	snprintf(where, sizeof(where), "%s: %s%s%s", source->labels ? source->labels : table->name,
	    label ? "column '" : "labels", label ? label : "", label ? "'" : "");
	int bad = take_labels(&tally, table, target, where);
	bad = bad || describe(&tally, table, target, label);
	hmm_names_close(&tally.classes);
	return bad ? -1 : 0;
}

/* ---- events ---- */

/* Add a column, or take the place of one, with the labels of the same rows. 0, or -1 reported. */
static int
add_event(struct hmm_table *table, struct hmm_table *events)
{
	static const char name[] = "event";
	const int found = hmm_table_find(table, name);
	const size_t old = table->columns, columns = old + (found < 0),
	             at = found < 0 ? old : (size_t)found;
	if (events->rows != table->rows)
		return hmm_error("%s: it changes while it is read", table->name);
	char **cells = hmm_alloc(table->rows, columns * sizeof(*cells));
	char **header = hmm_alloc(columns, sizeof(*header));
	char *own = found < 0 ? hmm_strdup(name) : NULL;
	if (!cells || !header || (found < 0 && !own)) {
		free(cells);
		free(header);
		free(own);
		return -1;
	}
	memcpy(header, table->header, old * sizeof(*header));
	if (own)
		header[at] = own;
	for (size_t row = 0; row < table->rows; row++) {
		char **label = &events->cells[row * events->columns + HMM_LABEL];
		memcpy(cells + row * columns, table->cells + row * old, old * sizeof(*cells));
		free(found < 0 ? NULL : cells[row * columns + at]);
		cells[row * columns + at] = *label;
		*label = NULL;
	}
	free(table->cells);
	free(table->header);
	table->cells = cells;
	table->header = header;
	table->columns = columns;
	table->room = table->rows * columns * sizeof(*cells);
	return 0;
}

/* The same rows again, with their events where the labels were: what has been warned of is not
 * repeated. 0, or -1 reported. */
static int
read_events(struct hmm_table *table, const struct hmm_labelled_source *source,
    struct hmm_label_rule *rule, const char *event)
{
	char said[1024];
	hmm_warnings_off = 1;
	struct hmm_table *events = read_rows(source, event);
	hmm_warnings_off = 0;
	const int bad = !events ||
	                hmm_label_rule_apply(said, sizeof(said), rule, events,
	                    source->labels ? source->labels : table->name, event) ||
	                add_event(table, events);
	hmm_table_free(events);
	if (!bad)
		hmm_note("event %s: %s", event, said);
	return bad ? -1 : 0;
}

struct hmm_table *
hmm_labelled_read(const struct hmm_labelled_source *source, struct hmm_label_rule *rule,
    enum hmm_target target, const char *event)
{
	static const char *const agree[] = {"label", "group", "event"};
	char said[1024] = "";
	const char *label = source->label;
	const int known = label || source->breakhis || source->in_names;
	const size_t agreeing = sizeof(agree) / sizeof(*agree) - (target != HMM_TIME);
	struct hmm_table *table = read_rows(source, label);
	int bad = !table;
	if (!bad && target == HMM_BINARY)
		bad = hmm_label_rule_apply(
		    said, sizeof(said), rule, table, source->labels ? source->labels : table->name, label);
	else if (!bad)
		bad = keep_labels(table, source, target) ||
		      (target == HMM_TIME && read_events(table, source, rule, event));
	bad = bad || hmm_manifest_check_target(table, target, agree, agreeing);
	if (!bad && known && target == HMM_BINARY)
		hmm_note("label%s%s: %s", label ? " " : "", label ? label : "", said);
	if (!bad)
		return table;
	hmm_table_free(table);
	return NULL;
}
