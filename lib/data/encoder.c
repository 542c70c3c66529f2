#include "hmm/data/encoder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* ---- learning ---- */

/* The columns of a file, which are to be those of its modality. 0, or -1 reported. */
static int
check_columns(const struct hmm_encoded *of, const struct hmm_vectors *vectors, const char *modality)
{
	if (!of->name != !vectors->table || of->columns != vectors->width)
		return hmm_error("%s: %zu %s, want %zu %s of modality %s as elsewhere", vectors->file,
		    vectors->width, vectors->table ? "columns" : "numbers an array", of->columns,
		    of->name ? "columns" : "numbers an array", modality);
	for (size_t i = 0; of->name && i < of->columns; i++) {
		const char *name = vectors->table->header[vectors->column[i]];
		if (strcmp(of->name[i], name))
			return hmm_error("%s: column '%s', want '%s' of modality %s", vectors->file, name,
			    of->name[i], modality);
	}
	return 0;
}

static int
take_columns(struct hmm_encoded *of, const struct hmm_vectors *vectors)
{
	of->columns = vectors->width;
	of->coded = hmm_alloc(of->columns, sizeof(*of->coded));
	of->name = vectors->table ? hmm_alloc(of->columns, sizeof(*of->name)) : NULL;
	if (!of->coded || (vectors->table && !of->name))
		return -1;
	for (size_t i = 0; of->name && i < of->columns; i++)
		if (!(of->name[i] = hmm_strdup(vectors->table->header[vectors->column[i]])))
			return -1;
	return 0;
}

/* The rows of a modality in their order, to free(). NULL, reported. */
static size_t *
list_rows(size_t *count, const struct hmm_encoder_rows *rows, const char *modality)
{
	size_t *list = hmm_alloc(rows->manifest->rows, sizeof(*list));
	*count = 0;
	for (size_t i = 0; list && i < rows->manifest->rows; i++)
		if (!strcmp(hmm_table_cell(rows->manifest, rows->order[i], rows->modality), modality))
			list[(*count)++] = rows->order[i];
	return list;
}

static int
is_train(const struct hmm_encoder_rows *rows, size_t row)
{
	const char *split = hmm_table_cell(rows->manifest, row, rows->split);
	return split && !strcmp(split, "train");
}

/* A cell that has to be there is. 0, or -1 reported. */
static int
check_cell(const struct hmm_encoded *of, const struct hmm_encoder_rows *rows, size_t row, size_t c)
{
	const struct hmm_vectors *vectors = &rows->vectors[rows->file[row]];
	if (!rows->complete || hmm_vectors_cell(vectors, rows->at[row], c))
		return 0;
	return hmm_error("%s: row %zu: no %s, want a value with --complete", vectors->file,
	    rows->at[row] + 1, of->name[c]);
}

/* Every column of tables. 0, or -1 reported. */
static int
learn_tables(
    struct hmm_encoded *of, const struct hmm_encoder_rows *rows, const size_t *list, size_t count)
{
	struct hmm_coded_cell *cell = hmm_alloc(count, sizeof(*cell));
	int bad = !cell;
	for (size_t c = 0; c < of->columns && !bad; c++) {
		for (size_t i = 0; i < count && !bad; i++) {
			const struct hmm_vectors *vectors = &rows->vectors[rows->file[list[i]]];
			const size_t at = rows->at[list[i]];
			cell[i] = (struct hmm_coded_cell){
			    hmm_vectors_cell(vectors, at, c), vectors->table, at, is_train(rows, list[i])};
			bad = check_cell(of, rows, list[i], c);
		}
		bad = bad || hmm_coded_learn(&of->coded[c], of->name[c], cell, count);
		of->width += hmm_coded_width(&of->coded[c]);
	}
	free(cell);
	return bad ? -1 : 0;
}

/* Mean and scale of every number of arrays, in one pass over them (Welford, Technometrics 1962).
 * 0, or -1 reported. */
