/* hmm-slice T1w=t1.nii.gz --subject sub-01 | hmm-vgg -w vgg11.safetensors | hmm-show */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/base/progress.h"
#include "hmm/file/safetensors.h"
#include "hmm/vgg/repeats.h"
#include "hmm/stream/stream.h"
#include "hmm/vgg/vgg.h"

static const char *weights_path;
static long threads;
static int per_slice, exact;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        'w', "weights", &weights_path, "FILE", "the VGG's weights, safetensors", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "exact", &exact, "plain convolutions: slower, error below 1e-6", HMM_NOTED),
    HMM_OPTION_FLAG(
        0, "per-slice", &per_slice, "a block a slice, not the image's maximum", HMM_NOTED),
};
static const struct hmm_usage usage = {"-w FILE [OPTION]... <slices >features",
    "Frozen VGG features of every image in a stream of slices.", options, HMM_COUNT_OF(options)};

/* Groups of slices in hand for each thread: one that is done early takes another. */
enum { GROUPS = 2 };

/* Slices in hand, and the image that the last of them belong to. A slice that its image
 * had before (empty background, mostly) cannot change a maximum and is not computed. */
struct state {
	struct hmm_vgg_batch *batch;
	struct hmm_writer *writer;
	struct hmm_record *slice;    /* [2 * capacity] */
	int *again;                  /* [2 * capacity]: 1: a slice like one before */
	const struct hmm_tensor **x; /* [capacity]: those to compute */
	size_t capacity, count, computed;
	struct hmm_repeats seen;
	struct hmm_record image; /* fields of its last slice; x is its block */
	long slices;             /* in the image so far */
};

static int
finish_image(struct state *state)
{
	struct hmm_record *image = &state->image;
	if (state->slices == 0)
		return 0;
	if (image->count >= 0 && image->count != state->slices)
		return hmm_error("%s %s %s: found %ld slices, want %ld", image->subject, image->modality,
		    image->source, state->slices, image->count);
	image->count = state->slices;
	image->index = -1;
	state->slices = 0;
	return hmm_writer_put(state->writer, image);
}

/* Whether a slice is the next one of the image in hand. */
static int
follows(const struct state *state, const struct hmm_record *slice)
{
	const struct hmm_record *image = &state->image;
	return state->slices && slice->index == image->index + 1 &&
	       !strcmp(slice->source, image->source) && !strcmp(slice->modality, image->modality) &&
	       !strcmp(slice->subject, image->subject);
}

static int
take_slice(struct state *state, const struct hmm_record *slice, const float *features,
    const size_t shape[3])
{
	/* features: NULL for a slice like one before */
	struct hmm_record *image = &state->image;
	const size_t block = shape[0] * shape[1] * shape[2];
	const int first = per_slice || slice->index <= 0;
	if (first && !per_slice && finish_image(state))
		return -1;
	if (!first && !follows(state, slice))
		return hmm_error("%s %s %s: slice %ld does not follow on the one before it", slice->subject,
		    slice->modality, slice->source, slice->index);
	if (!first && features && !hmm_tensor_is(&image->x, shape, 3))
		return hmm_error("%s: its slices differ in size", slice->source);
	hmm_record_copy_fields(image, slice);
	if (first && hmm_tensor_resize(&image->x, HMM_F32, shape, 3))
		return -1;
	if (first)
		memcpy(image->x.data, features, block * sizeof(float));
	else if (features)
		hmm_vgg_max(image->x.data, features, block);
	state->slices++;
	return per_slice ? hmm_writer_put(state->writer, image) : 0;
}

static int
run_batch(struct state *state)
{
	size_t shape[3] = {0};
	const float *features = NULL;
	if (state->computed &&
	    !(features = hmm_vgg_batch_run(state->batch, shape, state->x, state->computed)))
		return -1;
	for (size_t i = 0; i < state->count; i++) {
		if (take_slice(state, &state->slice[i], state->again[i] ? NULL : features, shape))
			return -1;
		features += state->again[i] ? 0 : shape[0] * shape[1] * shape[2];
	}
	state->count = state->computed = 0;
	return 0;
}

