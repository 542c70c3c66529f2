#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/resize.h"
#include "hmm/image/slice.h"

/* The most that a slice becomes. */
static const size_t max_pixels = (size_t)1 << 28;

/* One direction of the resize and the crop. */
struct side {
	struct hmm_resample_axis axis; /* its outputs are what the crop leaves */
	int32_t *fixed;
	size_t size; /* that comes out */
	size_t pad;  /* zeros before the first output */
};

struct hmm_slice_fit {
	struct side x, y;
	size_t room;            /* bytes a thread */
	unsigned char *between; /* [threads][room]: rows after the horizontal pass */
};

/* Half of a margin, as Python's round() has it: that of an odd one to even. */
static size_t
half_of(size_t margin)
{
	const size_t half = margin / 2;
	return half + (margin % 2 && half % 2);
}

/* The window of a centre crop, as CenterCrop has it. */
static void
crop_side(struct side *side, size_t crop)
{
	const size_t full = side->axis.out;
	side->size = crop ? crop : full;
	side->axis.count = full < side->size ? full : side->size;
	if (full < side->size)
		side->pad = (side->size - full) / 2;
	else
		side->axis.first = half_of(full - side->size);
}

/* The middle, as Pillow's ImageOps.pad() has it. */
static void
pad_side(struct side *side, size_t size)
{
	side->size = size;
	side->axis.count = side->axis.out;
	side->pad = half_of(size - side->axis.out);
}

static int
plan_side(struct side *side)
{
	struct hmm_resample_axis *axis = &side->axis;
	size_t cells;
	axis->taps = hmm_resample_taps(axis->in, axis->out, HMM_TRIANGLE);
	if (hmm_multiply(&cells, axis->count, axis->taps))
		cells = SIZE_MAX;
	axis->from = hmm_alloc(axis->count, sizeof(*axis->from));
	axis->weights = axis->from ? hmm_alloc(cells, sizeof(*axis->weights)) : NULL;
	side->fixed = axis->weights ? hmm_alloc(cells, sizeof(*side->fixed)) : NULL;
	if (!side->fixed)
		return -1;
	hmm_resample_plan(axis, HMM_TRIANGLE);
	hmm_resize_fix(side->fixed, axis);
	return 0;
}

/* Rows of the input that the vertical pass needs. */
static size_t
rows_needed(const struct hmm_resample_axis *axis)
{
	return axis->from[axis->count - 1] + axis->taps - axis->from[0];
}

/* The longer side after a resize, truncated as torchvision does. */
static size_t
long_side(size_t resize, size_t longer, size_t shorter)
{
	return (size_t)((double)(resize * longer) / (double)shorter);
}

/* Weights and room for sides that are known; NULL, reported. */
static struct hmm_slice_fit *
finish(struct hmm_slice_fit *fit, size_t threads)
{
	size_t pixels;
	if (hmm_multiply(&pixels, fit->x.size, fit->y.size) || pixels > max_pixels) {
		hmm_error("a slice of %zux%zu pixels would become %zux%zu, more than %zu pixels",
		    fit->x.axis.in, fit->y.axis.in, fit->x.size, fit->y.size, max_pixels);
	} else if (!plan_side(&fit->x) && !plan_side(&fit->y)) {
		if (hmm_multiply(&fit->room, rows_needed(&fit->y.axis), fit->x.axis.count))
			fit->room = SIZE_MAX;
		fit->between = hmm_alloc(fit->room, threads);
	}
	if (fit->between)
		return fit;
	hmm_slice_fit_close(fit);
	return NULL;
}

struct hmm_slice_fit *
hmm_slice_fit_open(size_t height, size_t width, size_t resize, size_t crop, size_t threads)
{
	struct hmm_slice_fit *fit = hmm_alloc(1, sizeof(*fit));
	if (!fit)
		return NULL;
	const int upright = width <= height;
	fit->x.axis.in = fit->x.axis.out = width;
	fit->y.axis.in = fit->y.axis.out = height;
	if (resize) {
		fit->x.axis.out = upright ? resize : long_side(resize, width, height);
		fit->y.axis.out = upright ? long_side(resize, height, width) : resize;
	}
	crop_side(&fit->x, crop);
	crop_side(&fit->y, crop);
	return finish(fit, threads);
}

