/* Resize and crop against torchvision and Pillow, byte for byte
 * (tests/golden/make_resize.py), and the passes against the plain loop. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hmm/base/hash.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/resize.h"
#include "hmm/image/slice.h"
#include "hmm/data/table.h"
#include "scrambled.h"
#include "test.h"

static void
check_golden(const struct hmm_table *table, size_t row)
{
	const size_t channels = number(table, row, "channels"), height = number(table, row, "height");
	const size_t width = number(table, row, "width");
	size_t shape[2];
	char digest[HMM_HASH_SIZE];
	struct hmm_slice_fit *fit = hmm_slice_fit_open(
	    height, width, number(table, row, "resize"), number(table, row, "crop"), 2);
	CHECK(fit != NULL);
	if (!fit)
		return;
	hmm_slice_fit_shape(fit, shape);
	CHECK(shape[0] == number(table, row, "out_height"));
	CHECK(shape[1] == number(table, row, "out_width"));
	CHECK(hmm_slice_fit_is(fit, height, width) && !hmm_slice_fit_is(fit, height, width + 1));
	unsigned char *in = hmm_alloc(channels * height, width);
	unsigned char *out = hmm_alloc(channels * shape[0], shape[1]);
	memset(out, 99, channels * shape[0] * shape[1]);
	scramble(in, channels * height * width);
	hmm_slice_fit_run(out, fit, in, channels, row % 2);
	hmm_hash_bytes(digest, out, channels * shape[0] * shape[1]);
	const int same = !strcmp(digest, hmm_table_cell(table, row, hmm_table_want(table, "sha256")));
	if (!same)
		printf("%zux%zux%zu differs from Pillow\n", channels, height, width);
	CHECK(same);
	hmm_slice_fit_close(fit);
	free(in);
	free(out);
}

/* Both passes over a window of the outputs equal that window of all outputs. */
static void
check_window(size_t in, size_t out, size_t first, size_t count)
{
	enum { LINES = 3 };
	struct hmm_resample_axis all = {.in = in, .out = out, .count = out};
	struct hmm_resample_axis part = {.in = in, .out = out, .first = first, .count = count};
	struct hmm_resample_axis *const axes[2] = {&all, &part};
	unsigned char *pixels = hmm_alloc(LINES, in), *result[2][2];
	scramble(pixels, LINES * in);
	for (int a = 0; a < 2; a++) {
		struct hmm_resample_axis *axis = axes[a];
		axis->taps = hmm_resample_taps(in, out, HMM_TRIANGLE);
		axis->from = hmm_alloc(axis->count, sizeof(*axis->from));
		axis->weights = hmm_alloc(axis->count * axis->taps, sizeof(*axis->weights));
		int32_t *fixed = hmm_alloc(axis->count * axis->taps, sizeof(*fixed));
		hmm_resample_plan(axis, HMM_TRIANGLE);
		hmm_resize_fix(fixed, axis);
		for (size_t i = 0; i < axis->count; i++)
			CHECK(
			    axis->from[i] + axis->taps <= in && (i == 0 || axis->from[i] >= axis->from[i - 1]));
		for (int pass = 0; pass < 2; pass++)
			result[a][pass] = hmm_alloc(LINES, axis->count);
		hmm_resize_rows(result[a][0], pixels, LINES, axis, fixed);
		/* the same bytes, taken for `in` rows of LINES pixels */
		hmm_resize_columns(result[a][1], LINES, pixels + axis->from[0] * LINES, LINES, axis, fixed);
		free(fixed);
	}
	for (size_t line = 0; line < LINES; line++)
		CHECK(!memcmp(result[0][0] + line * out + first, result[1][0] + line * count, count));
	CHECK(!memcmp(result[0][1] + first * LINES, result[1][1], count * LINES));
	for (int a = 0; a < 2; a++) {
		free(axes[a]->from);
		free(axes[a]->weights);
		free(result[a][0]);
		free(result[a][1]);
	}
	free(pixels);
}

static void
measure(size_t channels, size_t height, size_t width)
{
	enum { TIMES = 50 };
	struct timespec begin, end;
	struct hmm_slice_fit *fit = hmm_slice_fit_open(height, width, 256, 224, 1);
	unsigned char *in = hmm_alloc(channels * height, width);
	unsigned char *out = hmm_alloc(channels * 224, 224);
	scramble(in, channels * height * width);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < TIMES; i++)
		hmm_slice_fit_run(out, fit, in, channels, 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	const double spent =
	    (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
	printf("%zux%zux%zu: %.2f ms\n", channels, height, width, 1e3 * spent / TIMES);
	hmm_slice_fit_close(fit);
	free(in);
	free(out);
}

int
main(void)
{
	struct hmm_table *table = hmm_table_read("tests/golden/resize.tsv", '\t');
	if (!table)
		return 1;
	for (size_t row = 0; row < table->rows; row++)
		check_golden(table, row);
	hmm_table_free(table);
	check_window(91, 37, 5, 20);
	check_window(37, 91, 90, 1);
	check_window(300, 256, 16, 224);
	check_window(1, 50, 3, 40);
	/* more pixels than any image may have: refused before anything is made for it */
	freopen("/dev/null", "w", stderr);
	CHECK(hmm_slice_fit_open(1, 1 << 28, 256, 0, 1) == NULL);
	measure(1, 218, 182);
	measure(3, 460, 700);
	return test_end();
}
