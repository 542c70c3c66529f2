#include "labels.h"

#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/manifest.h"

enum { SEVERAL = -1 };

const struct hmm_labels_kind hmm_labels_by_subject = {
    .keys = {"subject", "participant_id", "patient_id", "group"}, .prefix = ""};

const char *
hmm_labels_at(const struct hmm_labels *labels, long row)
{
	return row < 0 ? NULL : hmm_table_cell(labels->table, (size_t)row, labels->column);
}

/* ---- keys ---- */

/* "sub-01<tab>ses-a" of a name and a session with or without their prefixes; NULL: only the
 * name. To free(); NULL, reported. */
static char *
make_key(const char *prefix, const char *name, const char *session)
{
	static const char of_session[] = "ses-";
	const size_t skip = strlen(prefix);
	const char *before = strncmp(name, prefix, skip) ? prefix : "";
	const char *between =
	    session && strncmp(session, of_session, strlen(of_session)) ? of_session : "";
	const size_t size =
	    skip + strlen(name) + 1 + sizeof(of_session) + (session ? strlen(session) : 0) + 1;
	char *key = hmm_alloc(size, 1);
	if (key)
		snprintf(key, size, "%s%s%s%s%s", before, name, session ? "\t" : "",
		    session && *session ? between : "", session ? session : "");
	return key;
}

/* What is wrong with a key that two rows have: two labels, or that it stands there twice. */
static int
check_twice(const struct hmm_labels *labels, size_t first, size_t row, int only_once)
{
	char who[1024];
	const struct hmm_table *table = labels->table;
	const char *have = hmm_labels_at(labels, (long)row), *want = hmm_labels_at(labels, (long)first);
	const char *session = hmm_table_cell(table, row, labels->session);
	snprintf(who, sizeof(who), "%s: %s '%s'%s%s%s", table->name, table->header[labels->key],
	    hmm_table_cell(table, row, labels->key), session ? " session '" : "",
	    session ? session : "", session ? "'" : "");
	have = have ? have : "n/a";
	want = want ? want : "n/a";
	if (strcmp(have, want))
		return hmm_error("%s has %s '%s' in row %zu and '%s' in row %zu", who,
		    table->header[labels->column], want, first + 1, have, row + 1);
	return only_once ? hmm_error("%s stands in rows %zu and %zu", who, first + 1, row + 1) : 0;
}

/* Number a row's key; *first is the row that has it already, or this one. 0, or -1 reported. */
static int
add_key(struct hmm_labels *labels, const char *prefix, const char *name, const char *session,
    size_t row, long *first)
{
	char *key = make_key(prefix, name, session);
	const size_t before = labels->keys.count;
	const long number = key ? hmm_names_add(&labels->keys, key) : -1;
	free(key);
	if (number < 0)
		return -1;
	if (labels->keys.count > before)
		labels->row_of[number] = (long)row;
	*first = labels->row_of[number];
	/* without a session: not the first of several */
	if (session && !*session && *first != (long)row)
		labels->row_of[number] = SEVERAL;
	return 0;
}

/* Number the keys of all rows: of name and session, and of the name alone with an empty one. */
static int
index_rows(struct hmm_labels *labels, const char *prefix, int only_once)
{
	const struct hmm_table *table = labels->table;
	for (size_t row = 0; row < table->rows; row++) {
		const char *name = hmm_table_cell(table, row, labels->key);
		const char *session = hmm_table_cell(table, row, labels->session);
		long first, any;
		if (!name)
			return hmm_error(
			    "%s: row %zu: no %s", table->name, row + 1, table->header[labels->key]);
		if (add_key(labels, prefix, name, session, row, &first) ||
		    (first != (long)row && check_twice(labels, (size_t)first, row, only_once)) ||
		    (session && add_key(labels, prefix, name, "", row, &any)))
			return -1;
		labels->used[row] = first != (long)row;
	}
	return 0;
}

/* ---- the table ---- */

/* In all columns but the keys' every spelling of a missing value is one. */
static void
clear_missing(struct hmm_table *table, int key, int session)
{
	for (size_t row = 0; row < table->rows; row++)
		for (size_t i = 0; i < table->columns; i++) {
			char **cell = &table->cells[row * table->columns + i];
			if (*cell && i != (size_t)key && hmm_cell_missing(*cell))
				*cell = NULL;
			else if (*cell && (i == (size_t)key || i == (size_t)session) && !*hmm_cell_trim(*cell))
				*cell = NULL;
		}
}

