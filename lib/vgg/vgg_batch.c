#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/vgg/vgg.h"

struct hmm_vgg_batch {
	const struct hmm_vgg *vgg;
	struct hmm_pool *pool;
	size_t capacity, height, width, shape[3];
	float *features;                  /* [capacity][block] */
	struct hmm_vgg_scratch **scratch; /* [threads] */
	const struct hmm_tensor *const *slices;
	size_t count, parts;
};

struct hmm_vgg_batch *
hmm_vgg_batch_open(const struct hmm_vgg *vgg, struct hmm_pool *pool, size_t capacity)
{
	struct hmm_vgg_batch *batch = hmm_alloc(1, sizeof(*batch));
	if (!batch)
		return NULL;
	*batch = (struct hmm_vgg_batch){.vgg = vgg, .pool = pool, .capacity = capacity};
	batch->scratch = hmm_alloc(hmm_pool_threads(pool), sizeof(*batch->scratch));
	if (batch->scratch)
		return batch;
	hmm_vgg_batch_close(batch);
	return NULL;
}

void
hmm_vgg_batch_close(struct hmm_vgg_batch *batch)
{
	if (!batch)
		return;
	for (size_t i = 0; batch->scratch && i < hmm_pool_threads(batch->pool); i++)
		hmm_vgg_scratch_close(batch->scratch[i]);
	free(batch->scratch);
	free(batch->features);
	free(batch);
}

/* Make room for slices of this size. */
static int
resize(struct hmm_vgg_batch *batch, size_t height, size_t width)
{
	size_t floats;
	if (hmm_vgg_shape(batch->vgg, batch->shape, height, width))
		return -1;
	batch->height = height;
	batch->width = width;
	free(batch->features);
	batch->features = NULL;
	floats = batch->shape[0] * batch->shape[1] * batch->shape[2];
	if (hmm_multiply(&floats, floats, batch->capacity) ||
	    !(batch->features = hmm_alloc_raw(floats, sizeof(float))))
		return -1;
	for (size_t i = 0; i < hmm_pool_threads(batch->pool); i++) {
		hmm_vgg_scratch_close(batch->scratch[i]);
		batch->scratch[i] = hmm_vgg_scratch_open(batch->vgg, height, width);
		if (!batch->scratch[i])
			return -1;
	}
	return 0;
}

static void
run_group(void *job, size_t part, size_t thread)
{
	struct hmm_vgg_batch *batch = job;
	const size_t block = batch->shape[0] * batch->shape[1] * batch->shape[2];
	const size_t first = part * batch->count / batch->parts;
	const size_t end = (part + 1) * batch->count / batch->parts;
	hmm_vgg_features(batch->features + first * block, batch->vgg, batch->slices + first,
	    end - first, batch->scratch[thread]);
}

const float *
hmm_vgg_batch_run(struct hmm_vgg_batch *batch, size_t shape[3],
    const struct hmm_tensor *const *slices, size_t count)
{
	const size_t height = slices[0]->shape[1], width = slices[0]->shape[2];
	if ((height != batch->height || width != batch->width) && resize(batch, height, width))
		return NULL;
	batch->slices = slices;
	batch->count = count;
	/* as many for each thread, also where there are too few for full groups */
	const size_t threads = hmm_pool_threads(batch->pool), all = threads * HMM_VGG_GROUP;
	batch->parts = (count + all - 1) / all * threads;
	batch->parts = batch->parts < count ? batch->parts : count;
	hmm_pool_run(batch->pool, run_group, batch, batch->parts);
	for (int i = 0; i < 3; i++)
		shape[i] = batch->shape[i];
	return batch->features;
}