/* The shorter side of a picture whose longer one has `size` pixels. */
static size_t
short_side(size_t size, double shorter, double longer)
{
	const double exact = rint(shorter / longer * (double)size);
	return exact < 1 ? 1 : (size_t)exact;
}

struct hmm_slice_fit *
hmm_slice_fit_whole(
    size_t height, size_t width, size_t size, const double extent[2], size_t threads)
{
	struct hmm_slice_fit *fit = hmm_alloc(1, sizeof(*fit));
	if (!fit)
		return NULL;
	fit->x.axis.in = width;
	fit->y.axis.in = height;
	fit->x.axis.out = fit->y.axis.out = size;
	if (extent[0] < extent[1])
		fit->y.axis.out = short_side(size, extent[0], extent[1]);
	else
		fit->x.axis.out = short_side(size, extent[1], extent[0]);
	pad_side(&fit->x, size);
	pad_side(&fit->y, size);
	return finish(fit, threads);
}

static void
free_side(struct side *side)
{
	free(side->axis.from);
	free(side->axis.weights);
	free(side->fixed);
}

void
hmm_slice_fit_close(struct hmm_slice_fit *fit)
{
	if (!fit)
		return;
	free_side(&fit->x);
	free_side(&fit->y);
	free(fit->between);
	free(fit);
}

int
hmm_slice_fit_is(const struct hmm_slice_fit *fit, size_t height, size_t width)
{
	return fit->y.axis.in == height && fit->x.axis.in == width;
}

void
hmm_slice_fit_shape(const struct hmm_slice_fit *fit, size_t shape[2])
{
	shape[0] = fit->y.size;
	shape[1] = fit->x.size;
}

void
hmm_slice_fit_run(unsigned char *out, const struct hmm_slice_fit *fit, const unsigned char *in,
    size_t channels, size_t thread)
{
	const struct hmm_resample_axis *x = &fit->x.axis, *y = &fit->y.axis;
	const size_t plane = fit->x.size * fit->y.size;
	unsigned char *between = fit->between + thread * fit->room;
	if (x->count * y->count < plane)
		memset(out, 0, channels * plane);
	out += fit->y.pad * fit->x.size + fit->x.pad;
	for (size_t c = 0; c < channels; c++, out += plane, in += x->in * y->in) {
		hmm_resize_rows(between, in + y->from[0] * x->in, rows_needed(y), x, fit->x.fixed);
		hmm_resize_columns(out, fit->x.size, between, x->count, y, fit->y.fixed);
	}
}

int
hmm_slice_fit_crops(const struct hmm_slice_fit *fit)
{
	return fit->x.axis.count < fit->x.axis.out || fit->y.axis.count < fit->y.axis.out;
}

/* The pixels whose middle stays: [begin, end). */
static void
stays(size_t *begin, size_t *end, const struct hmm_resample_axis *axis)
{
	const double scale = (double)axis->in / (double)axis->out;
	*begin = (size_t)ceil((double)axis->first * scale - .5);
	*end = (size_t)ceil((double)(axis->first + axis->count) * scale - .5);
}

static uint64_t
sum_of(const unsigned char *in, size_t count)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += in[i];
	return sum;
}

void
hmm_slice_fit_sum(
    uint64_t *all, uint64_t *kept, const struct hmm_slice_fit *fit, const unsigned char *in)
{
	size_t left, right, top, bottom;
	const size_t width = fit->x.axis.in;
	stays(&left, &right, &fit->x.axis);
	stays(&top, &bottom, &fit->y.axis);
	*all += sum_of(in, width * fit->y.axis.in);
	for (size_t y = top; y < bottom; y++)
		*kept += sum_of(in + y * width + left, right - left);
}