static int
find_key(const struct hmm_labels *labels, const struct hmm_labels_kind *kind)
{
	char text[256];
	size_t used = 0;
	for (size_t i = 0; kind->keys[i]; i++) {
		const int found = hmm_table_find(labels->table, kind->keys[i]);
		if (found >= 0)
			return found;
		const int length =
		    snprintf(text + used, sizeof(text) - used, "%s'%s'", i ? " or " : "", kind->keys[i]);
		used += length > 0 && (size_t)length < sizeof(text) - used ? (size_t)length : 0;
	}
	return hmm_error("%s: no column %s in its header", labels->table->name, text);
}

int
hmm_labels_open(struct hmm_labels *labels, const char *path, const struct hmm_labels_kind *kind,
    const char *column)
{
	struct hmm_table *table = hmm_table_read_foreign(path);
	*labels = (struct hmm_labels){.table = table, .session = -1};
	if (!table || (labels->key = find_key(labels, kind)) < 0)
		return -1;
	const char *key = table->header[labels->key];
	if (kind->session && strcmp(key, kind->session))
		labels->session = hmm_table_find(table, kind->session);
	labels->column = column ? hmm_table_find(table, column) : -1;
	clear_missing(table, labels->key, labels->session);
	labels->row_of = hmm_alloc(table->rows, 2 * sizeof(*labels->row_of));
	labels->used = hmm_alloc(table->rows, 1);
	if (!labels->row_of || !labels->used)
		return -1;
	return index_rows(labels, kind->prefix, kind->only_once && !strcmp(key, kind->only_once));
}

void
hmm_labels_close(struct hmm_labels *labels)
{
	hmm_names_close(&labels->keys);
	hmm_table_free(labels->table);
	free(labels->row_of);
	free(labels->used);
	*labels = (struct hmm_labels){0};
}

long
hmm_labels_find(struct hmm_labels *labels, const char *name, const char *session)
{
	const char *const sessions[] = {*session ? session : NULL, NULL, *session ? NULL : ""};
	long row = -1;
	for (size_t i = 0; i < 3 && row < 0; i++) {
		char *key = make_key("", name, sessions[i]);
		if (!key)
			return -2;
		const long found = hmm_names_find(&labels->keys, key);
		row = found < 0 ? -1 : labels->row_of[found];
		free(key);
	}
	if (row >= 0)
		labels->used[row] = 1;
	return row;
}

size_t
hmm_labels_unused(const struct hmm_labels *labels)
{
	size_t count = 0;
	for (size_t i = 0; i < labels->table->rows; i++)
		count += !labels->used[i];
	return count;
}

int
hmm_labels_want(const struct hmm_labels *labels, const char *column)
{
	char text[512];
	size_t used = 0;
	const struct hmm_table *table = labels->table;
	if (labels->column >= 0)
		return 0;
	text[0] = '\0';
	for (size_t i = 0; i < table->columns && used < sizeof(text); i++)
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "%s%s", i ? ", " : "", table->header[i]);
	return hmm_error("%s: no column '%s' in its header, which has %s", table->name, column, text);
}

/* ---- a manifest's ---- */

static int
fill(struct hmm_table *manifest, struct hmm_labels *labels, const char *column, size_t *unlisted)
{
	if (hmm_labels_want(labels, column))
		return -1;
	const int by_group = !strcmp(labels->table->header[labels->key], "group");
	for (size_t row = 0; row < manifest->rows; row++) {
		char **cells = manifest->cells + row * manifest->columns;
		const char *name = cells[by_group ? HMM_GROUP : HMM_SUBJECT];
		const long found = name ? hmm_labels_find(labels, name, "") : -1;
		const char *label = hmm_labels_at(labels, found);
		*unlisted += found < 0;
		if (found < -1)
			return -1;
		if (label && !(cells[HMM_LABEL] = hmm_strdup(label)))
			return -1;
	}
	return 0;
}

int
hmm_labels_fill(struct hmm_table *manifest, const char *path, const char *column,
    const struct hmm_labels_kind *kind, const char *what)
{
	struct hmm_labels labels;
	size_t unlisted = 0;
	const int bad =
	    hmm_labels_open(&labels, path, kind, column) || fill(manifest, &labels, column, &unlisted);
	const size_t unused = bad ? 0 : hmm_labels_unused(&labels);
	if (unused)
		hmm_warn("%s: %zu of its rows %s no %s", path, unused, unused == 1 ? "has" : "have", what);
	if (unlisted)
		hmm_warn("%s: %zu %s%s no row in it, so the label is n/a", path, unlisted, what,
		    unlisted == 1 ? " has" : "s have");
	hmm_labels_close(&labels);
	return bad ? -1 : 0;
}
