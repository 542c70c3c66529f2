#include "hmm/image/quantise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/clones.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* The leaf of NumPy's pairwise sum, which are the elements converted at a time, and
 * its lanes, and the buffer over which it sums so. */
enum { BLOCK = 128, LANES = 8, MANY = 32, BUFFER = 8192, PART = 64 * BUFFER };

struct statistics {
	double mean, std, low, range; /* of v; least and greatest minus least of z */
};

static size_t
count_of(const struct hmm_tensor *tensor)
{
	return tensor->shape[0] * tensor->shape[1] * tensor->shape[2];
}

static inline __attribute__((always_inline)) void
load(double *out, const struct hmm_tensor *volume, size_t first, size_t count)
{
	const unsigned char *u8 = (unsigned char *)volume->data + first;
	const float *f32 = (float *)volume->data + first;
	const double *f64 = (double *)volume->data + first;
	if (volume->dtype == HMM_F64)
		memcpy(out, f64, count * sizeof(*out));
	else if (volume->dtype == HMM_F32)
		for (size_t i = 0; i < count; i++)
			out[i] = (double)f32[i];
	else
		for (size_t i = 0; i < count; i++)
			out[i] = u8[i];
}

int
hmm_quantise_mask(struct hmm_tensor *inside, const struct hmm_tensor *volume, double threshold)
{
	const size_t count = count_of(volume);
	double x[BLOCK];
	if (hmm_tensor_resize(inside, HMM_U8, volume->shape, 3))
		return -1;
	for (size_t at = 0; at < count; at += BLOCK) {
		const size_t here = count - at < BLOCK ? count - at : BLOCK;
		load(x, volume, at, here);
		for (size_t i = 0; i < here; i++)
			((unsigned char *)inside->data)[at + i] = x[i] > threshold;
	}
	return 0;
}

static inline __attribute__((always_inline)) double
sum_of(const struct hmm_tensor *volume, size_t first, size_t count, double mean, int square)
{
	double x[BLOCK], sum[LANES] = {0};
	load(x, volume, first, count);
	for (size_t i = 0; i < count; i++)
		x[i] = square ? (x[i] - mean) * (x[i] - mean) : x[i] - mean;
	const size_t whole = count - count % LANES;
	for (size_t i = 0; i < whole; i += LANES)
		for (size_t lane = 0; lane < LANES; lane++)
			sum[lane] += x[i + lane];
	double rest = ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
	for (size_t i = whole; i < count; i++)
		rest += x[i];
	return rest;
}

/* The sum of v - mean, or of its square, over a leaf of NumPy's sum, most of which are full. */
HMM_CLONES static double
sum_leaf(const struct hmm_tensor *volume, size_t first, size_t count, double mean, int square)
{
	if (count < BLOCK)
		return sum_of(volume, first, count, mean, square);
	return square ? sum_of(volume, first, BLOCK, mean, 1) : sum_of(volume, first, BLOCK, mean, 0);
}

