#include "hmm/signal/transform.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* Records in hand for each thread. */
enum { JOBS = 32 };

/* A record to be computed. */
struct job {
	size_t row;
	const float *x; /* [length] */
	size_t length;
	size_t channel;    /* of the rocket */
	long index, count; /* of its window; -1: none */
};

struct hmm_transform {
	const struct hmm_rocket *rocket;
	struct hmm_pool *pool;
	struct hmm_writer *writer;
	struct job *job; /* [capacity] */
	float *features; /* [capacity][features] */
	size_t capacity, count;
	struct hmm_rocket_scratch *scratch; /* [threads] */
	struct hmm_record record;
};

struct hmm_transform *
hmm_transform_open(
    const struct hmm_rocket *rocket, struct hmm_pool *pool, struct hmm_writer *writer)
{
	struct hmm_transform *transform = hmm_alloc(1, sizeof(*transform));
	const size_t threads = hmm_pool_threads(pool), capacity = threads * JOBS;
	if (!transform)
		return NULL;
	*transform =
	    (struct hmm_transform){rocket, pool, writer, hmm_alloc(capacity, sizeof(struct job)),
	        hmm_alloc(capacity * rocket->plan.features, sizeof(float)), capacity, 0,
	        hmm_alloc(threads, sizeof(struct hmm_rocket_scratch)), {.event = -1}};
	if (transform->job && transform->features && transform->scratch)
		return transform;
	hmm_transform_close(transform);
	return NULL;
}

void
hmm_transform_close(struct hmm_transform *transform)
{
	if (!transform)
		return;
	for (size_t i = 0; transform->scratch && i < hmm_pool_threads(transform->pool); i++)
		hmm_rocket_scratch_free(&transform->scratch[i]);
	hmm_record_free(&transform->record);
	free(transform->scratch);
	free(transform->features);
	free(transform->job);
	free(transform);
}

static void
compute(void *self, size_t part, size_t thread)
{
	struct hmm_transform *transform = self;
	const struct job *job = &transform->job[part];
	hmm_rocket_features(transform->features + part * transform->rocket->plan.features,
	    transform->rocket, job->channel, job->x, job->length, &transform->scratch[thread]);
}

/* Compute and write what is in hand. */
static int
flush(struct hmm_transform *transform, const struct hmm_stamp *stamp)
{
	struct hmm_record *record = &transform->record;
	const size_t shape[] = {transform->rocket->plan.features, 1, 1};
	size_t longest = 0;
	for (size_t i = 0; i < transform->count; i++)
		longest = transform->job[i].length > longest ? transform->job[i].length : longest;
	for (size_t i = 0; i < hmm_pool_threads(transform->pool); i++)
		if (hmm_rocket_scratch_grow(&transform->scratch[i], transform->rocket, longest))
			return -1;
	hmm_pool_run(transform->pool, compute, transform, transform->count);
	for (size_t i = 0; i < transform->count; i++) {
		const struct job *job = &transform->job[i];
		hmm_record_clear(record);
		if (hmm_stamp_put(stamp, record, job->row, "") ||
		    hmm_tensor_resize(&record->x, HMM_F32, shape, 3))
			return -1;
		record->index = job->index;
		record->count = job->count;
		memcpy(record->x.data, transform->features + i * shape[0], shape[0] * sizeof(float));
		if (hmm_writer_put(transform->writer, record))
			return -1;
	}
	transform->count = 0;
	return 0;
}

/* Samples that are far larger or smaller than those of the training are of another unit, perhaps.
 */
static void
tell_far(const struct hmm_rocket *rocket, const struct hmm_signal_channel *of, size_t channel,
    const char *path)
{
	static const double far = 20;
	double squares = 0;
	for (size_t i = 0; i < of->length; i++) {
		const double off = (double)of->x[i] - (double)rocket->mean[channel];
		squares += off * off;
	}
	const double deviations = sqrt(squares / (double)of->length) / (double)rocket->sd[channel];
	if (deviations > far || deviations < 1 / far)
		hmm_warn_counted("%s: its samples are %.3g standard deviations from the mean of training: "
		                 "in the same unit?",
		    path, deviations);
}

/* Its records in hand. */
static int
take_channel(struct hmm_transform *transform, const struct hmm_recording *recording, size_t i,
    size_t channel, const char *path)
{
	const struct hmm_rocket *rocket = transform->rocket;
	const struct hmm_signal_channel *of = recording->channel[i];
	const size_t windows = hmm_rocket_windows(rocket, of->length);
	const int windowed = rocket->window != 0;
	tell_far(rocket, of, channel, path);
	for (size_t w = 0; w < windows; w++) {
		const struct job job = {recording->row[i], of->x + w * rocket->step,
		    windowed ? rocket->window : of->length, channel, windowed ? (long)w : -1,
		    windowed ? (long)windows : -1};
		if (hmm_rocket_dead(job.x, job.length)) {
			hmm_warn_counted("%s: window %zu is flat and left out", path, w);
			continue;
		}
		transform->job[transform->count++] = job;
		if (transform->count == transform->capacity && flush(transform, recording->stamp))
			return -1;
	}
	return 0;
}

int
hmm_transform_put(void *self, const struct hmm_recording *recording)
{
	struct hmm_transform *transform = self;
	const struct hmm_rocket *rocket = transform->rocket;
	const struct hmm_stamp *stamp = recording->stamp;
	for (size_t i = 0; i < recording->count; i++) {
		const struct hmm_signal_channel *of = recording->channel[i];
		const char *path = hmm_table_cell(stamp->table, recording->row[i], stamp->path);
		const char *modality = hmm_recording_modality(recording, i);
		const long channel = hmm_rocket_find(rocket, modality);
		if (channel < 0)
			hmm_warn_counted("%s: '%s' was not in train and is left out", path, modality);
		else if (hmm_rocket_dead(of->x, of->length))
			hmm_warn_counted("%s: a dead channel, %s, and left out", path,
			    of->length ? "flat" : "without a sample");
		else if (!hmm_rocket_windows(rocket, of->length))
			hmm_warn_counted("%s: %zu samples are shorter than a window of %zu and left out", path,
			    of->length, rocket->window);
		else if (take_channel(transform, recording, i, (size_t)channel, path))
			return -1;
	}
	return flush(transform, stamp);
}
