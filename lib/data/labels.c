#include "labels.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* A missing label is NULL, as in the table, or an empty cell. */
const char *
hmm_labels_at(const struct hmm_labels *labels, long row)
{
	const char *label = row < 0 ? NULL : hmm_table_cell(labels->table, (size_t)row, labels->column);
	return label && *label ? label : NULL;
}

static int
check(const struct hmm_labels *labels)
{
	for (size_t row = 0; row < labels->table->rows && labels->column >= 0; row++) {
		const size_t name = labels->by_key.of[row], first = hmm_column_first(&labels->by_key, name);
		const char *have = hmm_labels_at(labels, (long)row);
		const char *want = hmm_labels_at(labels, (long)first);
		have = have ? have : "n/a";
		want = want ? want : "n/a";
		if (strcmp(have, want))
			return hmm_error("%s: %s '%s' has %s '%s' in row %zu and '%s' in row %zu",
			    labels->table->name, labels->table->header[labels->key],
			    labels->by_key.names.name[name], labels->table->header[labels->column], want,
			    first + 1, have, row + 1);
	}
	return 0;
}

int
hmm_labels_open(struct hmm_labels *labels, const char *path, const char *key, const char *other_key,
    const char *column)
{
	*labels = (struct hmm_labels){.table = hmm_table_read_foreign(path)};
	if (!labels->table)
		return -1;
	labels->key = hmm_table_find(labels->table, key);
	if (labels->key < 0 && other_key)
		labels->key = hmm_table_find(labels->table, other_key);
	labels->column = column ? hmm_table_find(labels->table, column) : -1;
	if (labels->key < 0 && other_key)
		return hmm_error("%s: no column '%s' or '%s' in its header", path, key, other_key);
	if (labels->key < 0)
		return hmm_error("%s: no column '%s' in its header", path, key);
	if (hmm_column_open(&labels->by_key, labels->table, labels->key, -1) || check(labels))
		return -1;
	labels->used = hmm_alloc(labels->by_key.names.count, 1);
	return labels->used ? 0 : -1;
}

void
hmm_labels_close(struct hmm_labels *labels)
{
	hmm_column_close(&labels->by_key);
	hmm_table_free(labels->table);
	free(labels->used);
	*labels = (struct hmm_labels){0};
}

long
hmm_labels_find(struct hmm_labels *labels, const char *name, const char *prefix)
{
	const size_t skip = strlen(prefix);
	const struct hmm_column *by_key = &labels->by_key;
	long found = hmm_names_find(&by_key->names, name);
	if (found < 0 && !strncmp(name, prefix, skip))
		found = hmm_names_find(&by_key->names, name + skip);
	if (found < 0)
		return -1;
	labels->used[found] = 1;
	return (long)hmm_column_first(by_key, (size_t)found);
}

size_t
hmm_labels_unused(const struct hmm_labels *labels)
{
	size_t count = 0;
	for (size_t i = 0; i < labels->by_key.names.count; i++)
		count += !labels->used[i];
	return count;
}
