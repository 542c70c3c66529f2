/* SSIM, PSNR and L1 of slices against scikit-image (tests/golden/make_similarity.py). */
#include <stdlib.h>
#include <time.h>

#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "hmm/kernel/similarity.h"
#include "test.h"

/* The bytes of make_similarity.py. */
static unsigned
scramble(size_t i, unsigned seed)
{
	uint32_t h = (uint32_t)((i + seed * 1000003u) * 2654435761u);
	h = (h ^ h >> 15) * 2246822519u;
	return h >> 24;
}

static size_t
number(const struct hmm_table *table, size_t row, const char *column)
{
	return strtoul(hmm_table_cell(table, row, hmm_table_want(table, column)), NULL, 10);
}

static const char *const names[2][HMM_MEASURES] = {{"ssim", "ssim_skimage", "psnr", "l1"},
    {"ssim_inside", "ssim_skimage_inside", "psnr_inside", "l1_inside"}};

static void
check_values(
    const struct hmm_table *table, size_t row, int inside, const struct hmm_similarity *sums)
{
	double values[HMM_MEASURES];
	hmm_similarity_values(values, sums);
	for (int m = 0; m < HMM_MEASURES; m++) {
		const char *cell = hmm_table_cell(table, row, hmm_table_want(table, names[inside][m]));
		const double want = cell ? strtod(cell, NULL) : (double)NAN;
		const int same = isnan(want)   ? isnan(values[m])
		                 : isinf(want) ? isinf(values[m]) && values[m] > 0
		                               : fabs(values[m] - want) <= 1e-11 * (1 + fabs(want));
		if (!same)
			printf("row %zu: %s %.17g, want %.17g\n", row + 1, names[inside][m], values[m], want);
		CHECK(same);
	}
}

static void
check_golden(const struct hmm_table *table, size_t row)
{
	const size_t channels[2] = {number(table, row, "channels_x"), number(table, row, "channels_y")};
	const size_t most = channels[0] > channels[1] ? channels[0] : channels[1];
	const size_t height = number(table, row, "height"), width = number(table, row, "width");
	const unsigned seed = (unsigned)number(table, row, "seed");
	const size_t size = height * width;
	uint8_t *x = hmm_alloc(size, 1), *y = hmm_alloc(size, 1), *mask = hmm_alloc(size, 1);
	double *scratch = hmm_alloc(width * HMM_SIMILARITY_SCRATCH, sizeof(*scratch));
	struct hmm_similarity sums[2] = {{{0}, {0}, 0, 0, 0}}, parts[2] = {{{0}, {0}, 0, 0, 0}};
	for (size_t i = 0; i < size; i++)
		mask[i] = seed != 1 && scramble(i, seed + 1000) > 90 ? 7 : 0;
	for (unsigned c = 0; c < most; c++) {
		const unsigned of_x = c % (unsigned)channels[0], of_y = c % (unsigned)channels[1];
		for (size_t i = 0; i < size; i++) {
			const unsigned ramp = (unsigned)(i % width * 150 / width);
			x[i] = (uint8_t)(ramp + scramble(i, seed + 10 * of_x) * 105 / 255);
			y[i] = (uint8_t)(ramp * 2 / 3 + scramble(i, seed + 10 * of_y) * 80 / 255 +
			                 scramble(i, seed + 10 * of_y + 500) * 70 / 255);
			y[i] = seed ? y[i] : x[i];
			scratch[i % (width * HMM_SIMILARITY_SCRATCH)] = (double)NAN;
		}
		struct hmm_similarity part[2] = {{{0}, {0}, 0, 0, 0}};
		hmm_similarity_add(&sums[0], &sums[1], x, y, mask, height, width, scratch);
		hmm_similarity_add(&part[0], &part[1], y, x, mask, height, width, scratch);
		hmm_similarity_merge(&parts[0], &part[0]);
		hmm_similarity_merge(&parts[1], &part[1]);
	}
	for (int inside = 0; inside < 2; inside++) {
		check_values(table, row, inside, &sums[inside]);
		check_values(table, row, inside, &parts[inside]);
	}
	/* without a mask nothing is inside */
	struct hmm_similarity none = {{0}, {0}, 0, 0, 0}, all = none;
	hmm_similarity_add(&all, &none, x, y, NULL, height, width, scratch);
	CHECK(none.samples == 0 && none.mapped[0] == 0 && none.mapped[1] == 0 && none.square == 0);
	CHECK(all.samples == size);
	free(scratch);
	free(mask);
	free(y);
	free(x);
}

static void
measure(size_t height, size_t width)
{
	enum { TIMES = 20 };
	struct timespec begin, end;
	struct hmm_similarity sums[2] = {{{0}, {0}, 0, 0, 0}};
	uint8_t *x = hmm_alloc(height, width), *y = hmm_alloc(height, width);
	double *scratch = hmm_alloc(width * HMM_SIMILARITY_SCRATCH, sizeof(*scratch));
	for (size_t i = 0; i < height * width; i++) {
		x[i] = (uint8_t)scramble(i, 1);
		y[i] = (uint8_t)scramble(i, 2);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (int i = 0; i < TIMES; i++)
		hmm_similarity_add(&sums[0], &sums[1], x, y, x, height, width, scratch);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	const double spent =
	    (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
	printf("%zux%zu: %.2f ms\n", height, width, 1e3 * spent / TIMES);
	free(scratch);
	free(y);
	free(x);
}

int
main(void)
{
	struct hmm_table *table = hmm_table_read("tests/golden/similarity.tsv", '\t');
	if (!table)
		return 1;
	for (size_t row = 0; row < table->rows; row++)
		check_golden(table, row);
	hmm_table_free(table);
	measure(256, 256);
	return test_end();
}
