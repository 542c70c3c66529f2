/* hmm-gather -c cache manifest.tsv | hmm-condition -w phi.safetensors | ... */
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/option.h"
#include "hmm/base/progress.h"
#include "hmm/data/order.h"
#include "hmm/data/table.h"
#include "hmm/stream/cache.h"
#include "hmm/stream/filter.h"
#include "hmm/stream/stamp.h"

static struct hmm_option_list caches;

static const struct hmm_option options[] = {
    HMM_OPTION_LIST('c', "cache", &caches, "DIR",
        "the folder that extract filled; again for one below it", HMM_UNNOTED),
    HMM_OPTION_SHOW_HISTORY,
};
static const struct hmm_usage usage = {"-c DIR [-c DIR]... [OPTION]... [MANIFEST] >features",
    "The cached feature blocks of a manifest's images, stamped with what it says of them.", options,
    HMM_COUNT_OF(options)};

/* A manifest on its way to the stream. */
struct gather {
	struct hmm_table *table;
	struct hmm_stamp stamp;
	int features; /* a column */
	size_t row;   /* the one in hand */
	struct hmm_writer *writer;
	struct hmm_record last; /* fields of the record before */
};

static int
open_manifest(struct gather *gather, const char *path)
{
	struct hmm_table *table = gather->table = hmm_table_read(path, '\t');
	if (!table)
		return -1;
	gather->features = hmm_table_find(table, "features");
	return hmm_stamp_open(&gather->stamp, table) ? -1
	       : gather->features < 0
	           ? hmm_error("%s: no column 'features': run extract on it first", table->name)
	           : 0;
}

static int
take(void *self, struct hmm_reader *reader, struct hmm_record *record)
{
	struct gather *gather = self;
	hmm_writer_follow(gather->writer, hmm_reader_history(reader));
	if (hmm_stamp_put(&gather->stamp, record, gather->row, hmm_reader_name(reader)) ||
	    (!strcmp(gather->last.subject, record->subject) &&
	        hmm_record_agree(&gather->last, record, gather->table->name)) ||
	    hmm_writer_put(gather->writer, record))
		return -1;
	hmm_record_copy_fields(&gather->last, record);
	return 0;
}

/* The blocks of the row in hand. */
static int
gather_row(struct gather *gather, struct hmm_record *record)
{
	const char *key = hmm_table_cell(gather->table, gather->row, gather->features);
	const char *image = hmm_table_cell(gather->table, gather->row, gather->stamp.path);
	image = image ? image : "n/a";
	if (!hmm_hash_is_digest(key))
		return hmm_error("%s: row %zu (%s): features '%s', want the 64 hexadecimal digits that "
		                 "extract writes",
		    gather->table->name, gather->row + 1, image, key ? key : "n/a");
	const int bad = hmm_cache_read(&caches, key, image, record, take, gather);
	hmm_writer_follow(gather->writer, NULL); /* that reader is gone */
	return bad;
}

static int
gather_rows(struct gather *gather, struct hmm_record *record)
{
	const size_t rows = gather->table->rows;
	const int columns[] = {
	    gather->stamp.subject, gather->stamp.modality, gather->stamp.path, gather->stamp.imputed};
	size_t *order = hmm_order_rows(gather->table, columns, HMM_COUNT_OF(columns));
	struct hmm_progress progress;
	if (!order)
		return -1;
	hmm_progress_start(&progress, "images", (long)rows);
	int bad = 0;
	for (size_t i = 0; i < rows && !bad; i++) {
		gather->row = order[i];
		bad = gather_row(gather, record);
		hmm_progress_step(&progress, (long)i);
	}
	hmm_progress_end(&progress);
	free(order);
	return bad;
}

int
main(int argc, char **argv)
{
	const int operand = hmm_option_parse(argc, argv, &usage);
	if ((!caches.count && !hmm_show_history) || argc - operand > 1)
		hmm_option_misuse("want -c DIR and at most one manifest");

	struct gather gather = {0};
	struct hmm_filter filter = {0};
	struct hmm_step step;
	int bad = hmm_filter_open(&filter, HMM_FEATURES) || hmm_step_make(&step, &usage, NULL);
	step.numerics[0] = '\0'; /* the blocks go on as they are */
	bad = bad || hmm_filter_step(&filter, &step) || hmm_cache_check_folders(&caches) ||
	      open_manifest(&gather, operand < argc ? argv[operand] : "-");

	gather.writer = filter.writer;
	if (!bad)
		hmm_writer_trust(filter.writer);
	bad = bad || gather_rows(&gather, &filter.record);

	hmm_table_free(gather.table);
	return hmm_filter_close(&filter, bad);
}
