#include "hmm/stream/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/progress.h"

static int
read_one(struct hmm_dataset *dataset, struct hmm_reader *reader, struct hmm_record *record)
{
	const struct hmm_tensor *first = &dataset->record[0].x;
	const int more = hmm_reader_next(reader, record);
	if (more != 1)
		return more;
	if (dataset->count && !hmm_tensor_is(&record->x, first->shape, first->dimensions)) {
		char place[600], have[128], want[128];
		return hmm_error("%s: %s: shape %s, want %s as in record 1", hmm_reader_name(reader),
		    hmm_record_place(place, sizeof(place), record, hmm_reader_number(reader)),
		    hmm_shape_text(have, sizeof(have), record->x.shape, record->x.dimensions),
		    hmm_shape_text(want, sizeof(want), first->shape, first->dimensions));
	}
	return 1;
}

/* Read all records in the order in which they come. 0, or -1 reported. */
static int
read_all(struct hmm_dataset *dataset, struct hmm_reader *reader)
{
	struct hmm_progress progress;
	size_t history = 0;
	long streams = 0;
	int more = 1;
	hmm_progress_start(&progress, "reading", 0);
	while (more == 1) {
		void *records = dataset->record;
		if (hmm_grow(
		        &records, &dataset->capacity, (dataset->count + 1) * sizeof(struct hmm_record))) {
			more = -1;
			break;
		}
		dataset->record = records;
		struct hmm_record *record = &dataset->record[dataset->count];
		memset(record, 0, sizeof(*record));
		more = read_one(dataset, reader, record);
		if (more == 1 && streams != hmm_reader_streams(reader)) {
			streams = hmm_reader_streams(reader);
			more =
			    hmm_histories_number(&dataset->past, &history, hmm_reader_history(reader)) ? -1 : 1;
		}
		record->history = history;
		if (more == 1)
			dataset->count++;
		else
			hmm_record_free(record);
		hmm_progress_step(&progress, (long)dataset->count);
	}
	hmm_progress_end(&progress);
	return more;
}

int
hmm_dataset_read(struct hmm_dataset *dataset, struct hmm_reader *reader)
{
	*dataset = (struct hmm_dataset){0};
	if (read_all(dataset, reader))
		return -1;
	if (dataset->count == 0)
		return hmm_error("%s: no records", hmm_reader_name(reader));
	qsort(dataset->record, dataset->count, sizeof(struct hmm_record), hmm_record_compare);
	for (size_t i = 1; i < dataset->count; i++)
		if (!strcmp(dataset->record[i].subject, dataset->record[i - 1].subject) &&
		    hmm_record_agree(&dataset->record[i - 1], &dataset->record[i], hmm_reader_name(reader)))
			return -1;
	return 0;
}

void
hmm_dataset_free(struct hmm_dataset *dataset)
{
	for (size_t i = 0; i < dataset->count; i++)
		hmm_record_free(&dataset->record[i]);
	hmm_histories_free(&dataset->past);
	free(dataset->record);
	*dataset = (struct hmm_dataset){0};
}
