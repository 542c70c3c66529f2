#include "hmm/stream/stamp.h"

#include <string.h>

#include "hmm/base/error.h"
#include "hmm/data/manifest.h"
#include "hmm/file/files.h"

int
hmm_stamp_open(struct hmm_stamp *stamp, const struct hmm_table *table)
{
	*stamp = (struct hmm_stamp){.table = table,
	    .subject = hmm_table_want(table, "subject"),
	    .label = hmm_table_find(table, "label"),
	    .event = hmm_table_find(table, "event"),
	    .group = hmm_table_find(table, "group"),
	    .split = hmm_table_find(table, "split"),
	    .imputed = hmm_table_find(table, HMM_IMPUTED)};
	if (stamp->subject < 0 || (stamp->modality = hmm_table_want(table, "modality")) < 0 ||
	    (stamp->path = hmm_table_want(table, "path")) < 0)
		return -1;
	/* labels of any target, which whoever learns from them knows */
	return hmm_manifest_check_target(table, HMM_CLASSES, NULL, 0);
}

/* The features of an imputed image are no real one's, and no other generator's. */
static int
check_imputed(
    const struct hmm_stamp *stamp, const struct hmm_record *record, size_t row, const char *entry)
{
	const char *want = hmm_table_cell(stamp->table, row, stamp->imputed);
	if (!strcmp(record->imputed, want ? want : ""))
		return 0;
	return hmm_error("%s: row %zu (%s): found features of %s%.12s in %s, want those of %s%.12s",
	    stamp->table->name, row + 1, hmm_table_cell(stamp->table, row, stamp->path),
	    record->imputed[0] ? "an image imputed by " : "a real image", record->imputed, entry,
	    want ? "one imputed by " : "a real one", want ? want : "");
}

static int
set_fields(const struct hmm_stamp *stamp, struct hmm_record *record, size_t row)
{
	const struct hmm_table *table = stamp->table;
	const struct {
		char *field;
		size_t size;
		int column;
	} fields[] = {{record->subject, sizeof(record->subject), stamp->subject},
	    {record->modality, sizeof(record->modality), stamp->modality},
	    {record->group, sizeof(record->group), stamp->group},
	    {record->split, sizeof(record->split), stamp->split},
	    {record->source, sizeof(record->source), stamp->path}};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const char *cell = hmm_table_cell(table, row, fields[i].column);
		if (hmm_record_set(fields[i].field, fields[i].size,
		        cell ? table->header[fields[i].column] : "", cell ? cell : ""))
			return -1;
	}
	hmm_record_event(record, hmm_table_cell(table, row, stamp->event));
	return hmm_record_label(record, hmm_table_cell(table, row, stamp->label));
}

int
hmm_stamp_put(
    const struct hmm_stamp *stamp, struct hmm_record *record, size_t row, const char *entry)
{
	return check_imputed(stamp, record, row, entry) || set_fields(stamp, record, row) ? -1 : 0;
}

int
hmm_stamp_print_files(FILE *file, const struct hmm_stamp_image *image)
{
	struct hmm_files files;
	if (hmm_files_list(&files, image->path, image->mask))
		return -1;
	for (size_t i = 0; i < files.count; i++) {
		hmm_table_write(file, image->path, 1);
		hmm_table_write(file, i < files.image ? "image" : "mask", 0);
		hmm_table_write(file, files.path[i], 0);
		putc('\n', file);
	}
	hmm_files_free(&files);
	return 0;
}

static const char *
cell_of(const struct hmm_table *table, size_t row, const char *column)
{
	return hmm_table_cell(table, row, hmm_table_find(table, column));
}

int
hmm_stamp_source(struct hmm_stamp_image *image, const struct hmm_stamp *stamp,
    struct hmm_record *record, const struct hmm_table *table, size_t row, const char *as)
{
	const int column = hmm_table_find(table, HMM_IMPUTED);
	const char *generator = hmm_table_cell(table, row, column);
	hmm_record_clear(record);
	*image = (struct hmm_stamp_image){cell_of(table, row, "path"), cell_of(table, row, "mask"),
	    cell_of(table, row, "features"), cell_of(table, row, "sha256")};
	if (!image->path)
		return hmm_error("%s: row %zu: no path", table->name, row + 1);
	if (stamp && set_fields(stamp, record, row))
		return -1;
	if (strchr(record->modality, '+'))
		return hmm_error(
		    "%s: row %zu: modality '%s' has a '+', which joins the modalities of a set",
		    table->name, row + 1, record->modality);
	if (!generator || hmm_manifest_imputed(table, row, column))
		return generator ? -1 : 0;
	if (as)
		return hmm_record_set(record->modality, sizeof(record->modality), "modality", as);
	return hmm_error("%s: row %zu (%s): imputed by %.12s and no image of its own: --as MODALITY "
	                 "cuts what it was imputed from, for hmm-gan",
	    table->name, row + 1, image->path, generator);
}

int
hmm_stamp_check(const struct hmm_stamp *stamp, struct hmm_record *record,
    const struct hmm_table *table, const char *as, int rows)
{
	struct hmm_stamp_image image;
	int bad = 0;
	if (as && (!*as || strchr(as, '+')))
		bad = hmm_error("--as: found '%s', want one modality", as);
	for (size_t row = 0; rows && !bad && row < table->rows; row++)
		bad = hmm_stamp_source(&image, stamp, record, table, row, as);
	return bad ? -1 : 0;
}
