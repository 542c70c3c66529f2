#include "hmm/image/quantise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/kernels.h"

/* The leaf of NumPy's pairwise sum, its lanes, and the buffer over which it sums so. */
enum { LEAF = HMM_VOXELS_LEAF, LANES = 8, BUFFER = 8192, PART = 64 * BUFFER };

static size_t
count_of(const struct hmm_tensor *tensor)
{
	return tensor->shape[0] * tensor->shape[1] * tensor->shape[2];
}

int
hmm_quantise_mask(struct hmm_tensor *inside, const struct hmm_tensor *volume, double threshold)
{
	if (hmm_tensor_resize(inside, HMM_U8, volume->shape, 3))
		return -1;
	hmm_kernels()->voxels_above(inside->data, volume, count_of(volume), threshold);
	return 0;
}

/* The sum of v - mean, or of its square, added up pairwise as NumPy does. */
static double
pairwise(const struct hmm_tensor *volume, size_t first, size_t count, double mean, int square)
{
	if (count <= LEAF)
		return hmm_kernels()->voxels_sum(volume, first, count, mean, square);
	const size_t half = count / 2 - count / 2 % LANES;
	return pairwise(volume, first, half, mean, square) +
	       pairwise(volume, first + half, count - half, mean, square);
}

/* A pass over the volume, in parts of PART voxels. */
struct pass {
	const struct hmm_tensor *volume;
	double mean;
	int square;
	double *sum, *low, *high; /* a sum a BUFFER, extremes a part */
	const struct hmm_voxels_scale *scale;
	const unsigned char *inside;
	unsigned char *bytes;
};

static size_t
parts_of(const struct pass *pass)
{
	return (count_of(pass->volume) + PART - 1) / PART;
}

/* The voxels of a part: returns the first one. */
static size_t
range_of(size_t *end, const struct pass *pass, size_t part)
{
	const size_t count = count_of(pass->volume);
	*end = (part + 1) * PART < count ? (part + 1) * PART : count;
	return part * PART;
}

/* Sums, and in the first pass the extremes of what the cache holds then. */
static void
sum_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct pass *pass = job;
	size_t end;
	for (size_t at = range_of(&end, pass, part); at < end; at += BUFFER) {
		const size_t here = end - at < BUFFER ? end - at : BUFFER;
		pass->sum[at / BUFFER] = pairwise(pass->volume, at, here, pass->mean, pass->square);
		if (!pass->square)
			hmm_kernels()->voxels_extremes(
			    &pass->low[part], &pass->high[part], pass->volume, at, at + here);
	}
}

/* The mean of v - mean, or of its square, to the bit that numpy.mean() gives: where
 * the intensities are small integers, t * 255 is often a whole number but for its
 * rounding, and the last bit decides what it is truncated to. */
static double
average(struct hmm_pool *pool, struct pass *pass, double mean, int square)
{
	const size_t count = count_of(pass->volume);
	double sum = 0;
	pass->mean = mean;
	pass->square = square;
	hmm_pool_run(pool, sum_part, pass, parts_of(pass));
	for (size_t i = 0; i < (count + BUFFER - 1) / BUFFER; i++)
		sum += pass->sum[i];
	return sum / (double)count;
}

/* What measure() finds once its buffers are there. */
static int
measure_pass(struct hmm_voxels_scale *s, struct hmm_pool *pool, struct pass *pass, const char *name)
{
	const size_t parts = parts_of(pass);
	for (size_t i = 0; i < parts; i++) {
		pass->low[i] = HUGE_VAL;
		pass->high[i] = -HUGE_VAL;
	}
	s->mean = average(pool, pass, 0, 0);
	double low = pass->low[0], high = pass->high[0];
	for (size_t i = 1; i < parts; i++) {
		low = pass->low[i] < low ? pass->low[i] : low;
		high = pass->high[i] > high ? pass->high[i] : high;
	}
	s->deviation = sqrt(average(pool, pass, s->mean, 1));
	if (!isfinite(s->deviation))
		return hmm_error(
		    "%s: intensities from %g to %g: too large to compute with", name, low, high);
	if (!(s->deviation > 0) || !(high > low))
		return 1;
	s->low = (low - s->mean) / s->deviation;
	s->range = (high - s->mean) / s->deviation - s->low;
	return s->range > 0 ? 0 : 1;
}

static int
measure(struct hmm_voxels_scale *s, const struct hmm_tensor *volume, struct hmm_pool *pool,
    const char *name)
{
	struct pass pass = {.volume = volume};
	pass.sum = hmm_alloc((count_of(volume) + BUFFER - 1) / BUFFER, sizeof(double));
	pass.low = hmm_alloc(parts_of(&pass), sizeof(double));
	pass.high = hmm_alloc(parts_of(&pass), sizeof(double));
	const int state = pass.sum && pass.low && pass.high ? measure_pass(s, pool, &pass, name) : -1;
	free(pass.sum);
	free(pass.low);
	free(pass.high);
	return state;
}

/* A copy of the voxels inside the mask, as one long row in the order of NumPy's v[mask], where v is
 * the array of the file: its last axis, here the slowest, runs fastest. */
static int
select_inside(struct hmm_tensor *row, const struct hmm_tensor *volume,
    const struct hmm_tensor *mask, const char *name)
{
	const size_t count = count_of(volume), size = hmm_dtype_size(volume->dtype);
	const size_t line = volume->shape[2], plane = line * volume->shape[1];
	const unsigned char *inside = mask->data;
	size_t shape[3] = {1, 1, 0};
	for (size_t i = 0; i < count; i++)
		shape[2] += inside[i];
	if (shape[2] == 0)
		return hmm_error("%s: the mask is empty: no voxel above 0", name);
	if (hmm_tensor_resize(row, volume->dtype, shape, 3))
		return -1;
	char *to = row->data;
	for (size_t i = 0; i < line; i++)
		for (size_t j = i; j < plane; j += line)
			for (size_t at = j; at < count; at += plane)
				if (inside[at]) {
					memcpy(to, (const char *)volume->data + at * size, size);
					to += size;
				}
	return 0;
}

static void
quantise_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct pass *pass = job;
	size_t end;
	const size_t first = range_of(&end, pass, part);
	hmm_kernels()->voxels_bytes(pass->bytes, pass->volume, pass->inside, first, end, pass->scale);
}

int
hmm_quantise(struct hmm_tensor *bytes, const struct hmm_tensor *volume,
    const struct hmm_tensor *mask, struct hmm_pool *pool, const char *name)
{
	struct hmm_tensor row = {0};
	struct hmm_voxels_scale scale = {0};
	struct pass pass = {.volume = volume, .scale = &scale};
	int state = hmm_tensor_resize(bytes, HMM_U8, volume->shape, 3);
	if (!state && mask)
		state = select_inside(&row, volume, mask, name);
	if (!state)
		state = measure(&scale, mask ? &row : volume, pool, name);
	hmm_tensor_free(&row);
	pass.inside = mask ? mask->data : NULL;
	pass.bytes = bytes->data;
	if (state == 1)
		memset(bytes->data, 0, count_of(bytes));
	else if (state == 0)
		hmm_pool_run(pool, quantise_part, &pass, parts_of(&pass));
	return state;
}
