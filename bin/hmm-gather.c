/* hmm-gather -c cache manifest.tsv | hmm-condition -w phi.safetensors | ... */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/data/manifest.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/base/progress.h"
#include "hmm/stream/stream.h"
#include "hmm/data/table.h"

static const char *cache;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('c', "cache", &cache, "DIR", "the folder that extract filled", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"-c DIR [OPTION]... [MANIFEST] >features",
    "The cached feature blocks of a manifest's images, stamped with what it says of them.", options,
    HMM_COUNT_OF(options)};

struct manifest {
	struct hmm_table *table;
	int subject, modality, label, group, split, path, features; /* columns */
};

static const struct manifest *sorting; /* qsort(3) passes no context */

static int
by_cell(size_t a, size_t b, int column)
{
	const char *left = hmm_table_cell(sorting->table, a, column);
	const char *right = hmm_table_cell(sorting->table, b, column);
	return strcmp(left ? left : "", right ? right : "");
}

static int
by_subject(const void *left, const void *right)
{
	const size_t a = *(const size_t *)left, b = *(const size_t *)right;
	int order = by_cell(a, b, sorting->subject);
	order = order ? order : by_cell(a, b, sorting->modality);
	return order ? order : by_cell(a, b, sorting->path);
}

static int
open_manifest(struct manifest *manifest, const char *path)
{
	struct hmm_table *table = hmm_table_read(path, '\t');
	if (!table)
		return -1;
	*manifest = (struct manifest){.table = table,
	    .subject = hmm_table_want(table, "subject"),
	    .modality = hmm_table_want(table, "modality"),
	    .path = hmm_table_want(table, "path"),
	    .label = hmm_table_find(table, "label"),
	    .group = hmm_table_find(table, "group"),
	    .split = hmm_table_find(table, "split"),
	    .features = hmm_table_find(table, "features")};
	if (manifest->subject < 0 || manifest->modality < 0 || manifest->path < 0)
		return -1;
	if (manifest->features < 0)
		return hmm_error(
		    "%s: no column 'features': run pipelines/extract on it first", table->name);
	return hmm_manifest_check(table, NULL, 0);
}

static int
set_field(char *field, size_t size, const struct manifest *manifest, size_t row, int column)
{
	const char *cell = hmm_table_cell(manifest->table, row, column);
	field[0] = '\0';
	return cell ? hmm_record_set(field, size, manifest->table->header[column], cell) : 0;
}

/* Stamp the record with what the manifest's row says. */
static int
stamp(struct hmm_record *record, const struct manifest *m, size_t row)
{
	const struct {
		char *field;
		size_t size;
		int column;
	} fields[] = {{record->subject, sizeof(record->subject), m->subject},
	    {record->modality, sizeof(record->modality), m->modality},
	    {record->group, sizeof(record->group), m->group},
	    {record->split, sizeof(record->split), m->split},
	    {record->source, sizeof(record->source), m->path}};
	for (size_t i = 0; i < HMM_COUNT_OF(fields); i++)
		if (set_field(fields[i].field, fields[i].size, m, row, fields[i].column))
			return -1;
	record->label = hmm_table_label(m->table, row, m->label);
	return record->label < -1 ? -1 : 0;
}

/* The cache's file of a row: DIR/ab/ab....hmm. NULL, reported. */
static FILE *
open_entry(char *path, size_t size, const struct manifest *manifest, size_t row)
{
	const char *key = hmm_table_cell(manifest->table, row, manifest->features);
	const char *image = hmm_table_cell(manifest->table, row, manifest->path);
	image = image ? image : "n/a";
	if (!key || strlen(key) != 64 || strspn(key, "0123456789abcdef") != 64) {
		hmm_error("%s: row %zu (%s): features '%s', want the 64 hexadecimal digits that "
		          "pipelines/extract writes",
		    manifest->table->name, row + 1, image, key ? key : "n/a");
		return NULL;
	}
	snprintf(path, size, "%s/%.2s/%s.hmm", cache, key, key);
	FILE *file = fopen(path, "rb");
	if (!file)
		hmm_error("%s: cannot open: %s (the features of %s: run pipelines/extract)", path,
		    strerror(errno), image);
	return file;
}

static int
gather_row(const struct manifest *manifest, size_t row, struct hmm_writer *writer,
    struct hmm_record *record, struct hmm_record *last)
{
	char path[4200];
	FILE *file = open_entry(path, sizeof(path), manifest, row);
	struct hmm_reader *reader = file ? hmm_reader_open(file, path, HMM_FEATURES) : NULL;
	int more = reader ? 1 : -1;
	while (more == 1 && (more = hmm_reader_next(reader, record)) == 1) {
		hmm_writer_follow(writer, reader);
		if (stamp(record, manifest, row) ||
		    (!strcmp(last->subject, record->subject) &&
		        hmm_record_agree(last, record, manifest->table->name)) ||
		    hmm_writer_put(writer, record))
			more = -1;
		hmm_record_copy_fields(last, record);
	}
	if (reader && more == 0 && hmm_reader_number(reader) == 0)
		more = hmm_error("%s: no features in it", path);
	hmm_reader_close(reader);
	if (file)
		fclose(file);
	return more;
}

static int
gather(const struct manifest *manifest, struct hmm_writer *writer)
{
	const size_t rows = manifest->table->rows;
	size_t *order = hmm_alloc(rows, sizeof(*order));
	struct hmm_record record = {0}, last = {0};
	struct hmm_progress progress;
	if (!order)
		return -1;
	for (size_t i = 0; i < rows; i++)
		order[i] = i;
	sorting = manifest;
	qsort(order, rows, sizeof(*order), by_subject);
	hmm_progress_start(&progress, "images", (long)rows);
	int bad = 0;
	for (size_t i = 0; i < rows && !bad; i++) {
		bad = gather_row(manifest, order[i], writer, &record, &last);
		hmm_progress_step(&progress, (long)i);
	}
	hmm_progress_end(&progress);
	hmm_record_free(&record);
	free(order);
	return bad;
}

int
main(int argc, char **argv)
{
	const int operand = hmm_option_parse(argc, argv, &usage);
	if (!cache || argc - operand > 1)
		hmm_option_misuse("want -c DIR and at most one manifest");

	struct manifest manifest = {0};
	struct hmm_filter filter = {0};
	const struct hmm_step step = {"", NULL};
	int bad = open_manifest(&manifest, operand < argc ? argv[operand] : "-") ||
	          !(filter.writer = hmm_writer_open(stdout, "standard output", HMM_FEATURES, &step));

	bad = bad || gather(&manifest, filter.writer);
	if (filter.writer)
		hmm_writer_follow(filter.writer, NULL);

	hmm_table_free(manifest.table);
	return hmm_filter_close(&filter, bad);
}
