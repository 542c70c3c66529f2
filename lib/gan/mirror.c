#include "mirror.h"

#include <string.h>

struct job {
	float *padded;
	const float *image;
	size_t height, width, pad; /* of the padded image */
};

/* The pixel that place `at` of a padded axis mirrors. */
static size_t
mirrored(size_t at, size_t length, size_t pad)
{
	const size_t last = length - 2 * pad - 1;
	const size_t from = at < pad ? pad - at : at - pad;
	return from > last ? 2 * last - from : from;
}

static void
pad_channel(void *context, size_t c, size_t thread)
{
	(void)thread;
	const struct job *job = context;
	const size_t pad = job->pad, inner = job->width - 2 * pad;
	const float *image = job->image + c * (job->height - 2 * pad) * inner;
	float *row = job->padded + c * job->height * job->width;
	for (size_t y = 0; y < job->height; y++, row += job->width) {
		const float *from = image + mirrored(y, job->height, pad) * inner;
		memcpy(row + pad, from, inner * sizeof(*row));
		for (size_t x = 0; x < pad; x++) {
			row[x] = from[pad - x];
			row[job->width - 1 - x] = from[inner - 1 - (pad - x)];
		}
	}
}

void
mirror(float *padded, const float *image, const struct hmm_strided *conv, size_t pad,
    struct hmm_pool *pool)
{
	struct job job = {padded, image, conv->in_height, conv->in_width, pad};
	hmm_pool_run(pool, pad_channel, &job, conv->in);
}

/* In place of its padded channel: the border is added to what it mirrors. */
static void
fold_channel(void *context, size_t c, size_t thread)
{
	(void)thread;
	const struct job *job = context;
	const size_t pad = job->pad, width = job->width, inner = width - 2 * pad;
	float *channel = job->padded + c * job->height * width;
	for (size_t y = 0; y < job->height; y++) {
		float *row = channel + y * width, *to = row + pad;
		for (size_t x = 0; x < pad; x++) {
			to[pad - x] += row[x];
			to[inner - 1 - (pad - x)] += row[width - 1 - x];
		}
	}
	for (size_t y = 0; y < job->height; y++) {
		if (y >= pad && y < job->height - pad)
			continue;
		const float *from = channel + y * width + pad;
		float *to = channel + (pad + mirrored(y, job->height, pad)) * width + pad;
		for (size_t x = 0; x < inner; x++)
			to[x] += from[x];
	}
}

void
mirror_back(float *gradient, const struct hmm_strided *conv, size_t pad, struct hmm_pool *pool)
{
	const size_t inner = conv->in_width - 2 * pad, rows = conv->in_height - 2 * pad;
	struct job job = {gradient, NULL, conv->in_height, conv->in_width, pad};
	hmm_pool_run(pool, fold_channel, &job, conv->in);
	for (size_t c = 0; c < conv->in; c++)
		for (size_t y = 0; y < rows; y++)
			memmove(gradient + (c * rows + y) * inner,
			    gradient + (c * conv->in_height + y + pad) * conv->in_width + pad,
			    inner * sizeof(*gradient));
}
