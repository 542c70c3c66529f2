#include "hmm/vgg/images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/progress.h"
#include "hmm/vgg/repeats.h"

/* Groups of slices in hand for each thread: one that is done early takes another. */
enum { GROUPS = 2, NAME = 4800 };

/* Slices in hand, and the image that the last of them belong to. A slice that its image
 * had before (empty background, mostly) cannot change a maximum and is not computed. */
struct hmm_images {
	struct hmm_vgg_batch *batch;
	struct hmm_writer *writer;
	int per_slice;
	struct hmm_record *slice;    /* [2 * capacity] */
	int *again;                  /* [2 * capacity]: 1: a slice like one before */
	const struct hmm_tensor **x; /* [capacity]: those to compute */
	size_t capacity, count, computed;
	struct hmm_repeats seen;
	struct hmm_record image; /* fields of its last slice; x is its block */
	long slices;             /* in the image so far */
	struct hmm_progress progress;
};

struct hmm_images *
hmm_images_open(
    const struct hmm_vgg *vgg, struct hmm_pool *pool, struct hmm_writer *writer, int per_slice)
{
	struct hmm_images *images = hmm_alloc(1, sizeof(*images));
	if (!images)
		return NULL;
	images->writer = writer;
	images->per_slice = per_slice;
	images->capacity = hmm_pool_threads(pool) * GROUPS * HMM_VGG_GROUP;
	images->batch = hmm_vgg_batch_open(vgg, pool, images->capacity);
	images->slice = hmm_alloc(2 * images->capacity, sizeof(*images->slice));
	images->again = hmm_alloc(2 * images->capacity, sizeof(*images->again));
	images->x = hmm_alloc(images->capacity, sizeof(*images->x));
	hmm_progress_start(&images->progress, "slices", 0);
	if (images->batch && images->slice && images->again && images->x)
		return images;
	hmm_images_close(images);
	return NULL;
}

void
hmm_images_close(struct hmm_images *images)
{
	if (!images)
		return;
	hmm_progress_end(&images->progress);
	for (size_t i = 0; images->slice && i < 2 * images->capacity; i++)
		hmm_record_free(&images->slice[i]);
	hmm_record_free(&images->image);
	free(images->slice);
	free(images->again);
	free(images->x);
	hmm_repeats_free(&images->seen);
	hmm_vgg_batch_close(images->batch);
	free(images);
}

/* Whose image it is, for messages, of what is known. */
static const char *
name_of(char *text, size_t size, const struct hmm_record *record)
{
	snprintf(text, size, "%s%s%.255s%s%s", record->subject, record->subject[0] ? " " : "",
	    record->modality, record->modality[0] ? " " : "", record->source);
	return text[0] ? text : "an image";
}

static int
finish_image(struct hmm_images *images)
{
	struct hmm_record *image = &images->image;
	char name[NAME];
	if (images->slices == 0)
		return 0;
	if (image->count >= 0 && image->count != images->slices)
		return hmm_error("%s: found %ld slices, want %ld as each of them says",
		    name_of(name, sizeof(name), image), images->slices, image->count);
	image->count = images->slices;
	image->index = -1;
	images->slices = 0;
	return hmm_writer_put(images->writer, &images->image);
}

/* Whether a slice is the next one of the image in hand. */
static int
follows(const struct hmm_images *images, const struct hmm_record *slice)
{
	const struct hmm_record *image = &images->image;
	return images->slices && slice->index == image->index + 1 &&
	       !strcmp(slice->source, image->source) && !strcmp(slice->imputed, image->imputed) &&
	       !strcmp(slice->modality, image->modality) && !strcmp(slice->subject, image->subject);
}

/* Add a slice's features, NULL for a slice like one before, to its image. */
static int
add_slice(struct hmm_images *images, const struct hmm_record *slice, const float *features,
    const size_t shape[3])
{
	struct hmm_record *image = &images->image;
	char name[NAME];
	const size_t block = shape[0] * shape[1] * shape[2];
	const int first = images->per_slice || slice->index <= 0;
	if (first && !images->per_slice && finish_image(images))
		return -1;
	if (!first && !follows(images, slice))
		return hmm_error(
		    "%s: slice %ld does not follow on the one before it, want the slices of an "
		    "image in their order from 0",
		    name_of(name, sizeof(name), slice), slice->index);
	if (!first && features && !hmm_tensor_is(&image->x, shape, 3))
		return hmm_error("%s: its slices differ in size", name_of(name, sizeof(name), slice));
	hmm_record_copy_fields(image, slice);
	if (first && hmm_tensor_resize(&image->x, HMM_F32, shape, 3))
		return -1;
	if (first)
		memcpy(image->x.data, features, block * sizeof(float));
	else if (features)
		hmm_vgg_max(image->x.data, features, block);
	images->slices++;
	return images->per_slice ? hmm_writer_put(images->writer, &images->image) : 0;
}

static int
run_batch(struct hmm_images *images)
{
	size_t shape[3] = {0};
	const float *features = NULL;
	if (images->computed &&
	    !(features = hmm_vgg_batch_run(images->batch, shape, images->x, images->computed)))
		return -1;
	for (size_t i = 0; i < images->count; i++) {
		if (add_slice(images, &images->slice[i], images->again[i] ? NULL : features, shape))
			return -1;
		features += images->again[i] ? 0 : shape[0] * shape[1] * shape[2];
	}
	images->count = images->computed = 0;
	return 0;
}

/* Put the slice at the end of those in hand among those to compute, unless its image had it. */
static int
look(struct hmm_images *images)
{
	struct hmm_record *slice = &images->slice[images->count];
	const size_t size = slice->x.shape[0] * slice->x.shape[1] * slice->x.shape[2];
	if (slice->index <= 0)
		hmm_repeats_clear(&images->seen);
	const int again =
	    images->per_slice ? 0 : hmm_repeats_before(&images->seen, slice->x.data, size);
	images->again[images->count] = again;
	if (again == 0)
		images->x[images->computed++] = &slice->x;
	return again < 0 ? -1 : 0;
}

int
hmm_images_take(void *self, struct hmm_reader *reader, struct hmm_record *slice)
{
	struct hmm_images *images = self;
	const size_t *size = slice->x.shape + 1, *before = images->slice[0].x.shape + 1;
	/* another size: finish what is there, and begin again with this slice */
	if (images->count && (size[0] != before[0] || size[1] != before[1]) && run_batch(images))
		return -1;
	hmm_record_swap(&images->slice[images->count], slice);
	if (look(images))
		return -1;
	images->count++;
	hmm_progress_step(&images->progress, hmm_reader_number(reader));
	const int full = images->count == 2 * images->capacity || images->computed == images->capacity;
	return full ? run_batch(images) : 0;
}

int
hmm_images_finish(void *self)
{
	struct hmm_images *images = self;
	return (images->count && run_batch(images)) || (!images->per_slice && finish_image(images)) ? -1
	                                                                                            : 0;
}
