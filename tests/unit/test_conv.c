/* Tiles, convolutions and products against their plain twins, on seeded random shapes, and every
 * processor's kernels against the plain ones. Sums have a fixed order, so most comparisons are to
 * the bit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/conv.h"
#include "hmm/kernel/matmul.h"
#include "hmm/kernel/winograd.h"
#include "ref.h"
#include "seeded.h"
#include "test.h"

static const size_t tiles_of[] = {7, 5, 4};

static void
check_tile(const struct hmm_kernels *kernels, unsigned seed)
{
	const size_t rows = draw(seed, 0, 1, 14), columns = draw(seed, 1, 1, 32);
	const size_t depth = draw(seed, 2, 1, 40), taps = draw(seed, 3, 1, 9);
	const size_t in_stride = depth + draw(seed, 4, 0, 5),
	             out_stride = columns + draw(seed, 5, 0, 9);
	ptrdiff_t offsets[9];
	for (size_t t = 0; t < taps; t++)
		offsets[t] = (ptrdiff_t)(t * 3);
	float *in = fresh(rows * in_stride + 32, seed), *b = fresh(taps * depth * columns, seed + 1);
	float *weights = hmm_alloc(hmm_tile_packed_size(taps * depth, columns), sizeof(float));
	float *have = fresh(rows * out_stride, seed + 2), *want = fresh(rows * out_stride, seed + 2);
	float *bias = fresh(columns, seed + 3);
	hmm_tile_pack(weights, b, taps * depth, columns, columns, 1);
	struct hmm_tile tile = {.out = have,
	    .out_stride = out_stride,
	    .in = in,
	    .in_stride = in_stride,
	    .offsets = offsets,
	    .taps = taps,
	    .depth = depth,
	    .weights = weights,
	    .bias = bias,
	    .rows = rows,
	    .columns = columns,
	    .start = (enum hmm_tile_start)(seed % 3),
	    .relu = seed % 2};
	kernels->tile(&tile);
	tile.out = want;
	hmm_kernels_plain.tile(&tile);
	CHECK(same(have, want, rows * out_stride)); /* the gaps between rows too */
	free(in);
	free(b);
	free(weights);
	free(have);
	free(want);
	free(bias);
}

/* [channels][height][width] to and from a padded activation. */
static void
pad(float *out, const float *in, size_t channels, size_t height, size_t width)
{
	for (size_t c = 0; c < channels; c++)
		for (size_t y = 0; y < height; y++)
			for (size_t x = 0; x < width; x++)
				out[hmm_activation_at(height, width, channels, c) +
				    ((y + 1) * (width + 2) + x + 1) * hmm_activation_block(channels)] =
				    in[(c * height + y) * width + x];
}

static void
check_conv(unsigned seed, int pool, size_t in)
{
	const size_t out = seed % 3 ? draw(seed, 1, 1, 70) : 128;
	const size_t height = draw(seed, 2, 2, 19), width = draw(seed, 3, 2, 33);
	const size_t low = pool ? height / 2 : height, narrow = pool ? width / 2 : width;
	float *image = fresh(in * height * width, seed), *weights = fresh(out * in * 9, seed + 1);
	float *bias = fresh(out, seed + 2), *packed = hmm_alloc(hmm_conv_packed_size(in, out), 4);
	float *padded = hmm_alloc(hmm_activation_size(height, width, in), sizeof(float));
	float *have = hmm_alloc(hmm_activation_size(low, narrow, out), sizeof(float));
	float *want = hmm_alloc(hmm_activation_size(low, narrow, out), sizeof(float));
	float *full = hmm_alloc(out * height * width, sizeof(float));
	float *small = hmm_alloc(out * height * width, sizeof(float));
	float *scratch = hmm_alloc(hmm_conv_scratch_size(width), sizeof(float));
	pad(padded, image, in, height, width);
	hmm_conv_pack(packed, weights, in, out);
	const struct hmm_conv conv = {in, out, packed, bias, NULL, pool, 0};
	hmm_conv_run(have, padded, &conv, height, width, scratch);
	ref_conv(full, image, weights, bias, in, out, height, width);
	if (pool)
		ref_pool(small, full, out, height, width);
	pad(want, pool ? small : full, out, low, narrow);
	CHECK(same(have, want, hmm_activation_size(low, narrow, out)));
	float *const blocks[] = {
	    image, weights, bias, packed, padded, have, want, full, small, scratch};
	for (size_t i = 0; i < 10; i++)
		free(blocks[i]);
}

