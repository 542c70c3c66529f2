#include "hmm/kernel/similarity.h"

#include <math.h>

enum { MOST_TAPS = 11, MOMENTS = 4 };

static const double range = 255, c1 = (.01 * 255) * (.01 * 255), c2 = (.03 * 255) * (.03 * 255);

struct window {
	size_t taps; /* a side */
	double weight[MOST_TAPS];
	double sample; /* what makes a population's variance a sample's */
};

static struct window
make_window(enum hmm_ssim kind)
{
	const double sigma = 1.5;
	struct window window = {.taps = kind == HMM_SSIM_WANG ? 11 : 7, .sample = 1};
	const double middle = (double)(window.taps / 2), pixels = (double)(window.taps * window.taps);
	double sum = 0;
	for (size_t t = 0; t < window.taps; t++) {
		const double at = ((double)t - middle) / sigma;
		window.weight[t] = kind == HMM_SSIM_WANG ? exp(-at * at / 2) : 1;
		sum += window.weight[t];
	}
	for (size_t t = 0; t < window.taps; t++)
		window.weight[t] /= sum;
	if (kind == HMM_SSIM_SKIMAGE)
		window.sample = pixels / (pixels - 1);
	return window;
}

/* x, y, x^2 + y^2 and xy of a row: moment [MOMENTS][width]. */
static void
make_moments(double *moment, const uint8_t *x, const uint8_t *y, size_t width)
{
	double *restrict of_x = moment, *restrict of_y = moment + width;
	double *restrict squares = moment + 2 * width, *restrict products = moment + 3 * width;
	for (size_t i = 0; i < width; i++) {
		const int a = x[i], b = y[i];
		of_x[i] = a;
		of_y[i] = b;
		squares[i] = a * a + b * b;
		products[i] = a * b;
	}
}

/* Weighted sums of moments along their row: the first width - taps + 1 of each are set. */
static void
filter_row(
    double *restrict out, const double *restrict in, size_t width, const struct window *window)
{
	const size_t count = width - window->taps + 1;
	for (size_t m = 0; m < MOMENTS; m++) {
		double *restrict sum = out + m * width;
		for (size_t i = 0; i < count; i++)
			sum[i] = window->weight[0] * in[m * width + i];
		for (size_t t = 1; t < window->taps; t++)
			for (size_t i = 0; i < count; i++)
				sum[i] += window->weight[t] * in[m * width + t + i];
	}
}

/* Weighted sums of such rows, ring [taps][MOMENTS][width], whose oldest is the row `first`. */
static void
filter_column(double *restrict out, const double *restrict ring, size_t width, size_t first,
    const struct window *window)
{
	const size_t count = MOMENTS * width;
	for (size_t i = 0; i < count; i++)
		out[i] = 0;
	for (size_t t = 0; t < window->taps; t++) {
		const double *restrict in = ring + (first + t) % window->taps * count;
		for (size_t i = 0; i < count; i++)
			out[i] += window->weight[t] * in[i];
	}
}

/* From filtered moments to a row of SSIM's map, which takes the place of the first of them. */
static void
finish_row(double *moment, size_t width, size_t count, double sample)
{
	for (size_t i = 0; i < count; i++) {
		const double x = moment[i], y = moment[width + i];
		const double variances = sample * (moment[2 * width + i] - x * x - y * y);
		const double covariance = sample * (moment[3 * width + i] - x * y);
		moment[i] =
		    (2 * x * y + c1) * (2 * covariance + c2) / ((x * x + y * y + c1) * (variances + c2));
	}
}

static void
add_map(struct hmm_similarity *whole, struct hmm_similarity *inside, enum hmm_ssim kind,
    const uint8_t *x, const uint8_t *y, const uint8_t *mask, size_t height, size_t width,
    double *scratch)
{
	const struct window window = make_window(kind);
	const size_t size = MOMENTS * width, before = window.taps - 1, middle = window.taps / 2;
	double *moment = scratch, *map = scratch + size, *ring = scratch + 2 * size;
	if (height < window.taps || width < window.taps)
		return;
	for (size_t row = 0; row < height; row++) {
		make_moments(moment, x + row * width, y + row * width, width);
		filter_row(ring + row % window.taps * size, moment, width, &window);
		if (row < before)
			continue;
		filter_column(map, ring, width, row - before, &window);
		finish_row(map, width, width - before, window.sample);
		const uint8_t *within = mask ? mask + (row - middle) * width + middle : NULL;
		double sum = 0, sum_inside = 0;
		for (size_t i = 0; i < width - before; i++)
			sum += map[i];
		for (size_t i = 0; i < width - before && within; i++) {
			sum_inside += within[i] ? map[i] : 0;
			inside->mapped[kind] += within[i] != 0;
		}
		whole->map[kind] += sum;
		inside->map[kind] += sum_inside;
	}
	whole->mapped[kind] += (height - before) * (width - before);
}

void
hmm_similarity_add(struct hmm_similarity *whole, struct hmm_similarity *inside, const uint8_t *x,
    const uint8_t *y, const uint8_t *mask, size_t height, size_t width, double *scratch)
{
	for (size_t i = 0; i < height * width; i++) {
		const unsigned difference = (unsigned)(x[i] < y[i] ? y[i] - x[i] : x[i] - y[i]);
		const unsigned in = mask && mask[i];
		whole->absolute += difference;
		whole->square += difference * difference;
		inside->absolute += in * difference;
		inside->square += in * difference * difference;
		inside->samples += in;
	}
	whole->samples += height * width;
	for (int kind = 0; kind < HMM_SSIMS; kind++)
		add_map(whole, inside, (enum hmm_ssim)kind, x, y, mask, height, width, scratch);
}

void
hmm_similarity_merge(struct hmm_similarity *sums, const struct hmm_similarity *others)
{
	for (int kind = 0; kind < HMM_SSIMS; kind++) {
		sums->map[kind] += others->map[kind];
		sums->mapped[kind] += others->mapped[kind];
	}
	sums->square += others->square;
	sums->absolute += others->absolute;
	sums->samples += others->samples;
}

void
hmm_similarity_values(double values[HMM_MEASURES], const struct hmm_similarity *sums)
{
	const double samples = (double)sums->samples; /* of none: 0/0 is NaN */
	for (int kind = 0; kind < HMM_SSIMS; kind++)
		values[HMM_MEASURE_SSIM + kind] = sums->map[kind] / (double)sums->mapped[kind];
	values[HMM_MEASURE_PSNR] = 10 * log10(range * range / ((double)sums->square / samples));
	values[HMM_MEASURE_L1] = (double)sums->absolute / samples / range;
}
