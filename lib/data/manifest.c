#include "hmm/data/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/hash.h"
#include "hmm/base/memory.h"
#include "hmm/data/column.h"
#include "hmm/data/order.h"

const char *const hmm_manifest_header[HMM_MANIFEST_COLUMNS] = {
    "subject", "modality", "label", "group", "split", "path"};

static int
same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* The cells of a subject's rows against that of its first one, which stands where the next row's
 * can find it without the table. */
static int
check_column(const struct hmm_table *table, const struct hmm_column *subjects, const char *name)
{
	static const char missing[] = "n/a";
	const int column = hmm_table_find(table, name);
	const char **first = column < 0 ? NULL : hmm_alloc(subjects->names.count, sizeof(*first));
	int bad = column >= 0 && !first;
	for (size_t row = 0; first && row < table->rows && !bad; row++) {
		const size_t subject = subjects->of[row];
		const char *cell = hmm_table_cell(table, row, column), *have = cell ? cell : missing;
		const char *want = first[subject] ? first[subject] : have;
		first[subject] = want;
		if ((have == missing) != (want == missing) || strcmp(have, want))
			bad = hmm_error("%s: subject '%s' has %s '%s' in row %zu and '%s' in row %zu",
			    table->name, subjects->names.name[subject], name, want,
			    hmm_column_first(subjects, subject) + 1, have, row + 1);
	}
	free(first);
	return bad ? -1 : 0;
}

int
hmm_manifest_imputed(const struct hmm_table *table, size_t row, int column)
{
	const char *cell = hmm_table_cell(table, row, column);
	return !cell || hmm_hash_is_digest(cell)
	           ? 0
	           : hmm_error("%s: row %zu: imputed '%s', want n/a or the 64 hexadecimal digits of a "
	                       "generator's weights",
	                 table->name, row + 1, cell);
}

/* The lines of one path that follow on each other are to be of different images. */
static int
check_twice(const struct hmm_table *table, size_t first, size_t row, const int column[3])
{
	const char *path = hmm_table_cell(table, row, column[0]);
	const char *imputed = hmm_table_cell(table, row, column[1]);
	const char *modality = hmm_table_cell(table, row, column[2]);
	if (strcmp(path, hmm_table_cell(table, first, column[0])) ||
	    !same(imputed, hmm_table_cell(table, first, column[1])))
		return 0;
	if (!imputed)
		return hmm_error(
		    "%s: path '%s' stands in rows %zu and %zu", table->name, path, first + 1, row + 1);
	return same(modality, hmm_table_cell(table, first, column[2]))
	           ? hmm_error("%s: path '%s' stands in rows %zu and %zu, imputed as '%s' by %.12s",
	                 table->name, path, first + 1, row + 1, modality ? modality : "n/a", imputed)
	           : 0;
}

static int
check_paths(const struct hmm_table *table)
{
	const int column[] = {hmm_table_find(table, "path"), hmm_table_find(table, HMM_IMPUTED),
	    hmm_table_find(table, "modality")};
	int bad = 0;
	for (size_t row = 0; row < table->rows && !bad; row++) {
		const char *path = hmm_table_cell(table, row, column[0]);
		bad = hmm_manifest_imputed(table, row, column[1]);
		if (column[0] >= 0 && (!path || !*path))
			bad = hmm_error("%s: row %zu: no path", table->name, row + 1);
	}
	if (bad || column[0] < 0)
		return bad;
	size_t *order = hmm_order_rows(table, column, 3);
	bad = !order;
	for (size_t i = 1; i < table->rows && !bad; i++)
		bad = check_twice(table, order[i - 1], order[i], column);
	free(order);
	return bad ? -1 : 0;
}

int
hmm_manifest_check(const struct hmm_table *table, const char *const *columns, size_t count)
{
	return hmm_manifest_check_target(table, HMM_BINARY, columns, count);
}

int
hmm_manifest_check_target(
    const struct hmm_table *table, enum hmm_target target, const char *const *columns, size_t count)
{
	struct hmm_column subjects;
	struct hmm_known known;
	const int subject = hmm_table_want(table, "subject"), label = hmm_table_find(table, "label");
	const int event = hmm_table_find(table, "event");
	if (subject < 0 || (target == HMM_TIME && label >= 0 && hmm_table_want(table, "event") < 0))
		return -1;
	for (size_t row = 0; row < table->rows; row++)
		if (hmm_target_known(&known, target, table, row, label, event) < 0)
			return -1;
	if (hmm_column_open(&subjects, table, subject, -1))
		return -1;
	int bad = 0;
	for (size_t i = 0; i < count && !bad; i++)
		bad = check_column(table, &subjects, columns[i]);
	hmm_column_close(&subjects);
	return bad ? -1 : check_paths(table);
}

int
hmm_manifest_sort(struct hmm_table *table)
{
	static const int columns[] = {HMM_SUBJECT, HMM_MODALITY, HMM_PATH};
	const size_t width = table->columns;
	size_t *order = hmm_order_rows(table, columns, 3);
	char **cells = order ? hmm_alloc_raw(table->rows, width * sizeof(*cells)) : NULL;
	for (size_t i = 0; cells && i < table->rows; i++)
		memcpy(cells + i * width, table->cells + order[i] * width, width * sizeof(*cells));
	free(order);
	if (!cells)
		return -1;
	free(table->cells);
	table->cells = cells;
	table->room = table->rows * width * sizeof(*cells);
	return 0;
}
