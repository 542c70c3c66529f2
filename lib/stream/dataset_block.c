#include "dataset_block.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "xxh3.h"

enum {
	FETCHED =
	    128 * 1024 /* bytes that Linux fetches of any disk when it is asked to, of most more */
};

/* What was seen at that place with a right checksum behind it is not there any more. */
static int
refuse_change(const struct hmm_dataset *dataset, const struct hmm_sample *sample)
{
	struct hmm_record record;
	char place[600];
	hmm_sample_fields(&record, sample);
	return hmm_error("%s: %s changed while it was read: want a file that stays as it is",
	    dataset->name, hmm_record_place(place, sizeof(place), &record, (long)sample->number));
}

int
hmm_dataset_read_part(const struct hmm_dataset *dataset, const struct hmm_sample *sample,
    void *bytes, size_t from, size_t size)
{
	for (size_t had = 0; had < size;) {
		const ssize_t got =
		    pread(dataset->file, (char *)bytes + had, size - had, sample->at + (off_t)(from + had));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return hmm_error("%s: cannot read: %s", dataset->name, strerror(errno));
		if (got == 0)
			return refuse_change(dataset, sample);
		had += (size_t)got;
	}
	return 0;
}

size_t
hmm_dataset_own_bytes(const struct hmm_dataset *dataset, const struct hmm_sample *sample)
{
	return dataset->bytes / dataset->x.shape[0] * sample->channels;
}

void *
hmm_dataset_block(const struct hmm_dataset *dataset, const struct hmm_sample *sample, void *buffer)
{
	const size_t own = hmm_dataset_own_bytes(dataset, sample);
	if (sample->x)
		return sample->x;
	if (hmm_dataset_read_part(dataset, sample, buffer, 0, own))
		return NULL;
	if (XXH3_64bits(buffer, own) != sample->hash) {
		refuse_change(dataset, sample);
		return NULL;
	}
	memset((char *)buffer + own, 0, dataset->bytes - own);
	return buffer;
}

void
hmm_dataset_expect(const struct hmm_dataset *dataset, const struct hmm_sample *first,
    const struct hmm_sample *last)
{
	const off_t end = last->at + (off_t)hmm_dataset_own_bytes(dataset, last);
	/* as much in one go as the system likes; then what it did not */
	posix_fadvise(dataset->file, first->at, end - first->at, POSIX_FADV_WILLNEED);
	for (off_t from = first->at + FETCHED; from < end; from += FETCHED)
		posix_fadvise(
		    dataset->file, from, end - from < FETCHED ? end - from : FETCHED, POSIX_FADV_WILLNEED);
}

size_t
hmm_dataset_channels(const struct hmm_dataset *dataset, const char *modality)
{
	const long number = hmm_names_find(&dataset->names, modality);
	const size_t had = dataset->channels_capacity / sizeof(unsigned);
	return number < 0 || (size_t)number >= had ? 0 : dataset->channels[number];
}

int
hmm_dataset_pad(struct hmm_dataset *dataset, size_t channels)
{
	const size_t channel = dataset->bytes / dataset->x.shape[0];
	channels = channels > dataset->x.shape[0] ? channels : dataset->x.shape[0];
	for (size_t i = 0; i < dataset->count && dataset->sample[i].x; i++) {
		struct hmm_sample *sample = &dataset->sample[i];
		const size_t own = sample->channels * channel, bytes = channels * channel;
		if (own == bytes)
			continue;
		char *x = hmm_alloc_raw(1, bytes);
		if (!x)
			return -1;
		memcpy(x, sample->x, own);
		memset(x + own, 0, bytes - own);
		free(sample->x);
		sample->x = x;
	}
	dataset->x.shape[0] = channels;
	dataset->bytes = channels * channel;
	return 0;
}
