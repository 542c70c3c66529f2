#include "hmm/gan/picture.h"

#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/resize.h"

static int
plan_axis(struct hmm_resample_axis *axis, int32_t **fixed, size_t in, size_t out)
{
	size_t cells;
	*axis = (struct hmm_resample_axis){.in = in, .out = out, .count = out};
	axis->taps = hmm_resample_taps(in, out, HMM_CUBIC);
	if (hmm_multiply(&cells, out, axis->taps))
		cells = SIZE_MAX;
	axis->from = hmm_alloc(out, sizeof(*axis->from));
	axis->weights = hmm_alloc(cells, sizeof(*axis->weights));
	*fixed = hmm_alloc(cells, sizeof(**fixed));
	if (!axis->from || !axis->weights || !*fixed)
		return -1;
	hmm_resample_plan(axis, HMM_CUBIC);
	hmm_resize_fix(*fixed, axis);
	return 0;
}

int
hmm_bicubic_open(struct hmm_bicubic *resize, size_t in_height, size_t in_width, size_t out_height,
    size_t out_width)
{
	*resize = (struct hmm_bicubic){.between = hmm_alloc(in_height, out_width)};
	return !resize->between || plan_axis(&resize->x, &resize->x_fixed, in_width, out_width) ||
	               plan_axis(&resize->y, &resize->y_fixed, in_height, out_height)
	           ? -1
	           : 0;
}

void
hmm_bicubic_close(struct hmm_bicubic *resize)
{
	free(resize->x.from);
	free(resize->x.weights);
	free(resize->x_fixed);
	free(resize->y.from);
	free(resize->y.weights);
	free(resize->y_fixed);
	free(resize->between);
	*resize = (struct hmm_bicubic){0};
}

void
hmm_bicubic_run(unsigned char *out, const unsigned char *in, struct hmm_bicubic *resize)
{
	const size_t width = resize->x.out;
	hmm_resize_rows(resize->between, in, resize->y.in, &resize->x, resize->x_fixed);
	hmm_resize_columns(out, width, resize->between + resize->y.from[0] * width, width, &resize->y,
	    resize->y_fixed);
}

void
hmm_picture_floats(
    float *out, const unsigned char *in, size_t in_width, const struct hmm_picture_cut *cut)
{
	for (size_t y = 0; y < cut->height; y++) {
		const unsigned char *row = in + (cut->row + y) * in_width + cut->column;
		for (size_t x = 0; x < cut->width; x++) {
			const float value = (float)row[cut->flip ? cut->width - 1 - x : x];
			*out++ = (value / 255 - .5f) / .5f;
		}
	}
}

void
hmm_picture_load(float *out, const struct hmm_tensor *slice, size_t channels,
    struct hmm_bicubic *resize, unsigned char *bytes, const struct hmm_picture_cut *cut)
{
	const size_t area = slice->shape[1] * slice->shape[2];
	for (size_t c = 0; c < channels; c++) {
		const size_t from = slice->shape[0] == 1 ? 0 : c;
		hmm_bicubic_run(bytes, (const unsigned char *)slice->data + from * area, resize);
		hmm_picture_floats(out + c * cut->height * cut->width, bytes, resize->x.out, cut);
	}
}

void
hmm_picture_bytes(unsigned char *out, const float *in, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = (unsigned char)((in[i] + 1) / 2 * 255);
}

void
hmm_picture_grey(unsigned char *out, const unsigned char *in, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const uint32_t red = in[i], green = in[count + i], blue = in[2 * count + i];
		out[i] = (unsigned char)((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
	}
}