/* Put the slice at the end of those in hand among those to compute, unless its image had it. */
static int
look(struct state *state)
{
	struct hmm_record *slice = &state->slice[state->count];
	const size_t size = slice->x.shape[0] * slice->x.shape[1] * slice->x.shape[2];
	if (slice->index <= 0)
		hmm_repeats_clear(&state->seen);
	const int again = per_slice ? 0 : hmm_repeats_before(&state->seen, slice->x.data, size);
	state->again[state->count] = again;
	if (again == 0)
		state->x[state->computed++] = &slice->x;
	return again < 0 ? -1 : 0;
}

/* Take the slice that was read last to those in hand. */
static int
accept(struct state *state)
{
	struct hmm_record *slice = &state->slice[state->count];
	const size_t *size = slice->x.shape + 1, *before = state->slice[0].x.shape + 1;
	if (size[0] != before[0] || size[1] != before[1]) {
		/* another size: finish what is there, and begin again with this slice */
		if (run_batch(state))
			return -1;
		const struct hmm_record swap = state->slice[0];
		state->slice[0] = *slice;
		*slice = swap;
	}
	if (look(state))
		return -1;
	state->count++;
	const int full = state->count == 2 * state->capacity || state->computed == state->capacity;
	return full ? run_batch(state) : 0;
}

/* Streams that follow each other are finished one by one, as each has a history. */
static int
run(struct state *state, struct hmm_reader *reader)
{
	struct hmm_progress progress;
	int more;
	hmm_progress_start(&progress, "slices", 0);
	do {
		while ((more = hmm_reader_next_within(reader, &state->slice[state->count])) == 1) {
			if (accept(state))
				return -1;
			hmm_progress_step(&progress, hmm_reader_number(reader));
		}
		if (more < 0 || (state->count && run_batch(state)) || (!per_slice && finish_image(state)))
			return -1;
	} while ((more = hmm_reader_next_stream(reader)) == 1);
	hmm_progress_end(&progress);
	return more;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: slices come on standard input");
	if (!weights_path)
		hmm_option_misuse("no weights: want -w FILE");

	char digest[HMM_HASH_SIZE], made_by[512];
	struct hmm_filter filter = {0};
	struct hmm_vgg *vgg = NULL;
	struct hmm_pool *pool = NULL;
	struct state state = {.capacity = (size_t)(threads ? threads : 1) * GROUPS * HMM_VGG_GROUP};
	const struct hmm_step step = {made_by, digest};
	struct hmm_weights *weights = hmm_weights_open(weights_path);
	int bad = !weights || hmm_option_history(made_by, sizeof(made_by), &usage) ||
	          hmm_weights_digest(weights, digest) || !(pool = hmm_pool_open((size_t)threads)) ||
	          !(vgg = hmm_vgg_open(weights->weight, weights->count, exact, pool)) ||
	          !(state.batch = hmm_vgg_batch_open(vgg, pool, state.capacity)) ||
	          !(state.slice = hmm_alloc(2 * state.capacity, sizeof(*state.slice))) ||
	          !(state.again = hmm_alloc(2 * state.capacity, sizeof(*state.again))) ||
	          !(state.x = hmm_alloc(state.capacity, sizeof(*state.x))) ||
	          hmm_filter_open(&filter, HMM_SLICES, HMM_FEATURES, &step);
	hmm_weights_close(weights);
	state.writer = filter.writer;

	bad = bad || run(&state, filter.reader);

	for (size_t i = 0; state.slice && i < 2 * state.capacity; i++)
		hmm_record_free(&state.slice[i]);
	hmm_record_free(&state.image);
	free(state.slice);
	free(state.again);
	free(state.x);
	hmm_repeats_free(&state.seen);
	hmm_vgg_batch_close(state.batch);
	hmm_pool_close(pool);
	hmm_vgg_close(vgg);
	return hmm_filter_close(&filter, bad);
}
