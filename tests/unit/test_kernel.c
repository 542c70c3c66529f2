/* Every fast kernel against its plain twin, on seeded random shapes. Sums have a
 * fixed order, so most comparisons are to the bit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/adam.h"
#include "hmm/kernel/linear.h"
#include "hmm/kernel/loss.h"
#include "hmm/kernel/matmul.h"
#include "hmm/base/memory.h"
#include "hmm/base/random.h"
#include "hmm/kernel/variant.h"
#include "hmm/kernel/winograd.h"
#include "../../lib/kernel/first_kernels.h"
#include "../../lib/kernel/winograd_kernels.h"
#include "ref.h"
#include "test.h"

static size_t
draw(unsigned seed, unsigned what, size_t least, size_t most)
{
	const struct hmm_place place = {.seed = seed, .stream = 99};
	return least + (size_t)(hmm_random_uniform(place, what) * (double)(most - least + 1));
}

static float *
fresh(size_t count, unsigned seed)
{
	float *values = hmm_alloc(count, sizeof(float));
	ref_random(values, count, seed);
	return values;
}

static int
same(const float *a, const float *b, size_t count)
{
	return memcmp(a, b, count * sizeof(float)) == 0;
}

static void
check_tile(hmm_tile_run *run, unsigned seed)
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
	run(&tile);
	tile.out = want;
	hmm_tile_plain(&tile);
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
				out[hmm_conv_at(height, width, channels, c) +
				    ((y + 1) * (width + 2) + x + 1) * hmm_conv_block(channels)] =
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
	float *padded = hmm_alloc(hmm_conv_activation_size(height, width, in), sizeof(float));
	float *have = hmm_alloc(hmm_conv_activation_size(low, narrow, out), sizeof(float));
	float *want = hmm_alloc(hmm_conv_activation_size(low, narrow, out), sizeof(float));
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
	CHECK(same(have, want, hmm_conv_activation_size(low, narrow, out)));
	float *const blocks[] = {
	    image, weights, bias, packed, padded, have, want, full, small, scratch};
	for (size_t i = 0; i < 10; i++)
		free(blocks[i]);
}

/* The first layer against its plain twin, to the bit. */
static void
check_first(hmm_first_run_rows *run, unsigned seed)
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
	run(&rows);
	rows.out = want;
	hmm_first_plain(&rows);
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
	const size_t in_size = hmm_conv_activation_size(height, width, in);
	const size_t out_size = hmm_conv_activation_size(low, narrow, out);
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
	CHECK(ref_distance(have, want, out_size) <= 3e-5);
	for (size_t n = 1; n < images; n++)
		CHECK(same(have, have + n * out_size, out_size));
	float *const blocks[] = {
	    image, weights, bias, packed, padded, have, full, want, small, past, scratch};
	for (size_t i = 0; i < 11; i++)
		free(blocks[i]);
}