/* The first layer against its plain twin, to the bit. */
static void
check_first(const struct hmm_kernels *kernels, unsigned seed)
{
	enum { PANEL = HMM_FIRST_OUTPUTS, MOST = 4 * (40 + 2) * 3, PIXEL = PANEL + 3 };
	const size_t channels = seed % 2 ? 1 : 3, width = draw(seed, 0, 2, 40);
	float *in = fresh(MOST, seed), *weights = fresh(27 * PANEL, seed + 1),
	      *bias = fresh(6 * PANEL, seed + 2);
	float *have = fresh(2 * 40 * PIXEL, seed + 3), *want = fresh(2 * 40 * PIXEL, seed + 3);
	struct hmm_first_rows rows = {.out = have,
	    .out_row = 40 * PIXEL,
	    .out_pixel = PIXEL,
	    .in = in,
	    .in_row = (width + 2) * channels,
	    .below = (width + 2) * channels,
	    .channels = channels,
	    .weights = weights,
	    .bias = (const float(*)[3][PANEL])bias,
	    .rows = draw(seed, 1, 1, 2),
	    .width = width,
	    .outputs = draw(seed, 2, 1, PANEL),
	    .pool = seed % 3 == 0};
	kernels->first(&rows);
	rows.out = want;
	hmm_kernels_plain.first(&rows);
	CHECK(same(have, want, 2 * 40 * PIXEL)); /* the gaps between pixels too */
	float *const blocks[] = {in, weights, bias, have, want};
	for (size_t i = 0; i < 5; i++)
		free(blocks[i]);
}

/* Winograd against the plain convolution, several images, every odd edge. */
static void
check_winograd(unsigned seed, size_t tile, int pool)
{
	const size_t in = seed % 5 ? draw(seed, 0, 1, 70) : 128,
	             out = seed % 4 ? draw(seed, 1, 1, 140) : 128, images = draw(seed, 4, 1, 3);
	const size_t height = draw(seed, 2, 2, 23), width = draw(seed, 3, 2, 23);
	const size_t low = pool ? height / 2 : height, narrow = pool ? width / 2 : width;
	const size_t in_size = hmm_activation_size(height, width, in);
	const size_t out_size = hmm_activation_size(low, narrow, out);
	float *image = fresh(in * height * width, seed), *weights = fresh(out * in * 9, seed + 1);
	float *bias = fresh(out, seed + 2);
	float *packed = hmm_alloc(hmm_winograd_packed_size(tile, in, out), 4);
	float *padded = hmm_alloc(images * in_size, 4), *have = hmm_alloc(images * out_size, 4);
	float *full = hmm_alloc(out * height * width, 4), *want = hmm_alloc(out_size, 4);
	float *small = hmm_alloc(out * height * width, 4), *past = fresh(out * low * narrow, seed + 3);
	float *scratch = hmm_alloc(hmm_winograd_scratch_size(tile, in, out), 4);
	for (size_t n = 0; n < images; n++) {
		pad(padded + n * in_size, image, in, height, width);
		pad(have + n * out_size, past, out, low, narrow); /* what another image left there */
	}
	for (size_t panel = 0; panel < hmm_winograd_panels(out); panel++)
		hmm_winograd_pack(packed, weights, tile, in, out, panel);
	const struct hmm_conv conv = {in, out, packed, bias, NULL, pool, tile};
	hmm_winograd_run(have, padded, &conv, images, height, width, scratch);
	ref_conv(full, image, weights, bias, in, out, height, width);
	if (pool)
		ref_pool(small, full, out, height, width);
	pad(want, pool ? small : full, out, low, narrow);
	CHECK(ref_distance(have, want, out_size) <= (tile == HMM_WINOGRAD_EXACT ? 8e-7 : 3e-5));
	for (size_t n = 1; n < images; n++)
		CHECK(same(have, have + n * out_size, out_size));
	float *const blocks[] = {
	    image, weights, bias, packed, padded, have, full, want, small, past, scratch};
	for (size_t i = 0; i < 11; i++)
		free(blocks[i]);
}

/* Tile i's product with output k of the panel. */
static float
product_of(const struct hmm_winograd_product *product, size_t i, size_t k)
{
	float total = 0, sum = 0;
	for (size_t c = 0; c < product->depth; c++) {
		const float x = product->in[(c / 64 * product->tiles + i) * 64 + c % 64];
		sum = fmaf(x, product->weights[c * HMM_WINOGRAD_PANEL + k], sum);
		if (!product->apart || (c + 1) % product->apart)
			continue;
		total = c < product->apart ? sum : total + sum;
		sum = 0;
	}
	const size_t left = product->apart ? product->depth % product->apart : product->depth;
	return left == product->depth ? sum : left ? total + sum : total;
}

