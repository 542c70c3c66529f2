#include "hmm/data/vectors.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cell.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/text.h"
#include "hmm/data/list.h"
#include "hmm/file/npy.h"
#include "hmm/file/regular.h"

/* ---- tables ---- */

/* The columns that fit a pattern each, or all; the key's is none. 0, or -1 reported. */
static int
choose_columns(struct hmm_vectors *vectors, const char *patterns)
{
	const struct hmm_table *table = vectors->table;
	struct hmm_list list = {0};
	char *wanted = hmm_alloc(table->columns + 1, 1);
	vectors->column = hmm_alloc(table->columns, sizeof(*vectors->column));
	int bad =
	    !wanted || !vectors->column || (patterns && hmm_list_open(&list, "columns", patterns));
	for (size_t i = 0; i < list.count && !bad; i++) {
		size_t found = 0;
		for (size_t c = 1; c < table->columns; c++)
			if (!fnmatch(list.item[i], table->header[c], 0)) {
				wanted[c] = 1;
				found++;
			}
		if (!found)
			bad = hmm_error("%s: no column '%s'", table->name, list.item[i]);
	}
	for (size_t c = 1; c < table->columns && !bad; c++)
		if (!patterns || wanted[c])
			vectors->column[vectors->width++] = (int)c;
	if (!bad && !vectors->width)
		bad = hmm_error("%s: no column behind its first one, which is the key", table->name);
	hmm_list_close(&list);
	free(wanted);
	return bad ? -1 : 0;
}

/* The first column of a table is the keys. 0, or -1 reported. */
static int
take_keys(struct hmm_vectors *vectors, const struct hmm_table *table)
{
	for (size_t row = 0; row < table->rows; row++) {
		char **cells = table->cells + row * table->columns;
		const char *key = cells[0] ? hmm_cell_trim(cells[0]) : "";
		if (!*key || strchr(key, '#'))
			return hmm_error("%s: row %zu: %s '%s', want a name without '#'", table->name, row + 1,
			    table->header[0], key);
		if (hmm_names_add(&vectors->keys, key) < 0)
			return -1;
		if (vectors->keys.count != row + 1)
			return hmm_error("%s: row %zu: %s '%s' stands there twice", table->name, row + 1,
			    table->header[0], key);
	}
	return 0;
}

/* A table of somebody's, which is no pipe: it is read where it is listed and where it is coded.
 * NULL, reported. */
static struct hmm_table *
read_table(const char *file)
{
	return hmm_regular_check(file) ? NULL : hmm_table_read_foreign(file);
}

static int
open_table(struct hmm_vectors *vectors, const struct hmm_element *element)
{
	if (hmm_ends_in(element->file, ".ts"))
		return hmm_error("%s: signals, which hmm-rocket makes vectors of", element->file);
	const int json = hmm_ends_in(element->file, ".jsonl") || hmm_ends_in(element->file, ".ndjson");
	struct hmm_table *table = vectors->table =
	    (json ? hmm_table_read_json : read_table)(element->file);
	if (!table || choose_columns(vectors, element->columns) || take_keys(vectors, table))
		return -1;
	if (!table->rows)
		return hmm_error("%s: no row", element->file);
	for (size_t row = 0; row < table->rows; row++)
		for (size_t c = 1; c < table->columns; c++) {
			char **cell = &table->cells[row * table->columns + c];
			if (!*cell || !hmm_cell_missing(*cell))
				continue;
			if (table->built)
				free(*cell);
			*cell = NULL;
		}
	return 0;
}

const char *
hmm_vectors_cell(const struct hmm_vectors *vectors, size_t row, size_t i)
{
	return hmm_table_cell(vectors->table, row, vectors->column[i]);
}

int
hmm_vectors_stands(const struct hmm_vectors *vectors, size_t row)
{
	for (size_t i = 0; vectors->table && i < vectors->width; i++)
		if (hmm_vectors_cell(vectors, row, i))
			return 1;
	return !vectors->table;
}

/* ---- arrays ---- */

static int
open_arrays(struct hmm_vectors *vectors, const struct hmm_element *element)
{
	if (element->columns)
		return hmm_error("%s: arrays have no columns", element->file);
	if (!(vectors->npz = hmm_npz_open(element->file)))
		return -1;
	const size_t count = hmm_npz_count(vectors->npz);
	for (size_t i = 0; i < count; i++) {
		const char *name = hmm_npz_name(vectors->npz, i);
		if (!*name || strchr(name, '#'))
			return hmm_error("%s: array '%s', want a name without '#'", element->file, name);
		if (hmm_names_add(&vectors->keys, name) < 0)
			return -1;
		if (vectors->keys.count != i + 1)
			return hmm_error("%s: array '%s' stands there twice", element->file, name);
	}
	if (!count)
		return hmm_error("%s: no array", element->file);
	return hmm_vectors_array(vectors, 0) ? 0 : -1;
}

