#include "cpu.h"

#include <string.h>

#include "hmm/kernel/resize.h"

/* LANES pixels are resized side by side, in the horizontal pass of as many rows, SPAN of their
 * inputs at a time, in squares of SIDE. */
enum { FRACTION = HMM_RESIZE_FRACTION, LANES = 32, SPAN = 512, SIDE = 16, ROUNDS = 4 };

typedef unsigned char line __attribute__((vector_size(SIDE)));

/* Weights may have been rounded up so that the sum is too large; those of a cubic filter may be
 * negative. */
static inline unsigned char
to_byte(int32_t sum)
{
	const int32_t value = sum >> FRACTION;
	return (unsigned char)(value > 255 ? 255 : value < 0 ? 0 : value);
}

/* to[c][r] = from[r][c] of a square; of what is read and written only that many rows. A round
 * of perfect shuffles moves a bit of the row's number to the column's. */
static inline __attribute__((always_inline)) void
turn_square(unsigned char *to, size_t to_stride, size_t to_rows, const unsigned char *from,
    size_t from_stride, size_t from_rows)
{
	line rows[SIDE] = {{0}}, turned[SIDE];
	for (size_t r = 0; r < SIDE && r < from_rows; r++)
		memcpy(&rows[r], from + r * from_stride, SIDE);
	for (int round = 0; round < ROUNDS; round++) {
		for (int r = 0; r < SIDE / 2; r++) {
			turned[2 * r] = __builtin_shufflevector(rows[r], rows[r + SIDE / 2], 0, 16, 1, 17, 2,
			    18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
			turned[2 * r + 1] = __builtin_shufflevector(rows[r], rows[r + SIDE / 2], 8, 24, 9, 25,
			    10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
		}
		memcpy(rows, turned, sizeof(rows));
	}
	for (size_t r = 0; r < SIDE && r < to_rows; r++)
		memcpy(to + r * to_stride, &rows[r], SIDE);
}

/* Columns first..first+span-1 of up to LANES rows, turned; 1 when all of them are 0. */
static inline __attribute__((always_inline)) int
turn_rows(unsigned char turned[SPAN][LANES], const unsigned char *in, size_t rows, size_t stride,
    size_t first, size_t span)
{
	unsigned char square[SIDE][SIDE] = {{0}}, any = 0;
	for (size_t r = 0; r < rows; r++)
		for (size_t i = 0; i < span; i++)
			any |= in[r * stride + first + i];
	for (size_t i = 0; any && i < span; i += SIDE)
		for (size_t lane = 0; lane < LANES; lane += SIDE) {
			const size_t here = rows > lane ? rows - lane : 0, left = span - i;
			const unsigned char *from = in + lane * stride + first + i;
			if (left >= SIDE) {
				turn_square(turned[i] + lane, LANES, SIDE, from, stride, here);
				continue;
			}
			for (size_t r = 0; r < SIDE && r < here; r++)
				memcpy(square[r], from + r * stride, left);
			turn_square(turned[i] + lane, LANES, SIDE, square[0], SIDE, SIDE);
		}
	return !any;
}

/* Outputs x..x+SIDE-1, or up to end-1, of up to LANES rows, which lie turned in `bytes`. */
static inline __attribute__((always_inline)) void
turn_back(unsigned char *out, size_t stride, size_t x, size_t end,
    const unsigned char bytes[SIDE][LANES], size_t rows)
{
	unsigned char square[SIDE][SIDE];
	for (size_t lane = 0; lane < rows; lane += SIDE) {
		unsigned char *to = out + lane * stride + x;
		const size_t here = rows - lane;
		if (end - x >= SIDE) {
			turn_square(to, stride, here, bytes[0] + lane, LANES, SIDE);
			continue;
		}
		turn_square(square[0], SIDE, SIDE, bytes[0] + lane, LANES, SIDE);
		for (size_t r = 0; r < SIDE && r < here; r++)
			memcpy(to + r * stride, square[r], end - x);
	}
}

/* `count` <= LANES outputs side by side, of inputs `stride` apart. */
static inline __attribute__((always_inline)) void
sum_lanes(unsigned char *out, const unsigned char *in, size_t stride, size_t count,
    const int32_t *fixed, size_t taps)
{
	int32_t sum[LANES];
	for (size_t i = 0; i < count; i++)
		sum[i] = 1 << (FRACTION - 1);
	for (size_t t = 0; t < taps; t++)
		for (size_t i = 0; i < count; i++)
			sum[i] += fixed[t] * in[t * stride + i];
	for (size_t i = 0; i < count; i++)
		out[i] = to_byte(sum[i]);
}

/* Outputs first..end-1 of up to LANES rows. Their inputs are turned, so that a weight
 * meets all rows at once. */
static inline __attribute__((always_inline)) void
row_block(unsigned char *out, const unsigned char *in, size_t rows,
    const struct hmm_resample_axis *axis, const int32_t *fixed, size_t first, size_t end)
{
	unsigned char turned[SPAN][LANES], bytes[SIDE][LANES] = {{0}};
	const size_t low = axis->from[first], taps = axis->taps;
	const size_t span = axis->from[end - 1] + taps - low;
	if (turn_rows(turned, in, rows, axis->in, low, span)) { /* the background of most images */
		for (size_t r = 0; r < rows; r++)
			memset(out + r * axis->count + first, 0, end - first);
		return;
	}
	for (size_t x = first; x < end; x += SIDE) {
		for (size_t i = 0; i < SIDE && x + i < end; i++)
			sum_lanes(bytes[i], turned[axis->from[x + i] - low], LANES, LANES,
			    fixed + (x + i) * taps, taps);
		turn_back(out, axis->count, x, end, (const unsigned char(*)[LANES])bytes, rows);
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

void
CPU(hmm_resize_rows)(unsigned char *out, const unsigned char *in, size_t rows,
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

void
CPU(hmm_resize_columns)(unsigned char *out, size_t stride, const unsigned char *in, size_t width,
    const struct hmm_resample_axis *axis, const int32_t *fixed)
{
	const size_t taps = axis->taps;
	for (size_t y = 0; y < axis->count; y++, out += stride) {
		const unsigned char *from = in + (axis->from[y] - axis->from[0]) * width;
		size_t x = 0;
		for (; x + LANES <= width; x += LANES)
			sum_lanes(out + x, from + x, width, LANES, fixed + y * taps, taps);
		sum_lanes(out + x, from + x, width, width - x, fixed + y * taps, taps);
	}
}
