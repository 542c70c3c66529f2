#include "hmm/stream/text.h"

#include <stdint.h>
#include <stdlib.h>

#include "fields.h"
#include "hmm/base/error.h"
#include "hmm/file/npy.h"
#include "hmm/stream/import.h"

static void
print_step(FILE *file, const struct hmm_step *step)
{
	struct hmm_step own = *step;
	struct hmm_step_field fields[HMM_STEP_FIELDS];
	hmm_step_fields(fields, &own);
	fputs("# ", file);
	for (size_t i = 0; i < HMM_STEP_FIELDS; i++)
		hmm_table_write(file, fields[i].text, i == 0);
	fputc('\n', file);
}

int
hmm_text_head(FILE *file, const struct hmm_reader *reader)
{
	const struct hmm_history *history = hmm_reader_history(reader);
	for (size_t c = 0; c < history->chains; c++) {
		const struct hmm_chain *chain = &history->chain[c];
		if (chain->modality) {
			fputs("# modality", file);
			hmm_table_write(file, chain->modality, 0);
			fputc('\n', file);
		}
		for (size_t i = 0; i < chain->count; i++)
			print_step(file, &chain->step[i]);
	}
	if (hmm_reader_streams(reader) != 1)
		return 0;
	for (int i = 0; i < HMM_FIELDS; i++)
		if (i != HMM_FIELD_IMPUTED && i != HMM_FIELD_EVENT)
			fprintf(file, "%s\t", hmm_field_names[i]);
	fprintf(file, "%s\t%s\n", hmm_field_names[HMM_FIELD_EVENT], hmm_field_names[HMM_FIELD_IMPUTED]);
	return 0;
}

static void
write_number(FILE *file, const struct hmm_record *record, int column)
{
	const long number = hmm_field_get_number(record, column);
	char text[24];
	snprintf(text, sizeof(text), "%ld", number);
	hmm_table_write(file, number < 0 ? NULL : text, 0);
}

int
hmm_text_record(FILE *file, const struct hmm_record *record, const char *npy)
{
	const struct hmm_summary summary = hmm_field_summary(&record->x);
	char text[128];
	for (int column = 0; column < HMM_FIELD_TEXTS; column++)
		if (column != HMM_FIELD_IMPUTED)
			hmm_table_write(file, hmm_field_get_text(record, column), column == 0);
	for (int column = HMM_FIELD_TEXTS; column < HMM_FIELD_EVENT; column++)
		write_number(file, record, column);
	hmm_shape_text(text, sizeof(text), record->x.shape, record->x.dimensions);
	hmm_table_write(file, text, 0);
	hmm_table_write(file, hmm_dtype_name(record->x.dtype), 0);
	fprintf(file, "\t%.6g\t%.6g\t%.6g", summary.mean, summary.least, summary.most);
	hmm_table_write(file, npy, 0);
	write_number(file, record, HMM_FIELD_EVENT);
	hmm_table_write(file, hmm_field_get_text(record, HMM_FIELD_IMPUTED), 0);
	fputc('\n', file);
	return 0;
}

/* A number of a row, from 0; -1 where there is none, -2 reported. */
static long
read_number(const struct hmm_table *table, size_t row, const char *column)
{
	const char *cell = hmm_table_cell(table, row, hmm_table_find(table, column));
	char *end;
	const long number = cell ? strtol(cell, &end, 10) : -1;
	if (!cell || (end != cell && !*end && number >= 0 && number <= INT32_MAX))
		return number;
	hmm_error("%s: row %zu: %s '%s', want a small number", table->name, row + 1, column, cell);
	return -2;
}

int
hmm_text_read(
    struct hmm_record *record, const struct hmm_table *table, size_t row, enum hmm_kind kind)
{
	char place[1000];
	hmm_import_place(place, sizeof(place), table, row);
	hmm_record_clear(record);
	for (int i = 0; i < HMM_FIELD_TEXTS; i++) {
		const char *name = hmm_field_names[i];
		const char *cell = hmm_table_cell(table, row, hmm_table_find(table, name));
		size_t size;
		char *field = hmm_field_text(record, i, &size);
		if (cell && (i == HMM_FIELD_LABEL ? hmm_record_label(record, cell)
		                                  : hmm_record_set(field, size, name, cell)))
			return -1;
	}
	record->index = read_number(table, row, "index");
	record->count = record->index < -1 ? -2 : read_number(table, row, "count");
	const long event = record->count < -1 ? -2 : read_number(table, row, "event");
	if (event < -1)
		return -1;
	if (event > 1)
		return hmm_error("%s: event %ld, want 0, 1 or n/a", place, event);
	record->event = (int)event;
	const char *npy = hmm_table_cell(table, row, hmm_table_find(table, "npy"));
	if (!npy)
		return hmm_error("%s: no file in column 'npy'", place);
	return hmm_npy_read(&record->x, npy, place) || hmm_import_tensor(&record->x, kind, place) ? -1
	                                                                                          : 0;
}
