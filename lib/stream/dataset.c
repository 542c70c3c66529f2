#include "hmm/stream/dataset.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "dataset_block.h"
#include "fields.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/progress.h"
#include "xxh3.h"

enum { PIECE = 4096 }; /* bytes of two blocks that are compared at once */

/* ---- names ---- */

/* Give a sample the record's names: those of the sample before it where they are the same, as most
 * are, else the one copy that the data set has of them. 0, or -1 reported. */
static int
take_names(struct hmm_names *names, struct hmm_sample *sample, const struct hmm_record *record,
    struct hmm_sample *before)
{
	for (int i = 0; i < HMM_FIELD_TEXTS; i++) {
		const char *text = hmm_field_get_text(record, i);
		const char **field = hmm_sample_text(sample, i);
		*field = before ? *hmm_sample_text(before, i) : "";
		if (!strcmp(*field, text ? text : ""))
			continue;
		const long number = text ? hmm_names_add(names, text) : 0;
		if (number < 0)
			return -1;
		*field = text ? names->name[number] : "";
	}
	return 0;
}

/* ---- reading ---- */

static int
refuse_shape(const struct hmm_reader *reader, const struct hmm_record *record, const size_t want[3],
    const char *as)
{
	char place[600], have[128], wanted[128];
	return hmm_error("%s: %s: shape %s, want %s as %s", hmm_reader_name(reader),
	    hmm_record_place(place, sizeof(place), record, hmm_reader_number(reader)),
	    hmm_shape_text(have, sizeof(have), record->x.shape, 3),
	    hmm_shape_text(wanted, sizeof(wanted), want, 3), as);
}

/* A record of another modality's number of channels, as features may have: *channels is its own
 * modality's. 0, or -1 reported: it has another. */
static int
check_channels(struct hmm_dataset *dataset, const struct hmm_reader *reader,
    const struct hmm_record *record, const char *modality)
{
	const size_t *shape = record->x.shape;
	const size_t number = (size_t)hmm_names_find(&dataset->names, modality);
	const size_t had = dataset->channels_capacity / sizeof(unsigned);
	void *channels = dataset->channels;
	if (number >= had) {
		if (hmm_grow(&channels, &dataset->channels_capacity, (number + 1) * sizeof(unsigned)))
			return -1;
		dataset->channels = channels;
		const size_t now = dataset->channels_capacity / sizeof(unsigned);
		memset(dataset->channels + had, 0, (now - had) * sizeof(unsigned));
	}
	unsigned *own = &dataset->channels[number];
	*own = *own ? *own : (unsigned)shape[0];
	return shape[0] == *own ? 0
	                        : refuse_shape(reader, record, (size_t[]){*own, shape[1], shape[2]},
	                              "those before it of its modality");
}

/* The shape of a record whose names the sample has; the data set's grows with it. 0, or -1
 * reported. */
static int
take_shape(struct hmm_dataset *dataset, const struct hmm_reader *reader,
    const struct hmm_record *record, struct hmm_sample *sample)
{
	size_t *shape = dataset->x.shape;
	if (dataset->count == 0) {
		dataset->x =
		    (struct hmm_tensor){.dtype = record->x.dtype, .dimensions = record->x.dimensions};
		memcpy(shape, record->x.shape, sizeof(dataset->x.shape));
	}
	const int own = hmm_reader_kind(reader) == HMM_FEATURES && sample->modality[0];
	const size_t want[3] = {own ? record->x.shape[0] : shape[0], shape[1], shape[2]};
	if (record->x.shape[0] > UINT_MAX || !hmm_tensor_is(&record->x, want, 3))
		return refuse_shape(reader, record, want, "in record 1");
	if (own && check_channels(dataset, reader, record, sample->modality))
		return -1;
	sample->channels = (unsigned)record->x.shape[0];
	if (dataset->count == 0 || sample->channels > shape[0]) {
		size_t count = 0;
		shape[0] = sample->channels;
		hmm_tensor_count(&dataset->x, &count); /* the reader has seen to it that these fit */
		dataset->bytes = count * hmm_dtype_size(dataset->x.dtype);
	}
	return 0;
}

/* Add the record that was read last. Unless it can be read again its block becomes the sample's. 0,
 * or -1 reported. */
static int
add(struct hmm_dataset *dataset, const struct hmm_reader *reader, struct hmm_record *record,
    size_t history)
{
	void *samples = dataset->sample;
	const size_t count = dataset->count;
	if (hmm_grow(&samples, &dataset->capacity, (count + 1) * sizeof(struct hmm_sample)))
		return -1;
	dataset->sample = samples;
	struct hmm_sample *sample = &dataset->sample[count];
	*sample = (struct hmm_sample){.event = record->event,
	    .index = record->index,
	    .history = history,
	    .number = (size_t)hmm_reader_number(reader)};
	if (take_names(&dataset->names, sample, record, count ? sample - 1 : NULL) ||
	    take_shape(dataset, reader, record, sample))
		return -1;
	sample->hash = XXH3_64bits(record->x.data, hmm_dataset_own_bytes(dataset, sample));
	if (dataset->file < 0) {
		sample->x = record->x.data;
		record->x = (struct hmm_tensor){0};
	} else {
		sample->at = hmm_reader_at(reader);
	}
	dataset->count++;
	return 0;
}