/* The steps of Winograd's convolution against their plain twins, to the bit. */
static void
check_winograd_kernels(const struct hmm_kernels *kernels, unsigned seed)
{
	enum { N = HMM_WINOGRAD_MOST_POINTS, WIDE = HMM_WINOGRAD_BLOCK };
	struct hmm_winograd_points points;
	const size_t tile = tiles_of[seed % 3], tiles = draw(seed, 0, 1, 40),
	             depth = draw(seed, 1, 1, 12) * HMM_WINOGRAD_LANES;
	const size_t blocks = draw(seed, 2, 1, WIDE / HMM_WINOGRAD_LANES);
	const size_t many = N * N * WIDE, rows = tiles * (depth + WIDE);
	float *in = fresh(many, seed), *have = fresh(many, seed + 1), *want = fresh(many, seed + 1);
	float *a = fresh(rows, seed + 2), *b = fresh(2 * depth * HMM_WINOGRAD_PANEL, seed + 3);
	float *c = hmm_alloc(tiles * 40, 4), *d = hmm_alloc(tiles * 40, 4);
	hmm_winograd_fill(&points, tile);
	kernels->winograd_input(have, WIDE, in, N * WIDE, WIDE, blocks, &points);
	hmm_kernels_plain.winograd_input(want, WIDE, in, N * WIDE, WIDE, blocks, &points);
	CHECK(same(have, want, many));

	struct hmm_winograd_place place = {.row = N * WIDE,
	    .pixel = WIDE,
	    .y = draw(seed, 3, 0, 1) * tile,
	    .x = tile % 2 ? draw(seed, 7, 0, 1) : 0,
	    .height = draw(seed, 4, 2, 9),
	    .width = draw(seed, 5, 2, 9),
	    .pool = seed % 4 == 0,
	    .channels = draw(seed, 6, 1, WIDE)};
	place.y = place.y < place.height ? place.y : 0;
	place.image = have;
	kernels->winograd_output(&place, in, N * WIDE, b, &points);
	place.image = want;
	hmm_kernels_plain.winograd_output(&place, in, N * WIDE, b, &points);
	CHECK(same(have, want, many));

	const size_t part = draw(seed, 8, 0, 2) * 32;
	struct hmm_winograd_product product = {c, 40, a, b, tiles, depth, part, a, 16};
	kernels->winograd_multiply(&product);
	for (size_t i = 0; i < tiles; i++)
		for (size_t k = 0; k < HMM_WINOGRAD_PANEL; k++)
			d[i * 40 + k] = product_of(&product, i, k);
	CHECK(same(c, d, tiles * 40));

	double nine[9][HMM_WINOGRAD_PANEL];
	float *e = hmm_alloc(2 * N * N * HMM_WINOGRAD_PANEL, 4), *f = e + N * N * HMM_WINOGRAD_PANEL;
	for (size_t k = 0; k < 9; k++)
		for (size_t i = 0; i < HMM_WINOGRAD_PANEL; i++)
			nine[k][i] = (double)b[(k * 7 + i) % 32];
	kernels->winograd_weights(e, HMM_WINOGRAD_PANEL, nine, &points);
	hmm_kernels_plain.winograd_weights(f, HMM_WINOGRAD_PANEL, nine, &points);
	CHECK(same(e, f, N * N * HMM_WINOGRAD_PANEL));
	float *const all[] = {in, have, want, a, b, c, d, e};
	for (size_t i = 0; i < 8; i++)
		free(all[i]);
}

static void
check_matmul(unsigned seed)
{
	const size_t m = draw(seed, 0, 1, 60), n = draw(seed, 1, 1, 80), k = draw(seed, 2, 1, 50);
	float *a = fresh(m * k, seed), *b = fresh(k * n, seed + 1);
	float *have = fresh(m * n, seed + 2), *want = fresh(m * n, seed + 2);
	float *packed = hmm_alloc(hmm_tile_packed_size(k, n), sizeof(float));
	hmm_tile_pack(packed, b, k, n, n, 1);
	hmm_matmul(have, n, a, k, packed, 0, m, n, k, HMM_START_OUT, NULL);
	for (size_t r = 0; r < m; r++)
		for (size_t c = 0; c < n; c++) {
			float sum = 0;
			for (size_t i = 0; i < k; i++)
				sum = fmaf(a[r * k + i], b[i * n + c], sum);
			want[r * n + c] += sum;
		}
	CHECK(same(have, want, m * n));
	free(a);
	free(b);
	free(have);
	free(want);
	free(packed);
}

int
main(void)
{
	for (unsigned seed = 1; seed <= 200; seed++) {
		each_table(check_tile, seed);
		each_table(check_first, seed);
		each_table(check_winograd_kernels, seed);
	}
	for (unsigned seed = 1; seed <= 30; seed++) {
		check_conv(seed, seed % 2, seed % 5 ? draw(seed, 0, 1, 40) : 128);
		check_conv(seed, seed % 2, seed % 4 < 2 ? 1 : 3);
		check_winograd(seed, tiles_of[seed % 3], seed % 2);
		check_matmul(seed);
	}
	return test_end();
}
