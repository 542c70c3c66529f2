#include "hmm/resize.h"

#include <string.h>

#include "hmm/clones.h"

/* LANES rows are resized side by side, SPAN of their inputs at a time. */
enum { FRACTION = 32 - 8 - 2, BLOCK = 256, LANES = 32, SPAN = 512 };

static inline unsigned char
to_byte(int32_t sum)
{
	int32_t value = sum >> FRACTION;
	value = value > 255 ? 255 : value;
	return (unsigned char)(value < 0 ? 0 : value);
}

void
hmm_resize_fix(int32_t *fixed, const struct hmm_resample_axis *axis)
{
	for (size_t i = 0; i < axis->count * axis->taps; i++)
		fixed[i] = (int32_t)(axis->weights[i] * (1 << FRACTION) + 0.5);
}

/* Outputs first..end-1 of up to LANES rows. Their inputs are turned, so that a weight
 * meets all rows at once. */
static inline __attribute__((always_inline)) void
row_block(unsigned char *out, const unsigned char *in, size_t rows,
    const struct hmm_resample_axis *axis, const int32_t *fixed, size_t first, size_t end)
{
	unsigned char turned[SPAN][LANES] = {{0}}, any = 0;
	const size_t low = axis->from[first], taps = axis->taps;
	const size_t span = axis->from[end - 1] + taps - low;
	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < span; i++)
			any |= in[r * axis->in + low + i];
	for (size_t r = 0; r < rows && !any; r++)
		memset(out + r * axis->count + first, 0, end - first);
	if (!any) /* the background of most images */
		return;
	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < span; i++)
			turned[i][r] = in[r * axis->in + low + i];
	for (size_t x = first; x < end; x++) {
		int32_t sum[LANES];
		for (size_t r = 0; r < LANES; r++)
			sum[r] = 1 << (FRACTION - 1);
		for (size_t t = 0; t < taps; t++)
			for (size_t r = 0; r < LANES; r++)
				sum[r] += fixed[x * taps + t] * turned[axis->from[x] - low + t][r];
		unsigned char bytes[LANES];
		for (size_t r = 0; r < LANES; r++)
			bytes[r] = to_byte(sum[r]);
		for (size_t r = 0; r < rows; r++)
			out[r * axis->count + x] = bytes[r];
	}
}

/* The outputs of one row, one by one: where the filter is wider than SPAN. */
static void
plain_row(unsigned char *out, const unsigned char *in, const struct hmm_resample_axis *axis,
    const int32_t *fixed)
{
	for (size_t x = 0; x < axis->count; x++) {
		int32_t sum = 1 << (FRACTION - 1);
		for (size_t t = 0; t < axis->taps; t++)
			sum += fixed[x * axis->taps + t] * in[axis->from[x] + t];
		out[x] = to_byte(sum);
	}
}

HMM_CLONES void
hmm_resize_rows(unsigned char *out, const unsigned char *in, size_t rows,
    const struct hmm_resample_axis *axis, const int32_t *fixed)
{
	for (size_t y = 0; y < rows && axis->taps > SPAN; y++)
		plain_row(out + y * axis->count, in + y * axis->in, axis, fixed);
	if (axis->taps > SPAN)
		return;
	for (size_t first = 0, end; first < axis->count; first = end) {
		for (end = first + 1; end < axis->count; end++)
			if (axis->from[end] + axis->taps - axis->from[first] > SPAN)
				break;
		for (size_t y = 0; y < rows; y += LANES)
			row_block(out + y * axis->count, in + y * axis->in, rows - y < LANES ? rows - y : LANES,
			    axis, fixed, first, end);
	}
}

static inline __attribute__((always_inline)) void
column_block(unsigned char *out, const unsigned char *in, size_t count, size_t stride,
    const int32_t *weight, size_t taps)
{
	int32_t sum[BLOCK];
	for (size_t x = 0; x < count; x++)
		sum[x] = 1 << (FRACTION - 1);
	for (size_t t = 0; t < taps; t++)
		for (size_t x = 0; x < count; x++)
			sum[x] += weight[t] * in[t * stride + x];
	for (size_t x = 0; x < count; x++)
		out[x] = to_byte(sum[x]);
}

HMM_CLONES void
hmm_resize_columns(unsigned char *out, size_t stride, const unsigned char *in, size_t width,
    const struct hmm_resample_axis *axis, const int32_t *fixed)
{
	for (size_t y = 0; y < axis->count; y++, out += stride)
		for (size_t x = 0; x < width; x += BLOCK)
			column_block(out + x, in + (axis->from[y] - axis->from[0]) * width + x,
			    width - x < BLOCK ? width - x : BLOCK, width, fixed + y * axis->taps, axis->taps);
}