/* Read all records in the order in which they come. 0, or -1 reported. */
static int
read_all(struct hmm_dataset *dataset, struct hmm_reader *reader)
{
	struct hmm_record record = {0};
	struct hmm_progress progress;
	size_t history = 0;
	long streams = 0;
	int more;
	hmm_progress_start(&progress, "reading", 0);
	while ((more = hmm_reader_next(reader, &record)) == 1) {
		const int next = streams != hmm_reader_streams(reader);
		streams = hmm_reader_streams(reader);
		if ((next && hmm_histories_number(&dataset->past, &history, hmm_reader_history(reader))) ||
		    add(dataset, reader, &record, history)) {
			more = -1;
			break;
		}
		hmm_progress_step(&progress, (long)dataset->count);
	}
	hmm_progress_end(&progress);
	hmm_record_free(&record);
	return more;
}

/* ---- order ---- */

static int
by_rank(const void *left, const void *right)
{
	const struct hmm_sample *a = left, *b = right;
	return hmm_rank_compare(
	    &(struct hmm_rank){a->subject, a->modality, a->source, a->imputed, a->index},
	    &(struct hmm_rank){b->subject, b->modality, b->source, b->imputed, b->index});
}

/* Records of one subject agree on what it is. 0, or -1 reported. */
static int
check_subjects(const struct hmm_dataset *dataset, const char *name)
{
	struct hmm_record a, b;
	for (size_t i = 1; i < dataset->count; i++) {
		const struct hmm_sample *before = &dataset->sample[i - 1], *sample = before + 1;
		if (strcmp(sample->subject, before->subject) ||
		    (sample->label == before->label && sample->event == before->event &&
		        sample->group == before->group && sample->split == before->split))
			continue;
		hmm_sample_fields(&a, before);
		hmm_sample_fields(&b, sample);
		if (hmm_record_agree(&a, &b, name))
			return -1;
	}
	return 0;
}

/* One of several samples that their names do not tell apart. */
struct tie {
	const struct hmm_dataset *dataset;
	int *bad; /* set where a block cannot be read */
	struct hmm_sample sample;
};

/* The order of two blocks in the file, of which most differ early. */
static int
compare_parts(const struct tie *a, const struct tie *b)
{
	const size_t bytes = hmm_dataset_own_bytes(a->dataset, &a->sample); /* of one modality */
	char one[PIECE], other[PIECE];
	int order = 0;
	for (size_t from = 0; from < bytes && !order && !*a->bad; from += PIECE) {
		const size_t size = bytes - from < PIECE ? bytes - from : PIECE;
		*a->bad = hmm_dataset_read_part(a->dataset, &a->sample, one, from, size) ||
		          hmm_dataset_read_part(a->dataset, &b->sample, other, from, size);
		order = *a->bad ? 0 : memcmp(one, other, size);
	}
	return order;
}

static int
by_bytes(const void *left, const void *right)
{
	const struct tie *a = left, *b = right;
	int order = 0;
	if (a->sample.x)
		order = memcmp(a->sample.x, b->sample.x, hmm_dataset_own_bytes(a->dataset, &a->sample));
	else if (a->sample.hash != b->sample.hash)
		order = compare_parts(a, b);
	return order ? order
	             : (a->sample.number > b->sample.number) - (a->sample.number < b->sample.number);
}

/* Put samples first..end-1, which are tied, in the order of their blocks. 0, or -1 reported. */
static int
sort_ties(struct hmm_dataset *dataset, size_t first, size_t end)
{
	const size_t count = end - first;
	struct hmm_sample *sample = dataset->sample + first;
	struct tie *tie = hmm_alloc(count, sizeof(*tie));
	int bad = 0;
	if (!tie)
		return -1;
	for (size_t i = 0; i < count; i++)
		tie[i] = (struct tie){dataset, &bad, sample[i]};
	qsort(tie, count, sizeof(*tie), by_bytes);
	for (size_t i = 0; i < count; i++)
		sample[i] = tie[i].sample;
	free(tie);
	return bad ? -1 : 0;
}

/* The canonical order, see hmm_record_compare(). 0, or -1 reported. */
static int
sort(struct hmm_dataset *dataset)
{
	struct hmm_sample *sample = dataset->sample;
	qsort(sample, dataset->count, sizeof(*sample), by_rank);
	for (size_t first = 0, end; first < dataset->count; first = end) {
		for (end = first + 1; end < dataset->count && !by_rank(&sample[first], &sample[end]); end++)
			;
		if (end - first > 1 && sort_ties(dataset, first, end))
			return -1;
	}
	return 0;
}

/* ---- all ---- */

int
hmm_dataset_read(struct hmm_dataset *dataset, struct hmm_reader *reader)
{
	*dataset = (struct hmm_dataset){
	    .file = hmm_reader_file(reader), .name = hmm_strdup(hmm_reader_name(reader))};
	if (!dataset->name || read_all(dataset, reader))
		return -1;
	if (dataset->count == 0)
		return hmm_error("%s: no records", hmm_reader_name(reader));
	return sort(dataset) || check_subjects(dataset, hmm_reader_name(reader)) ||
	               hmm_dataset_pad(dataset, dataset->x.shape[0])
	           ? -1
	           : 0;
}

void
hmm_dataset_free(struct hmm_dataset *dataset)
{
	for (size_t i = 0; i < dataset->count; i++)
		free(dataset->sample[i].x);
	hmm_histories_free(&dataset->past);
	hmm_names_close(&dataset->names);
	free(dataset->channels);
	free(dataset->name);
	free(dataset->sample);
	*dataset = (struct hmm_dataset){0};
}
