#include "cpu.h"

#include <string.h>

/* The voxels converted at a time, lanes of NumPy's pairwise sum, and of extremes. */
enum { LEAF = HMM_VOXELS_LEAF, LANES = 8, MANY = 32 };

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

static inline __attribute__((always_inline)) double
sum_of(const struct hmm_tensor *volume, size_t first, size_t count, double mean, int square)
{
	double x[LEAF], sum[LANES] = {0};
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

double
CPU(hmm_voxels_sum)(
    const struct hmm_tensor *volume, size_t first, size_t count, double mean, int square)
{
	if (count < LEAF)
		return sum_of(volume, first, count, mean, square);
	/* most leaves are full */
	return square ? sum_of(volume, first, LEAF, mean, 1) : sum_of(volume, first, LEAF, mean, 0);
}

void
CPU(hmm_voxels_extremes)(
    double *low, double *high, const struct hmm_tensor *volume, size_t first, size_t end)
{
	double x[LEAF], least[MANY], most[MANY];
	for (size_t lane = 0; lane < MANY; lane++) {
		least[lane] = *low;
		most[lane] = *high;
	}
	for (size_t at = first; at < end; at += LEAF) {
		const size_t here = end - at < LEAF ? end - at : LEAF;
		load(x, volume, at, here);
		for (size_t i = here; i < LEAF; i++)
			x[i] = x[0];
		for (size_t i = 0; i < LEAF; i += MANY)
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

void
CPU(hmm_voxels_above)(
    unsigned char *above, const struct hmm_tensor *volume, size_t count, double threshold)
{
	double x[LEAF];
	for (size_t at = 0; at < count; at += LEAF) {
		const size_t here = count - at < LEAF ? count - at : LEAF;
		load(x, volume, at, here);
		for (size_t i = 0; i < here; i++)
			above[at + i] = x[i] > threshold;
	}
}

void
CPU(hmm_voxels_bytes)(unsigned char *bytes, const struct hmm_tensor *volume,
    const unsigned char *inside, size_t first, size_t end, const struct hmm_voxels_scale *scale)
{
	double x[LEAF];
	for (size_t at = first; at < end; at += LEAF) {
		const size_t here = end - at < LEAF ? end - at : LEAF;
		load(x, volume, at, here);
		for (size_t i = 0; inside && i < here; i++)
			if (!inside[at + i])
				x[i] = scale->mean;
		size_t same = 0;
		for (size_t i = 0; i < here; i++)
			same += x[i] == x[0];
		const size_t wanted = same == here ? 1 : here; /* much background has one value */
		for (size_t i = 0; i < wanted; i++) {
			const double t = ((x[i] - scale->mean) / scale->deviation - scale->low) / scale->range;
			bytes[at + i] = (unsigned char)(int)(t * 255);
		}
		memset(bytes + at + wanted, bytes[at], here - wanted);
		for (size_t i = 0; inside && i < here; i++)
			bytes[at + i] = inside[at + i] ? bytes[at + i] : 0;
	}
}
