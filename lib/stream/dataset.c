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

int
hmm_dataset_read(struct hmm_dataset *dataset, struct hmm_reader *reader)
{
	size_t capacity = 0;
	void *records = NULL;
	struct hmm_progress progress;
	int more = 1;
	*dataset = (struct hmm_dataset){0};
	hmm_progress_start(&progress, "reading", 0);
	while (more == 1) {
		if (hmm_grow(&records, &capacity, (dataset->count + 1) * sizeof(struct hmm_record)))
			return -1;
		dataset->record = records;
		struct hmm_record *record = &dataset->record[dataset->count];
		memset(record, 0, sizeof(*record));
		more = read_one(dataset, reader, record);
		if (more == 1)
			dataset->count++;
		else
			hmm_record_free(record);
		hmm_progress_step(&progress, (long)dataset->count);
	}
	hmm_progress_end(&progress);
	if (more < 0)
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
	free(dataset->record);
	*dataset = (struct hmm_dataset){0};
}
