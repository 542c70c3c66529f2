#include "hmm/resize.h"

#include "hmm/clones.h"

enum { FRACTION = 32 - 8 - 2, BLOCK = 256 };

static inline unsigned char
to_byte(int32_t sum)
{
	const int32_t value = sum >> FRACTION;
	return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
}

void
hmm_resize_fix(int32_t *fixed, const struct hmm_resample_axis *axis)
{
	for (size_t i = 0; i < axis->count * axis->taps; i++)
		fixed[i] = (int32_t)(axis->weights[i] * (1 << FRACTION) + 0.5);
}

HMM_CLONES void
hmm_resize_rows(unsigned char *out, const unsigned char *in, size_t rows,
    const struct hmm_resample_axis *axis, const int32_t *fixed)
{
	const size_t taps = axis->taps;
	for (size_t y = 0; y < rows; y++, in += axis->in, out += axis->count)
		for (size_t x = 0; x < axis->count; x++) {
			const unsigned char *from = in + axis->from[x];
			const int32_t *weight = fixed + x * taps;
			int32_t sum = 1 << (FRACTION - 1);
			for (size_t t = 0; t < taps; t++)
				sum += weight[t] * from[t];
			out[x] = to_byte(sum);
		}
}

static inline void
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