/* The steps of Winograd's convolution against their plain twins, to the bit. */
static void
check_winograd_kernels(const struct hmm_winograd_kernels *kernels, unsigned seed)
{
	enum { N = HMM_WINOGRAD_MOST_POINTS, WIDE = HMM_WINOGRAD_BLOCK };
	struct hmm_winograd_points points;
	const size_t tile = seed % 2 ? 7 : 5, tiles = draw(seed, 0, 1, 40),
	             depth = draw(seed, 1, 1, 12) * HMM_WINOGRAD_LANES;
	const size_t blocks = draw(seed, 2, 1, WIDE / HMM_WINOGRAD_LANES);
	const size_t many = N * N * WIDE, rows = tiles * (depth + WIDE);
	float *in = fresh(many, seed), *have = fresh(many, seed + 1), *want = fresh(many, seed + 1);
	float *a = fresh(rows, seed + 2), *b = fresh(2 * depth * HMM_WINOGRAD_PANEL, seed + 3);
	float *c = hmm_alloc(tiles * 40, 4), *d = hmm_alloc(tiles * 40, 4);
	hmm_winograd_fill(&points, tile);
	kernels->input(have, WIDE, in, N * WIDE, WIDE, blocks, &points);
	hmm_winograd_plain.input(want, WIDE, in, N * WIDE, WIDE, blocks, &points);
	CHECK(same(have, want, many));

	struct hmm_winograd_place place = {.row = N * WIDE,
	    .pixel = WIDE,
	    .y = draw(seed, 3, 0, 1) * tile,
	    .x = draw(seed, 7, 0, 1),
	    .height = draw(seed, 4, 2, 9),
	    .width = draw(seed, 5, 2, 9),
	    .pool = seed % 3 == 0,
	    .channels = draw(seed, 6, 1, WIDE)};
	place.y = place.y < place.height ? place.y : 0;
	place.image = have;
	kernels->output(&place, in, N * WIDE, b, &points);
	place.image = want;
	hmm_winograd_plain.output(&place, in, N * WIDE, b, &points);
	CHECK(same(have, want, many));

	struct hmm_winograd_product product = {c, 40, a, b, tiles, depth, a, 16};
	kernels->multiply(&product);
	product.out = d;
	hmm_winograd_plain.multiply(&product);
	CHECK(same(c, d, tiles * 40));
	float *const all[] = {in, have, want, a, b, c, d};
	for (size_t i = 0; i < 7; i++)
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

/* Rows and columns of one sample at a time against sums in double; many samples and every
 * variant's dot against that, to the bit. */
static void
check_linear(unsigned seed)
{
	const size_t rows = draw(seed, 0, 1, 40), columns = draw(seed, 1, 1, 3000);
	const size_t samples = draw(seed, 2, 1, 20);
	float *w = fresh(rows * columns, seed), *x = fresh(samples * columns, seed + 1),
	      *bias = fresh(rows, seed);
	float *dy = fresh(rows, seed + 2), *y = hmm_alloc(rows, 4), *dx = hmm_alloc(columns, 4);
	float *y_want = hmm_alloc(rows, 4), *dx_want = hmm_alloc(columns, 4);
	float *all = hmm_alloc(samples * rows, 4);
	const float *in[20];
	for (size_t b = 0; b < samples; b++)
		in[b] = x + b * columns;
	hmm_linear_forward(all, rows, w, in, bias, rows, columns, samples);
	for (size_t b = 0; b < samples; b++) {
		hmm_linear_forward(y, rows, w, &in[b], bias, rows, columns, 1);
		CHECK(same(y, all + b * rows, rows));
		for (size_t r = 0; r < rows; r++) {
			double sum = (double)bias[r];
			for (size_t c = 0; c < columns; c++)
				sum += (double)w[r * columns + c] * (double)in[b][c];
			y_want[r] = (float)sum;
		}
		CHECK(ref_distance(y, y_want, rows) <= 2e-6);
	}
	hmm_linear_backward(dx, w, dy, rows, columns, columns);
	for (size_t r = 0; r < rows; r++)
		for (size_t c = 0; c < columns; c++)
			dx_want[c] = fmaf(dy[r], w[r * columns + c], dx_want[c]);
	CHECK(same(dx, dx_want, columns));
	float *const blocks[] = {w, x, bias, dy, y, dx, y_want, dx_want, all};
	for (size_t i = 0; i < 9; i++)
		free(blocks[i]);
}

static void
check_dot(const struct hmm_variant *variant, unsigned seed)
{
	const size_t rows = draw(seed, 0, 1, HMM_DOT_ROWS), samples = draw(seed, 1, 1, HMM_DOT_SAMPLES);
	const size_t count = HMM_LANES * draw(seed, 2, 0, 9), stride = count + draw(seed, 3, 0, 70);
	const size_t sums = samples * HMM_LANES + 64;
	float *w = fresh(rows * stride + 1, seed), *x = fresh(samples * count + 1, seed + 1);
	float *have = fresh(rows * sums, seed + 2), *want = fresh(rows * sums, seed + 2);
	const float *in[HMM_DOT_SAMPLES];
	for (size_t b = 0; b < samples; b++)
		in[b] = x + b * count;
	variant->dot(have, sums, w, stride, in, rows, samples, count);
	for (size_t r = 0; r < rows; r++)
		for (size_t b = 0; b < samples; b++)
			for (size_t c = 0; c < count; c++) {
				float *sum = want + r * sums + b * HMM_LANES + c % HMM_LANES;
				*sum = fmaf(w[r * stride + c], in[b][c], *sum);
			}
	CHECK(same(have, want, rows * sums));
	float *const blocks[] = {w, x, have, want};
	for (size_t i = 0; i < 4; i++)
		free(blocks[i]);
}

/* torch.optim.Adam's formula in double. */
static void
check_dense(const struct hmm_variant *variant, unsigned seed)
{
	const size_t n = draw(seed, 0, 1, 700);
	float *w = fresh(n, seed), *m = fresh(n, seed + 1), *v = fresh(n, seed + 2);
	float *g = fresh(n, seed + 3), *w2 = fresh(n, seed), *m2 = fresh(n, seed + 1);
	double worst = 0;
	const struct hmm_adam adam = hmm_adam_at(3, 1e-3, 5e-4);
	float *v2 = fresh(n, seed + 2);
	for (size_t i = 0; i < n; i++)
		v[i] = v2[i] = fabsf(v[i]);
	variant->dense(w, m, v, g, n, &adam);
	for (size_t i = 0; i < n; i++) {
		const double gradient = (double)g[i] + 5e-4 * (double)w2[i];
		const double first = .9 * (double)m2[i] + .1 * gradient;
		const double second = .999 * (double)v2[i] + .001 * gradient * gradient;
		const double step =
		    1e-3 / (1 - pow(.9, 3)) * first / (sqrt(second) / sqrt(1 - pow(.999, 3)) + 1e-8);
		const double off = fabs((double)w[i] - ((double)w2[i] - step));
		worst = off > worst ? off : worst;
	}
	CHECK(worst <= 1e-6);
	hmm_variant_plain.dense(w2, m2, v2, g, n, &adam);
	CHECK(same(w, w2, n) && same(m, m2, n) && same(v, v2, n));
	float *const blocks[] = {w, m, v, g, w2, m2, v2};
	for (size_t i = 0; i < 7; i++)
		free(blocks[i]);
}

/* An outer gradient, cut at random, against the gradient written out: dx and step to the bit,
 * dx alone leaves w as it is. `narrow`: 20 columns, whose dx is summed up in lanes. */
static void
check_outer(const struct hmm_variant *variant, unsigned seed, int narrow)
{
	const size_t rows = draw(seed, 0, 1, narrow ? 90 : 9);
	const size_t columns = narrow ? HMM_NARROW : draw(seed, 1, 1, 700), n = rows * columns;
	const size_t terms = draw(seed, 2, 0, 9), samples = draw(seed, 3, 0, terms);
	const size_t row = draw(seed, 4, 0, rows), column = draw(seed, 5, 0, columns);
	const struct hmm_adam adam = hmm_adam_at(3, 1e-3, 5e-4), *step = seed % 4 ? &adam : NULL;
	float *w = fresh(n, seed), *m = fresh(n, seed + 1), *v = fresh(n, seed + 2);
	float *dy = fresh(terms * rows, seed + 3), *x = fresh(terms * columns, seed + 4);
	float *g = hmm_alloc(n, 4), *w2 = fresh(n, seed), *m2 = fresh(n, seed + 1),
	      *v2 = fresh(n, seed + 2);
	float *dx = hmm_alloc(samples * columns, 4), *want = hmm_alloc(samples * columns, 4);
	float *lanes = hmm_alloc(samples * HMM_NARROW_LANES, 4);
	for (size_t i = 0; i < n; i++) {
		v[i] = v2[i] = fabsf(v[i]);
		for (size_t b = 0; b < terms; b++) {
			const float a = dy[b * rows + i / columns], c = x[b * columns + i % columns];
			g[i] = narrow ? g[i] + a * c : fmaf(a, c, g[i]);
		}
		for (size_t b = 0; b < samples; b++) {
			float *to = want + b * columns + i % columns;
			*to = fmaf(dy[(terms - samples + b) * rows + i / columns], w[i], *to);
		}
	}
	const struct hmm_outer o = {w, m, v, dy, x, dx, rows, columns, terms, samples, columns};
	if (narrow) {
		variant->narrow_outer(&o, lanes, 0, row, step);
		variant->narrow_outer(&o, lanes, row, rows - row, step);
		for (size_t b = 0; b < samples; b++)
			for (size_t i = 0; i < HMM_NARROW_LANES; i++)
				dx[b * columns + i % columns] += lanes[b * HMM_NARROW_LANES + i];
	} else {
		variant->outer(&o, 0, row, 0, column, step);
		variant->outer(&o, row, rows - row, 0, column, step);
		variant->outer(&o, 0, rows, column, columns - column, step);
	}
	CHECK(narrow ? ref_distance(dx, want, samples * columns) <= 1e-6
	             : same(dx, want, samples * columns));
	if (step)
		hmm_variant_plain.dense(w2, m2, v2, g, n, &adam);
	CHECK(same(w, w2, n) && same(m, m2, n) && same(v, v2, n));
	float *const blocks[] = {w, m, v, dy, x, g, w2, m2, v2, dx, want, lanes};
	for (size_t i = 0; i < 12; i++)
		free(blocks[i]);
}

static void
check_narrow_forward(const struct hmm_variant *variant, unsigned seed)
{
	const size_t rows = draw(seed, 0, 1, 50);
	float *w = fresh(rows * HMM_NARROW, seed), *x = fresh(HMM_NARROW, seed + 1);
	float *bias = fresh(rows, seed + 2), *have = hmm_alloc(rows, 4), *want = hmm_alloc(rows, 4);
	variant->narrow_forward(have, w, x, bias, rows);
	hmm_variant_plain.narrow_forward(want, w, x, bias, rows);
	CHECK(same(have, want, rows));
	for (size_t r = 0; r < rows; r++) {
		double sum = (double)bias[r];
		for (size_t k = 0; k < HMM_NARROW; k++)
			sum += (double)w[r * HMM_NARROW + k] * (double)x[k];
		want[r] = (float)sum;
	}
	CHECK(ref_distance(have, want, rows) <= 1e-6);
	float *const blocks[] = {w, x, bias, have, want};
	for (size_t i = 0; i < 5; i++)
		free(blocks[i]);
}

static void
check_variant(const struct hmm_variant *variant, unsigned seed)
{
	check_dot(variant, seed);
	check_dense(variant, seed);
	check_outer(variant, seed, 0);
	check_outer(variant, seed, 1);
	check_narrow_forward(variant, seed);
}

static void
check_losses(void)
{
	CHECK(fabs(hmm_loss_bce(0, 1) - log(2)) < 1e-15);
	CHECK(hmm_loss_bce(1000, 1) == 0 && hmm_loss_bce(1000, 0) == 1000);
	CHECK(hmm_loss_bce(-1000, 0) == 0 && hmm_loss_bce(-1000, 1) == 1000);
	CHECK(hmm_loss_sigmoid(-1000) == 0 && hmm_loss_sigmoid(1000) == 1);
	const float a[] = {1, 2, 3}, b[] = {1, 0, 6};
	float gradient[3];
	CHECK(fabs(hmm_loss_mse(gradient, a, b, 3, 3) - 13.0 / 3) < 1e-12);
	CHECK(gradient[0] == 0 && gradient[1] == 4 && gradient[2] == -6);
}

int
main(void)
{
	printf("the fastest tile here: %s\n", hmm_tile_name());
	for (unsigned seed = 1; seed <= 200; seed++) {
		check_tile(hmm_tile_best(), seed);
		check_first(hmm_first_best(), seed);
		check_winograd_kernels(hmm_winograd_best(), seed);
		if (strcmp(hmm_tile_name(), "plain")) { /* a processor with AVX-512 has AVX2 */
			check_tile(hmm_tile_avx2, seed);
			check_first(hmm_first_avx2, seed);
			check_winograd_kernels(&hmm_winograd_avx2, seed);
		}
	}
	for (unsigned seed = 1; seed <= 30; seed++) {
		check_conv(seed, seed % 2, seed % 5 ? draw(seed, 0, 1, 40) : 128);
		check_conv(seed, seed % 2, seed % 4 < 2 ? 1 : 3);
		check_winograd(seed, seed % 2 ? 7 : 5, seed % 3 == 0);
		check_matmul(seed);
		check_linear(seed);
		check_variant(&hmm_variant_plain, seed);
		check_variant(hmm_variant_best(), seed);
		if (strcmp(hmm_tile_name(), "plain"))
			check_variant(&hmm_variant_avx2, seed);
	}
	check_losses();
	return test_end();
}
