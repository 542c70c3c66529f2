#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/data/encoder.h"
#include "hmm/data/order.h"

/* The number of the file of an element, opened where it is not yet. -1, reported. */
static long
find_file(struct hmm_encoder_rows *rows, const struct hmm_element *element, const char *path)
{
	char *name = hmm_strdup(path);
	if (!name)
		return -1;
	*strrchr(name, '#') = '\0';
	const size_t before = rows->files.count;
	const long file = hmm_names_add(&rows->files, name);
	free(name);
	return file >= 0 && rows->files.count > before &&
	               hmm_vectors_open(&rows->vectors[file], element)
	           ? -1
	           : file;
}

static int
find_row(struct hmm_encoder_rows *rows, size_t row)
{
	const struct hmm_table *manifest = rows->manifest;
	const char *path = hmm_table_cell(manifest, row, rows->path);
	const char *modality = hmm_table_cell(manifest, row, rows->modality);
	struct hmm_element element = {0};
	if (!path || !modality)
		return hmm_error("%s: row %zu: no %s", manifest->name, row + 1, path ? "modality" : "path");
	int bad = hmm_element_open(&element, path, 1);
	const long file = bad ? -1 : find_file(rows, &element, path);
	bad = file < 0;
	if (!bad) {
		const long at = hmm_names_find(&rows->vectors[file].keys, element.key);
		rows->file[row] = (size_t)file;
		rows->at[row] = (size_t)at;
		if (at < 0)
			bad = hmm_error(
			    "%s: row %zu: no '%s' in %s", manifest->name, row + 1, element.key, element.file);
	}
	hmm_element_close(&element);
	return bad ? -1 : 0;
}

int
hmm_encoder_rows_open(struct hmm_encoder_rows *rows, const struct hmm_table *manifest, int complete)
{
	const size_t count = manifest->rows;
	*rows = (struct hmm_encoder_rows){.manifest = manifest,
	    .subject = hmm_table_want(manifest, "subject"),
	    .group = hmm_table_find(manifest, "group"),
	    .split = hmm_table_find(manifest, "split"),
	    .complete = complete};
	if (rows->subject < 0 || (rows->modality = hmm_table_want(manifest, "modality")) < 0 ||
	    (rows->path = hmm_table_want(manifest, "path")) < 0)
		return -1;
	const int columns[] = {rows->subject, rows->modality, rows->path};
	rows->vectors = hmm_alloc(count, sizeof(*rows->vectors));
	rows->file = hmm_alloc(count, sizeof(*rows->file));
	rows->at = hmm_alloc(count, sizeof(*rows->at));
	rows->order = hmm_order_rows(manifest, columns, HMM_COUNT_OF(columns));
	if (!rows->vectors || !rows->file || !rows->at || !rows->order)
		return -1;
	for (size_t row = 0; row < count; row++)
		if (find_row(rows, row))
			return -1;
	return 0;
}

void
hmm_encoder_rows_close(struct hmm_encoder_rows *rows)
{
	for (size_t i = 0; i < rows->files.count; i++)
		hmm_vectors_close(&rows->vectors[i]);
	hmm_names_close(&rows->files);
	free(rows->vectors);
	free(rows->file);
	free(rows->at);
	free(rows->order);
	*rows = (struct hmm_encoder_rows){0};
}