/* The same over more, added up pairwise as NumPy does. */
static double
pairwise(const struct hmm_tensor *volume, size_t first, size_t count, double mean, int square)
{
	if (count <= BLOCK)
		return sum_leaf(volume, first, count, mean, square);
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
	const struct statistics *statistics;
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

/* Widen [*low, *high] to the voxels first..end-1. */
HMM_CLONES static void
find_extremes(double *low, double *high, const struct hmm_tensor *volume, size_t first, size_t end)
{
	double x[BLOCK], least[MANY], most[MANY];
	for (size_t lane = 0; lane < MANY; lane++) {
		least[lane] = *low;
		most[lane] = *high;
	}
	for (size_t at = first; at < end; at += BLOCK) {
		const size_t here = end - at < BLOCK ? end - at : BLOCK;
		load(x, volume, at, here);
		for (size_t i = here; i < BLOCK; i++)
			x[i] = x[0];
		for (size_t i = 0; i < BLOCK; i += MANY)
			for (size_t lane = 0; lane < MANY; lane++) {
				least[lane] = x[i + lane] < least[lane] ? x[i + lane] : least[lane];
				most[lane] = x[i + lane] > most[lane] ? x[i + lane] : most[lane];
			}
	}
	for (size_t lane = 0; lane < MANY; lane++) {
		*low = least[lane] < *low ? least[lane] : *low;
		*high = most[lane] > *high ? most[lane] : *high;
	}
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
			find_extremes(&pass->low[part], &pass->high[part], pass->volume, at, at + here);
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
measure_pass(struct statistics *s, struct hmm_pool *pool, struct pass *pass, const char *name)
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
	s->std = sqrt(average(pool, pass, s->mean, 1));
	if (!isfinite(s->std))
		return hmm_error(
		    "%s: intensities from %g to %g: too large to compute with", name, low, high);
	if (!(s->std > 0) || !(high > low))
		return 1;
	s->low = (low - s->mean) / s->std;
	s->range = (high - s->mean) / s->std - s->low;
	return s->range > 0 ? 0 : 1;
}

static int
measure(
    struct statistics *s, const struct hmm_tensor *volume, struct hmm_pool *pool, const char *name)
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

/* A copy of the voxels inside the mask, as one long row. */
static int
select_inside(struct hmm_tensor *row, const struct hmm_tensor *volume,
    const struct hmm_tensor *mask, const char *name)
{
	const size_t count = count_of(volume), size = hmm_dtype_size(volume->dtype);
	const unsigned char *inside = mask->data;
	size_t shape[3] = {1, 1, 0}, at = 0;
	for (size_t i = 0; i < count; i++)
		shape[2] += inside[i];
	if (shape[2] == 0)
		return hmm_error("%s: the mask is empty: no voxel above 0", name);
	if (hmm_tensor_resize(row, volume->dtype, shape, 3))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (inside[i])
			memcpy((char *)row->data + at++ * size, (char *)volume->data + i * size, size);
	return 0;
}

HMM_CLONES static void
quantise_part(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct pass *pass = job;
	const struct statistics *s = pass->statistics;
	const unsigned char *inside = pass->inside;
	unsigned char *bytes = pass->bytes;
	double x[BLOCK];
	size_t end, at = range_of(&end, pass, part);
	for (; at < end; at += BLOCK) {
		const size_t here = end - at < BLOCK ? end - at : BLOCK;
		load(x, pass->volume, at, here);
		for (size_t i = 0; inside && i < here; i++)
			if (!inside[at + i])
				x[i] = s->mean;
		size_t same = 0;
		for (size_t i = 0; i < here; i++)
			same += x[i] == x[0];
		const size_t wanted = same == here ? 1 : here; /* much background has one value */
		for (size_t i = 0; i < wanted; i++) {
			const double t = ((x[i] - s->mean) / s->std - s->low) / s->range;
			bytes[at + i] = (unsigned char)(int)(t * 255);
		}
		memset(bytes + at + wanted, bytes[at], here - wanted);
		for (size_t i = 0; inside && i < here; i++)
			bytes[at + i] = inside[at + i] ? bytes[at + i] : 0;
	}
}

int
hmm_quantise(struct hmm_tensor *bytes, const struct hmm_tensor *volume,
    const struct hmm_tensor *mask, struct hmm_pool *pool, const char *name)
{
	struct hmm_tensor row = {0};
	struct statistics statistics = {0};
	struct pass pass = {.volume = volume, .statistics = &statistics};
	int state = hmm_tensor_resize(bytes, HMM_U8, volume->shape, 3);
	if (!state && mask)
		state = select_inside(&row, volume, mask, name);
	if (!state)
		state = measure(&statistics, mask ? &row : volume, pool, name);
	hmm_tensor_free(&row);
	pass.inside = mask ? mask->data : NULL;
	pass.bytes = bytes->data;
	if (state == 1)
		memset(bytes->data, 0, count_of(bytes));
	else if (state == 0)
		hmm_pool_run(pool, quantise_part, &pass, parts_of(&pass));
	return state;
}