/* An array of an .npz into number[]. 0, or -1 reported. */
static int
read_array(struct hmm_vectors *vectors, size_t array)
{
	const char *name = vectors->keys.name[array];
	struct hmm_tensor *x = &vectors->x;
	size_t count = 0;
	if (hmm_npz_read(x, vectors->npz, array))
		return -1;
	hmm_tensor_count(x, &count);
	if (x->dimensions != 1 || !count || (vectors->width && count != vectors->width)) {
		char shape[128];
		return hmm_error("%s: array '%s': shape %s, want (%zu)", vectors->file, name,
		    hmm_shape_text(shape, sizeof(shape), x->shape, x->dimensions),
		    vectors->width ? vectors->width : 1);
	}
	if (!vectors->number && !(vectors->number = hmm_alloc(count, sizeof(*vectors->number))))
		return -1;
	vectors->width = count;
	hmm_tensor_floats(vectors->number, x, 0, count);
	return 0;
}

const float *
hmm_vectors_array(struct hmm_vectors *vectors, size_t array)
{
	const size_t width = vectors->width;
	if (!vectors->npz)
		hmm_tensor_floats(vectors->number, &vectors->x, array * width, width);
	else if (read_array(vectors, array))
		return NULL;
	if (hmm_all_finite(vectors->number, vectors->width))
		return vectors->number;
	hmm_error(
	    "%s: '%s': holds a value that is not finite", vectors->file, vectors->keys.name[array]);
	return NULL;
}

/* ---- matrices ---- */

/* The table beside a matrix, which says whose its rows are; NULL, reported. */
static struct hmm_table *
read_beside(const char *file)
{
	static const char *const endings[] = {".csv", ".tsv"};
	const size_t stem = strlen(file) - strlen(".npy");
	char *name = hmm_alloc(stem + sizeof(".csv"), 1);
	struct hmm_table *table = NULL;
	int found = 0;
	for (size_t i = 0; i < 2 && name && !found; i++) {
		snprintf(name, stem + sizeof(".csv"), "%.*s%s", (int)stem, file, endings[i]);
		found = !access(name, F_OK);
		table = found ? read_table(name) : NULL;
	}
	if (name && !found)
		hmm_error("%s: no table %.*s.csv or .tsv beside it, whose first column says whose its rows "
		          "are",
		    file, (int)stem, file);
	free(name);
	return table;
}

static int
open_matrix(struct hmm_vectors *vectors, const struct hmm_element *element)
{
	struct hmm_tensor *x = &vectors->x;
	char shape[128];
	if (element->columns)
		return hmm_error("%s: a matrix has no names of columns", element->file);
	struct hmm_table *names = read_beside(element->file);
	int bad = !names || take_keys(vectors, names) || hmm_npy_read(x, element->file, NULL);
	const size_t rows = names ? names->rows : 0;
	hmm_table_free(names);
	if (!bad && (x->dimensions != 2 || x->shape[0] != rows || !rows || !x->shape[1]))
		bad = hmm_error("%s: shape %s, want (%zu,N) as there are rows in the table beside it",
		    element->file, hmm_shape_text(shape, sizeof(shape), x->shape, x->dimensions), rows);
	vectors->width = bad ? 0 : x->shape[1];
	vectors->number = bad ? NULL : hmm_alloc(vectors->width, sizeof(*vectors->number));
	return vectors->number ? 0 : -1;
}

/* ---- either ---- */

int
hmm_vectors_open(struct hmm_vectors *vectors, const struct hmm_element *element)
{
	*vectors = (struct hmm_vectors){.file = hmm_strdup(element->file)};
	if (!vectors->file)
		return -1;
	return (hmm_ends_in(element->file, ".npz")   ? open_arrays
	        : hmm_ends_in(element->file, ".npy") ? open_matrix
	                                             : open_table)(vectors, element);
}

void
hmm_vectors_close(struct hmm_vectors *vectors)
{
	hmm_names_close(&vectors->keys);
	hmm_table_free(vectors->table);
	hmm_npz_close(vectors->npz);
	hmm_tensor_free(&vectors->x);
	free(vectors->file);
	free(vectors->column);
	free(vectors->number);
	*vectors = (struct hmm_vectors){0};
}