static int
learn_arrays(
    struct hmm_encoded *of, struct hmm_encoder_rows *rows, const size_t *list, size_t count)
{
	double *squares = hmm_alloc(of->columns, sizeof(*squares));
	size_t seen = 0;
	for (size_t i = 0; squares && i < count; i++) {
		if (!is_train(rows, list[i]))
			continue;
		const float *x = hmm_vectors_array(&rows->vectors[rows->file[list[i]]], rows->at[list[i]]);
		if (!x) {
			free(squares);
			return -1;
		}
		seen++;
		for (size_t c = 0; c < of->columns; c++) {
			const double off = (double)x[c] - of->coded[c].mean;
			of->coded[c].mean += off / (double)seen;
			squares[c] += off * ((double)x[c] - of->coded[c].mean);
		}
	}
	for (size_t c = 0; squares && c < of->columns; c++) {
		struct hmm_coded *coded = &of->coded[c];
		coded->numbers = 1;
		coded->scale = hmm_coded_scale(coded->mean, squares[c], seen);
	}
	of->width = of->columns;
	free(squares);
	return squares ? 0 : -1;
}

static int
learn_modality(struct hmm_encoder *encoder, struct hmm_encoder_rows *rows, size_t m)
{
	struct hmm_encoded *of = &encoder->of[m];
	const char *modality = encoder->modalities.name[m];
	size_t count;
	size_t *list = list_rows(&count, rows, modality);
	int bad = !list || take_columns(of, &rows->vectors[rows->file[list[0]]]);
	for (size_t i = 0; i < count && !bad; i++)
		bad = check_columns(of, &rows->vectors[rows->file[list[i]]], modality);
	bad = bad ||
	      (of->name ? learn_tables(of, rows, list, count) : learn_arrays(of, rows, list, count));
	if (!bad && of->width > HMM_ENCODER_WIDTH)
		bad = hmm_error(
		    "modality %s: %zu numbers, want at most %d", modality, of->width, HMM_ENCODER_WIDTH);
	if (!bad)
		hmm_say("%s: %zu %s%s in, %zu number%s out", modality, of->columns,
		    of->name ? "column" : "number", of->columns > 1 ? "s" : "", of->width,
		    of->width > 1 ? "s" : "");
	free(list);
	return bad ? -1 : 0;
}

int
hmm_encoder_learn(struct hmm_encoder *encoder, struct hmm_encoder_rows *rows)
{
	const struct hmm_table *manifest = rows->manifest;
	*encoder = (struct hmm_encoder){0};
	for (size_t row = 0; row < manifest->rows; row++)
		if (is_train(rows, row) && (hmm_names_add(&encoder->modalities,
		                                hmm_table_cell(manifest, row, rows->modality)) < 0 ||
		                               hmm_groups_add(&encoder->groups, HMM_SEEN_TRAINING,
		                                   hmm_table_cell(manifest, row, rows->group),
		                                   hmm_table_cell(manifest, row, rows->subject))))
			return -1;
	if (!encoder->modalities.count)
		return hmm_error("%s: no row of split 'train'", manifest->name);
	encoder->of = hmm_alloc(encoder->modalities.count, sizeof(*encoder->of));
	if (!encoder->of || hmm_names_sort(&encoder->modalities, NULL))
		return -1;
	for (size_t m = 0; m < encoder->modalities.count; m++)
		if (learn_modality(encoder, rows, m))
			return -1;
	return 0;
}

void
hmm_encoder_close(struct hmm_encoder *encoder)
{
	for (size_t m = 0; encoder->of && m < encoder->modalities.count; m++) {
		struct hmm_encoded *of = &encoder->of[m];
		for (size_t i = 0; i < of->columns; i++) {
			if (of->coded)
				hmm_coded_close(&of->coded[i]);
			if (of->name)
				free(of->name[i]);
		}
		free(of->coded);
		free(of->name);
	}
	free(encoder->of);
	hmm_names_close(&encoder->modalities);
	hmm_groups_close(&encoder->groups);
	*encoder = (struct hmm_encoder){0};
}

