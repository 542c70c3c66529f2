#include "hmm/signal/biases.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/base/random.h"

enum { MOST_PLACES = 65536, KINDS = 6, PIECES = HMM_BIASES_SERIES / KINDS, MOST_OCTAVES = 24 };

/* ---- quantiles ---- */

struct pooling {
	float *biases;
	const struct hmm_plan *plan;
	const struct hmm_rocket_series *series;
	size_t count, step, places; /* each step-th place; how many that are in all */
	double *value;              /* [threads][places] */
	float *out;                 /* [threads][places] */
};

static double
quantile(const double *sorted, size_t count, double share)
{
	const double at = share * (double)(count - 1), below = floor(at);
	const size_t i = (size_t)below, next = i + 1 < count ? i + 1 : i;
	return sorted[i] + (sorted[next] - sorted[i]) * (at - below);
}

/* The biases of one kernel at one dilation. */
static void
pool_part(void *job, size_t part, size_t thread)
{
	const struct pooling *pooling = job;
	const struct hmm_plan *plan = pooling->plan;
	const double golden = (sqrt(5) + 1) / 2;
	const size_t dilation = part / HMM_ROCKET_KERNELS, kernel = part % HMM_ROCKET_KERNELS;
	const size_t each = plan->each[dilation];
	double *value = pooling->value + thread * pooling->places;
	float *out = pooling->out + thread * pooling->places;
	size_t first = kernel * each, used = 0, at = 0;
	for (size_t i = 0; i < dilation; i++)
		first += HMM_ROCKET_KERNELS * plan->each[i];
	for (size_t i = 0; i < pooling->count; i++) {
		const struct hmm_rocket_series *series = &pooling->series[i];
		if (at < series->length) {
			const size_t count = (series->length - at + pooling->step - 1) / pooling->step;
			hmm_rocket_convolve(
			    out + used, series, plan->dilation[dilation], kernel, at, pooling->step, count);
			used += count;
			at += count * pooling->step;
		}
		at -= series->length; /* what a step leaves over is left to the next one */
	}
	for (size_t i = 0; i < used; i++)
		value[i] = (double)out[i];
	hmm_numbers_sort(value, used);
	for (size_t i = first; i < first + each; i++) {
		const double turns = (double)(i + 1) * golden;
		pooling->biases[i] = (float)quantile(value, used, turns - floor(turns));
	}
}

int
hmm_biases_pool(float *biases, const struct hmm_plan *plan, const struct hmm_rocket_series *series,
    size_t count, struct hmm_pool *pool)
{
	size_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += series[i].length;
	const size_t step = (total + MOST_PLACES - 1) / MOST_PLACES, threads = hmm_pool_threads(pool);
	struct pooling pooling = {
	    biases, plan, series, count, step, (total + step - 1) / step, NULL, NULL};
	pooling.value = hmm_alloc(threads * pooling.places, sizeof(*pooling.value));
	pooling.out = hmm_alloc(threads * pooling.places, sizeof(*pooling.out));
	const int bad = !pooling.value || !pooling.out;
	if (!bad)
		hmm_pool_run(pool, pool_part, &pooling, plan->dilations * HMM_ROCKET_KERNELS);
	free(pooling.value);
	free(pooling.out);
	return bad ? -1 : 0;
}

/* ---- the generated stream ---- */

/* Noise whose power falls with frequency as f^-exponent: one white noise through filters that
 * forget in 1, 2, 4, .. samples, up to the whole stream's length, weighted by octave. */
static void
fill_noise(double *x, size_t count, int kind, uint64_t seed)
{
	const struct hmm_place place = {.seed = seed, .stream = (uint32_t)kind};
	const double exponent = .5 * kind;
	double state[MOST_OCTAVES] = {0}, keep[MOST_OCTAVES], weight[MOST_OCTAVES];
	size_t octaves = 0;
	for (size_t span = 1; span <= count && octaves < MOST_OCTAVES; span *= 2, octaves++) {
		/* a filter's variance grows as its span; in an octave that of the noise as span^exponent-1
		 */
		keep[octaves] = 1 - 1 / (double)span;
		weight[octaves] = sqrt(pow((double)span, exponent - 2));
	}
	for (size_t t = 0; t < count; t++) {
		const double white = hmm_random_normal(place, (uint32_t)t);
		x[t] = 0;
		for (size_t octave = 0; octave < octaves; octave++) {
			state[octave] = keep[octave] * state[octave] + white;
			x[t] += weight[octave] * state[octave];
		}
	}
}

/* A piece each of four tones, from two turns a piece to a turn in four samples. */
static void
fill_tones(double *x, size_t length, uint64_t seed)
{
	const struct hmm_place place = {.seed = seed, .stream = KINDS - 1};
	const double two_pi = 6.283185307179586;
	for (size_t piece = 0; piece < PIECES; piece++) {
		const double share = (double)piece / (PIECES - 1), slowest = (double)length / 2;
		const double period = slowest * pow(4 / slowest, share);
		const double phase = hmm_random_uniform(place, (uint32_t)piece);
		for (size_t t = 0; t < length; t++)
			x[piece * length + t] = sin(two_pi * ((double)t / period + phase));
	}
}

static void
standardise(double *x, size_t count)
{
	double mean = 0, square = 0;
	for (size_t i = 0; i < count; i++)
		mean += x[i] / (double)count;
	for (size_t i = 0; i < count; i++)
		square += (x[i] - mean) * (x[i] - mean) / (double)count;
	for (size_t i = 0; i < count; i++)
		x[i] = (x[i] - mean) / sqrt(square);
}

/* x[PIECES * length] and piece[length] are scratch. */
static void
generate(struct hmm_rocket_series *series, float *memory, double *x, float *piece,
    const struct hmm_plan *plan, uint64_t seed)
{
	const size_t length = plan->length, widest = hmm_plan_widest(plan);
	const size_t room = hmm_rocket_series_room(length, widest);
	for (int kind = 0; kind < KINDS; kind++) {
		if (kind < KINDS - 1)
			fill_noise(x, PIECES * length, kind, seed);
		else
			fill_tones(x, length, seed);
		standardise(x, PIECES * length);
		for (size_t i = 0; i < PIECES; i++) {
			const size_t number = (size_t)kind * PIECES + i;
			for (size_t t = 0; t < length; t++)
				piece[t] = (float)x[i * length + t];
			hmm_rocket_lay(&series[number], memory + number * room, piece, length, widest);
		}
	}
}

int
hmm_biases_frozen(float *biases, const struct hmm_plan *plan, uint64_t seed, struct hmm_pool *pool)
{
	struct hmm_rocket_series series[HMM_BIASES_SERIES];
	const size_t room = hmm_rocket_series_room(plan->length, hmm_plan_widest(plan));
	float *memory = hmm_alloc_raw(HMM_BIASES_SERIES * room, sizeof(*memory));
	double *x = hmm_alloc_raw(PIECES * plan->length, sizeof(*x));
	float *piece = hmm_alloc_raw(plan->length, sizeof(*piece));
	int bad = !memory || !x || !piece;
	if (!bad) {
		generate(series, memory, x, piece, plan, seed);
		bad = hmm_biases_pool(biases, plan, series, HMM_BIASES_SERIES, pool);
	}
	free(memory);
	free(x);
	free(piece);
	return bad ? -1 : 0;
}
