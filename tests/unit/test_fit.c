/* Where the pixels of a slice come to lie: torchvision's Resize and CenterCrop, to the pixel. */
#include <stdlib.h>
#include <string.h>

#include "hmm/image/quantise.h"
#include "hmm/image/slice.h"
#include "hmm/kernel/resize.h"
#include "test.h"

enum { MOST = 64 };

/* Fit one row of a picture that is high enough for any crop: pixel x of it holds x + 1. */
static void
fit_row(unsigned char *out, size_t width, size_t crop)
{
	static unsigned char in[MOST * MOST], all[MOST * MOST];
	size_t shape[2];
	for (size_t i = 0; i < MOST * width; i++)
		in[i] = (unsigned char)(i % width + 1);
	struct hmm_slice_fit *fit = hmm_slice_fit_open(MOST, width, 0, crop, 1);
	hmm_slice_fit_shape(fit, shape);
	CHECK(shape[0] == crop && shape[1] == crop);
	hmm_slice_fit_run(all, fit, in, 1, 0);
	memcpy(out, all + crop / 2 * crop, crop);
	hmm_slice_fit_close(fit);
}

/* CenterCrop begins at int(round(margin / 2)), and Python rounds a half to even. */
static void
check_crop(void)
{
	static const size_t first[] = {0, 0, 1, 2, 2, 2, 3, 4, 4};
	unsigned char row[MOST];
	for (size_t margin = 0; margin < 9; margin++) {
		fit_row(row, 10 + margin, 10);
		for (size_t x = 0; x < 10; x++)
			CHECK(row[x] == first[margin] + x + 1);
	}
}

/* A smaller picture has (crop - width) // 2 zeros before it. */
static void
check_pad(void)
{
	unsigned char row[MOST];
	for (size_t width = 1; width < 10; width++) {
		fit_row(row, width, 10);
		for (size_t x = 0; x < 10; x++) {
			const size_t pad = (10 - width) / 2, at = x - pad;
			CHECK(row[x] == (x >= pad && at < width ? at + 1 : 0));
		}
	}
}

/* The short side becomes `resize`, the long one is truncated. */
static void
check_resize(void)
{
	static const size_t cases[][5] = {{20, 10, 8, 16, 8}, {10, 20, 8, 8, 16}, {10, 25, 7, 7, 17},
	    {25, 10, 7, 17, 7}, {9, 9, 4, 4, 4}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t shape[2];
		struct hmm_slice_fit *fit = hmm_slice_fit_open(cases[i][0], cases[i][1], cases[i][2], 0, 1);
		hmm_slice_fit_shape(fit, shape);
		CHECK(shape[0] == cases[i][3] && shape[1] == cases[i][4]);
		hmm_slice_fit_close(fit);
	}
}

/* White stays white: rounded weights may add up to more than 1. */
static void
check_white(void)
{
	static unsigned char in[MOST * MOST], out[MOST * MOST];
	memset(in, 255, sizeof(in));
	for (size_t size = 1; size <= MOST; size++)
		for (size_t resize = 1; resize <= MOST; resize++) {
			size_t black = 0;
			struct hmm_slice_fit *fit = hmm_slice_fit_open(size, size, resize, 0, 1);
			hmm_slice_fit_run(out, fit, in, 1, 0);
			for (size_t i = 0; i < resize * resize; i++)
				black += out[i] != 255;
			CHECK(black == 0);
			hmm_slice_fit_close(fit);
		}
}

/* As many weights as it takes for that. */
static void
check_many_weights(void)
{
	enum { TAPS = 40100 };
	static unsigned char in[TAPS];
	static int32_t fixed[TAPS];
	size_t from = 0, sum = 0;
	unsigned char out = 0;
	const struct hmm_resample_axis axis = {
	    .in = TAPS, .out = 1, .count = 1, .taps = TAPS, .from = &from};
	memset(in, 255, sizeof(in));
	for (size_t i = 0; i < TAPS; i++) {
		fixed[i] = 105;
		sum += 105;
	}
	CHECK(sum > (1 << HMM_RESIZE_FRACTION) + (1 << HMM_RESIZE_FRACTION) / 510);
	hmm_resize_rows(&out, in, 1, &axis, fixed);
	CHECK(out == 255);
}

static void
check_mask(void)
{
	static float values[6] = {-1, 0, 0.5F, 1, 0.25F, 2};
	static const unsigned char above[2][6] = {{0, 0, 1, 1, 1, 1}, {0, 0, 0, 1, 0, 1}};
	static const double threshold[2] = {0, .5};
	const struct hmm_tensor volume = {
	    .dtype = HMM_F32, .dimensions = 3, .shape = {1, 2, 3}, .data = values};
	struct hmm_tensor inside = {0};
	for (int i = 0; i < 2; i++) {
		CHECK(hmm_quantise_mask(&inside, &volume, threshold[i]) == 0);
		CHECK(!memcmp(inside.data, above[i], 6));
	}
	hmm_tensor_free(&inside);
}

int
main(void)
{
	check_crop();
	check_pad();
	check_resize();
	check_white();
	check_many_weights();
	check_mask();
	return test_end();
}