/* ---- applying ---- */

static const double far = 20; /* standard deviations */

/* What lies where nobody of the training does is of another unit, or wrong. */
static void
tell_far(const char *file, const char *subject, const char *column, double standardised)
{
	hmm_warn_counted(
	    "%s: %s: %s is %.3g standard deviations from the mean of training: in the same "
	    "unit?",
	    file, subject, column, fabs(standardised));
}

static int
write_table(float *x, const struct hmm_encoded *of, const struct hmm_encoder_rows *rows, size_t row)
{
	double number[HMM_ENCODER_WIDTH];
	const struct hmm_vectors *vectors = &rows->vectors[rows->file[row]];
	const char *subject = hmm_table_cell(rows->manifest, row, rows->subject);
	if (!hmm_vectors_stands(vectors, rows->at[row]))
		return hmm_error("%s: %s: no value in any column, want it left out of the manifest",
		    vectors->file, subject);
	for (size_t c = 0, i = 0; c < of->columns; c++) {
		const char *cell = hmm_vectors_cell(vectors, rows->at[row], c);
		const size_t width = hmm_coded_width(&of->coded[c]);
		if (check_cell(of, rows, row, c))
			return -1;
		const int unknown = hmm_coded_write(number, &of->coded[c], cell);
		if (unknown < 0)
			return hmm_error("%s: %s: %s '%s', want a number as in training, or n/a", vectors->file,
			    subject, of->name[c], cell);
		if (of->coded[c].numbers && fabs(number[0]) > far)
			tell_far(vectors->file, subject, of->name[c], number[0]);
		if (unknown)
			hmm_warn_counted("%s: %s: %s %s%s%s was not learned, and counts as the %s",
			    vectors->file, subject, of->name[c], cell ? "'" : "", cell ? cell : "missing",
			    cell ? "'" : "", of->coded[c].numbers ? "mean" : "absence of all values");
		for (size_t k = 0; k < width; k++)
			x[i++] = (float)number[k];
	}
	return 0;
}

static int
write_array(float *x, const struct hmm_encoded *of, struct hmm_encoder_rows *rows, size_t row)
{
	struct hmm_vectors *vectors = &rows->vectors[rows->file[row]];
	const char *subject = hmm_table_cell(rows->manifest, row, rows->subject);
	const float *array = hmm_vectors_array(vectors, rows->at[row]);
	char column[32];
	for (size_t c = 0; array && c < of->columns; c++) {
		x[c] = (float)(((double)array[c] - of->coded[c].mean) * of->coded[c].scale);
		if (fabs((double)x[c]) > far) {
			snprintf(column, sizeof(column), "number %zu", c + 1);
			tell_far(vectors->file, subject, column, (double)x[c]);
		}
	}
	return array ? 0 : -1;
}

size_t
hmm_encoder_write(
    float *x, const struct hmm_encoder *encoder, struct hmm_encoder_rows *rows, size_t row)
{
	char known[512];
	const struct hmm_vectors *vectors = &rows->vectors[rows->file[row]];
	const char *modality = hmm_table_cell(rows->manifest, row, rows->modality);
	const long m = hmm_names_find(&encoder->modalities, modality);
	if (m < 0) {
		hmm_error("%s: row %zu: modality '%s' was not learned, want %s", rows->manifest->name,
		    row + 1, modality, hmm_names_list(known, sizeof(known), &encoder->modalities));
		return 0;
	}
	const struct hmm_encoded *of = &encoder->of[m];
	return check_columns(of, vectors, modality) ||
	               (of->name ? write_table(x, of, rows, row) : write_array(x, of, rows, row))
	           ? 0
	           : of->width;
}
