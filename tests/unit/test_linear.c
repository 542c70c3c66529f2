/* Linear layers, Adam and losses against plain loops, on seeded random shapes, with the kernels of
 * every processor. Sums have a fixed order, so most comparisons are to the bit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/adam.h"
#include "hmm/kernel/linear.h"
#include "hmm/kernel/loss.h"
#include "ref.h"
#include "seeded.h"
#include "test.h"

/* Rows and columns of one sample at a time against sums in double; many samples
 * against that, to the bit. */
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
check_dot(const struct hmm_kernels *kernels, unsigned seed)
{
	const size_t rows = draw(seed, 0, 1, HMM_DOT_ROWS), samples = draw(seed, 1, 1, HMM_DOT_SAMPLES);
	const size_t count = HMM_DOT_LANES * draw(seed, 2, 0, 9), stride = count + draw(seed, 3, 0, 70);
	const size_t sums = samples * HMM_DOT_LANES + 64;
	float *w = fresh(rows * stride + 1, seed), *x = fresh(samples * count + 1, seed + 1);
	float *have = fresh(rows * sums, seed + 2), *want = fresh(rows * sums, seed + 2);
	const float *in[HMM_DOT_SAMPLES];
	for (size_t b = 0; b < samples; b++)
		in[b] = x + b * count;
	kernels->dot(have, sums, w, stride, in, rows, samples, count);
	for (size_t r = 0; r < rows; r++)
		for (size_t b = 0; b < samples; b++)
			for (size_t c = 0; c < count; c++) {
				float *sum = want + r * sums + b * HMM_DOT_LANES + c % HMM_DOT_LANES;
				*sum = fmaf(w[r * stride + c], in[b][c], *sum);
			}
	CHECK(same(have, want, rows * sums));
	float *const blocks[] = {w, x, have, want};
	for (size_t i = 0; i < 4; i++)
		free(blocks[i]);
}

/* torch.optim.Adam's formula in double. */
static void
check_dense(const struct hmm_kernels *kernels, unsigned seed)
{
	const size_t n = draw(seed, 0, 1, 700);
	float *w = fresh(n, seed), *m = fresh(n, seed + 1), *v = fresh(n, seed + 2);
	float *g = fresh(n, seed + 3), *w2 = fresh(n, seed), *m2 = fresh(n, seed + 1);
	double worst = 0;
	const struct hmm_adam adam = hmm_adam_at(3, 1e-3, 5e-4);
	float *v2 = fresh(n, seed + 2);
	for (size_t i = 0; i < n; i++)
		v[i] = v2[i] = fabsf(v[i]);
	kernels->adam_dense(w, m, v, g, n, &adam);
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
	hmm_kernels_plain.adam_dense(w2, m2, v2, g, n, &adam);
	CHECK(same(w, w2, n) && same(m, m2, n) && same(v, v2, n));
	float *const blocks[] = {w, m, v, g, w2, m2, v2};
	for (size_t i = 0; i < 7; i++)
		free(blocks[i]);
}

/* An outer gradient, cut at random, against the gradient written out: dx and step to the bit,
 * dx alone leaves w as it is. `narrow`: 20 columns, whose dx is summed up in lanes. */
static void
check_outer_of(const struct hmm_kernels *kernels, unsigned seed, int narrow)
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
		kernels->narrow_outer(&o, lanes, 0, row, step);
		kernels->narrow_outer(&o, lanes, row, rows - row, step);
		for (size_t b = 0; b < samples; b++)
			for (size_t i = 0; i < HMM_NARROW_LANES; i++)
				dx[b * columns + i % columns] += lanes[b * HMM_NARROW_LANES + i];
	} else {
		kernels->adam_outer(&o, 0, row, 0, column, step);
		kernels->adam_outer(&o, row, rows - row, 0, column, step);
		kernels->adam_outer(&o, 0, rows, column, columns - column, step);
	}
	CHECK(narrow ? ref_distance(dx, want, samples * columns) <= 1e-6
	             : same(dx, want, samples * columns));
	if (step)
		hmm_kernels_plain.adam_dense(w2, m2, v2, g, n, &adam);
	CHECK(same(w, w2, n) && same(m, m2, n) && same(v, v2, n));
	float *const blocks[] = {w, m, v, dy, x, g, w2, m2, v2, dx, want, lanes};
	for (size_t i = 0; i < 12; i++)
		free(blocks[i]);
}

static void
check_outer(const struct hmm_kernels *kernels, unsigned seed)
{
	check_outer_of(kernels, seed, 0);
	check_outer_of(kernels, seed, 1);
}

static void
check_narrow_forward(const struct hmm_kernels *kernels, unsigned seed)
{
	const size_t rows = draw(seed, 0, 1, 50);
	float *w = fresh(rows * HMM_NARROW, seed), *x = fresh(HMM_NARROW, seed + 1);
	float *bias = fresh(rows, seed + 2), *have = hmm_alloc(rows, 4), *want = hmm_alloc(rows, 4);
	kernels->narrow_forward(have, w, x, bias, rows);
	hmm_kernels_plain.narrow_forward(want, w, x, bias, rows);
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
	for (unsigned seed = 1; seed <= 30; seed++) {
		check_linear(seed);
		each_table(check_dot, seed);
		each_table(check_dense, seed);
		each_table(check_outer, seed);
		each_table(check_narrow_forward, seed);
	}
	check_losses();
	return test_end();
}
