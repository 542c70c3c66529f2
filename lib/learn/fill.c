#include "hmm/learn/fill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* A latent that the means may be of: how it was made. 0, or -1 reported. */
static int
note(void *self, struct hmm_reader *reader, const struct hmm_record *record)
{
	struct hmm_fill *fill = self;
	if (!record->modality[0])
		return hmm_error("%s: record %ld: want a modality", fill->path, hmm_reader_number(reader));
	return strcmp(record->split, "train")
	           ? 0
	           : hmm_history_take(&fill->history, hmm_reader_history(reader), record->modality);
}

/* The digest of the shape, names and means. 0, or -1 reported. */
static int
make_digest(struct hmm_fill *fill)
{
	const struct hmm_means *means = &fill->means;
	const size_t bytes = means->size * sizeof(float);
	size_t size = sizeof(means->shape), used = size;
	for (size_t m = 0; m < means->names.count; m++)
		size += strlen(means->names.name[m]) + 1 + bytes;
	unsigned char *all = hmm_alloc_raw(size, 1);
	if (!all)
		return -1;
	memcpy(all, means->shape, sizeof(means->shape));
	for (size_t m = 0; m < means->names.count; m++) {
		const size_t length = strlen(means->names.name[m]) + 1;
		memcpy(all + used, means->names.name[m], length);
		memcpy(all + used + length, means->mean + m * means->size, bytes);
		used += length + bytes;
	}
	const int bad = hmm_hash_bytes(fill->digest, all, size);
	free(all);
	return bad;
}

int
hmm_fill_open(struct hmm_fill *fill, const char *path)
{
	*fill = (struct hmm_fill){.path = path};
	return hmm_means_read(&fill->means, path, note, fill) || make_digest(fill) ? -1 : 0;
}

void
hmm_fill_close(struct hmm_fill *fill)
{
	hmm_means_close(&fill->means);
	hmm_history_free(&fill->history);
	*fill = (struct hmm_fill){0};
}

/* Whether two chains part at a step of one program. What one of them has more, as an imputed image
 * its generator, makes no other kind of latent. */
static int
part(struct hmm_difference *difference, const struct hmm_chain *a, const struct hmm_chain *b)
{
	return hmm_history_differ_real(difference, a, b) && difference->have && difference->want &&
	       !strcmp(difference->have->program, difference->want->program);
}

int
hmm_fill_fits(
    const struct hmm_fill *fill, const struct hmm_reader *reader, const struct hmm_record *record)
{
	const struct hmm_history *history = hmm_reader_history(reader);
	const struct hmm_means *means = &fill->means;
	struct hmm_difference difference;
	char have[HMM_DIFFERENCE], want[HMM_DIFFERENCE], place[600];
	hmm_record_place(place, sizeof(place), record, hmm_reader_number(reader));
	if (memcmp(means->shape, record->x.shape, sizeof(means->shape)))
		return hmm_error("%s: shape %s, want %s as in %s", place,
		    hmm_shape_text(have, sizeof(have), record->x.shape, 3),
		    hmm_shape_text(want, sizeof(want), means->shape, 3), fill->path);
	for (size_t i = 0; i < history->chains; i++)
		for (size_t k = 0; k < fill->history.chains; k++) {
			const struct hmm_chain *chain = &fill->history.chain[k];
			if (strcmp(chain->modality, record->modality) ||
			    !part(&difference, &history->chain[i], chain))
				continue;
			hmm_history_tell(have, want, &difference);
			return hmm_error(
			    "%s: it was %s, but the latents of %s were %s", place, have, fill->path, want);
		}
	return 0;
}

int
hmm_fill_record(const struct hmm_fill *fill, size_t number, struct hmm_record *record,
    const struct hmm_record *of)
{
	const struct hmm_means *means = &fill->means;
	hmm_record_copy_fields(record, of);
	snprintf(record->modality, sizeof(record->modality), "%s", means->names.name[number]);
	memcpy(record->imputed, fill->digest, sizeof(fill->digest));
	record->source[0] = '\0';
	record->index = -1;
	if (hmm_tensor_resize(&record->x, HMM_F32, means->shape, 3))
		return -1;
	memcpy(record->x.data, means->mean + number * means->size, means->size * sizeof(float));
	return 0;
}
