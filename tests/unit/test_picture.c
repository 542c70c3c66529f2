/* Slices as networks see them: the bicubic resize of bytes against Pillow, byte for byte
 * (tests/golden/make_generators.py), and what becomes of bytes and floats. */
#include "hmm/gan/picture.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/hash.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "scrambled.h"
#include "test.h"

static void
check_golden(const struct hmm_table *table, size_t row)
{
	const size_t height = number(table, row, "height"), width = number(table, row, "width");
	const size_t out_height = number(table, row, "out_height");
	const size_t out_width = number(table, row, "out_width"), count = out_height * out_width;
	struct hmm_bicubic resize;
	char digest[HMM_HASH_SIZE];
	unsigned char *in = hmm_alloc(height, width), *out = hmm_alloc(count + 1, 1);
	scramble(in, height * width);
	out[count] = 99;
	CHECK(!hmm_bicubic_open(&resize, height, width, out_height, out_width));
	for (int again = 0; again < 2; again++) {
		memset(out, 7, count);
		hmm_bicubic_run(out, in, &resize);
		hmm_hash_bytes(digest, out, count);
		const int same =
		    !strcmp(digest, hmm_table_cell(table, row, hmm_table_want(table, "sha256")));
		if (!same)
			printf("%zu x %zu to %zu x %zu differs from Pillow\n", height, width, out_height,
			    out_width);
		CHECK(same && out[count] == 99);
	}
	hmm_bicubic_close(&resize);
	free(in);
	free(out);
}

/* Scaled as torchvision does, and back as the authors do. */
static void
check_bytes(void)
{
	enum { BYTES = 256 };
	unsigned char in[BYTES], out[BYTES];
	float floats[BYTES];
	const struct hmm_picture_cut whole = {0, 0, 16, 16, 0};
	for (int v = 0; v < BYTES; v++)
		in[v] = (unsigned char)v;
	hmm_picture_floats(floats, in, 16, &whole);
	for (int v = 0; v < BYTES; v++)
		CHECK(floats[v] == ((float)v / 255 - .5f) / .5f); /* as torchvision divides, twice */
	const float some[] = {-1, 1, 0, -.9999f, .9999f, -.5f, 254.f / 255 * 2 - 1.0001f};
	const unsigned char want[] = {0, 255, 127, 0, 254, 63, 253};
	hmm_picture_bytes(out, some, sizeof(want));
	CHECK(!memcmp(out, want, sizeof(want)));
}

static void
check_cut(void)
{
	unsigned char in[20];
	float out[6];
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(10 * i);
	/* rows 1 and 2, columns 1 to 3, of 5 columns */
	for (int flip = 0; flip < 2; flip++) {
		const struct hmm_picture_cut cut = {1, 1, 2, 3, flip};
		hmm_picture_floats(out, in, 5, &cut);
		for (size_t y = 0; y < 2; y++)
			for (size_t x = 0; x < 3; x++) {
				const float byte = in[(1 + y) * 5 + 1 + (flip ? 2 - x : x)];
				CHECK(out[y * 3 + x] == (byte / 255 - .5f) / .5f);
			}
	}
}

/* Pillow: (19595 r + 38470 g + 7471 b + 32768) / 65536. */
static void
check_grey(void)
{
	unsigned char planes[] = {255, 0, 0, 255, 1, 0, 255, 0, 255, 2, 0, 0, 255, 255, 4};
	const unsigned char want[] = {76, 150, 29, 255, 2};
	hmm_picture_grey(planes, planes, sizeof(want));
	CHECK(!memcmp(planes, want, sizeof(want)));
}

int
main(void)
{
	struct hmm_table *table = hmm_table_read("tests/golden/bicubic.tsv", '\t');
	CHECK(table != NULL);
	for (size_t row = 0; table && row < table->rows; row++)
		check_golden(table, row);
	CHECK(table && table->rows == 15);
	hmm_table_free(table);
	check_bytes();
	check_cut();
	check_grey();
	return test_end();
}
