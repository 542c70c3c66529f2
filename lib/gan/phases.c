#include "phases.h"

#include <string.h>

static size_t
plane_height(const struct hmm_strided *conv)
{
	return conv->out_height + (conv->kernel - 1) / conv->stride;
}

static size_t
plane_width(const struct hmm_strided *conv)
{
	return conv->out_width + (conv->kernel - 1) / conv->stride;
}

static size_t
plane_size(const struct hmm_strided *conv)
{
	return plane_height(conv) * plane_width(conv);
}

size_t
phases_size(const struct hmm_strided *conv)
{
	return conv->stride * conv->stride * plane_size(conv);
}

/* The places of a phase's axis whose pixels are in the image: first..end-1. */
static void
inside(size_t *first, size_t *end, size_t phase, size_t places, size_t length,
    const struct hmm_strided *conv)
{
	const size_t stride = conv->stride, pad = conv->pad;
	*first = phase >= pad ? 0 : divide_up(pad - phase, stride);
	*end = length + pad > phase ? least(places, divide_up(length + pad - phase, stride)) : 0;
	*first = least(*first, *end);
}

void
phases_split(float *planes, const float *image, const struct hmm_strided *conv)
{
	const size_t stride = conv->stride, height = plane_height(conv), width = plane_width(conv);
	size_t top, bottom, left, right;
	for (size_t phase = 0; phase < stride * stride; phase++, planes += height * width) {
		const size_t a = phase / stride, b = phase % stride;
		inside(&top, &bottom, a, height, conv->in_height, conv);
		inside(&left, &right, b, width, conv->in_width, conv);
		if (top > 0 || bottom < height || left > 0 || right < width)
			memset(planes, 0, height * width * sizeof(*planes));
		for (size_t y = top; y < bottom; y++) {
			const float *row = image + (y * stride + a - conv->pad) * conv->in_width;
			float *to = planes + y * width + left;
			const float *from = row + left * stride + b - conv->pad;
			if (stride == 1)
				memcpy(to, from, (right - left) * sizeof(*to));
			else
				for (size_t x = 0; x < right - left; x++)
					to[x] = from[x * stride];
		}
	}
}

void
phases_join(float *image, const float *planes, const struct hmm_strided *conv)
{
	const size_t stride = conv->stride, height = plane_height(conv), width = plane_width(conv);
	size_t top, bottom, left, right;
	/* what no tap reaches */
	if (height * stride < conv->in_height + conv->pad ||
	    width * stride < conv->in_width + conv->pad)
		memset(image, 0, conv->in_height * conv->in_width * sizeof(*image));
	for (size_t phase = 0; phase < stride * stride; phase++, planes += height * width) {
		const size_t a = phase / stride, b = phase % stride;
		inside(&top, &bottom, a, height, conv->in_height, conv);
		inside(&left, &right, b, width, conv->in_width, conv);
		for (size_t y = top; y < bottom; y++) {
			float *to = image + (y * stride + a - conv->pad) * conv->in_width + left * stride + b -
			            conv->pad;
			const float *from = planes + y * width + left;
			if (stride == 1)
				memcpy(to, from, (right - left) * sizeof(*to));
			else
				for (size_t x = 0; x < right - left; x++)
					to[x * stride] = from[x];
		}
	}
}

/* Where the pixels of tap (i, j) begin in a channel's planes, for output row y. */
static size_t
tap_place(const struct hmm_strided *conv, size_t i, size_t j, size_t y)
{
	const size_t stride = conv->stride, phase = i % stride * stride + j % stride;
	return phase * plane_size(conv) + (y + i / stride) * plane_width(conv) + j / stride;
}

void
phases_gather(
    float *columns, const float *planes, const struct band *band, const struct hmm_strided *conv)
{
	const size_t width = conv->out_width, step = plane_width(conv);
	for (size_t c = band->channel; c < band->channel + band->channels; c++)
		for (size_t i = 0; i < conv->kernel; i++)
			for (size_t j = 0; j < conv->kernel; j++) {
				const float *from =
				    planes + c * phases_size(conv) + tap_place(conv, i, j, band->row);
				for (size_t y = 0; y < band->rows; y++, from += step, columns += width)
					memcpy(columns, from, width * sizeof(*columns));
			}
}

void
phases_scatter(
    float *planes, const float *columns, const struct band *band, const struct hmm_strided *conv)
{
	const size_t width = conv->out_width, step = plane_width(conv);
	for (size_t c = band->channel; c < band->channel + band->channels; c++)
		for (size_t i = 0; i < conv->kernel; i++)
			for (size_t j = 0; j < conv->kernel; j++) {
				float *to = planes + c * phases_size(conv) + tap_place(conv, i, j, band->row);
				for (size_t y = 0; y < band->rows; y++, to += step, columns += width)
					for (size_t x = 0; x < width; x++)
						to[x] += columns[x];
			}
}
