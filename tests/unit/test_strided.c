/* The three products of strided convolutions against plain loops in double, on seeded shapes. */
#include "hmm/gan/strided.h"

#include "hmm/gan/blas.h"
#include "seeded.h"
#include "test.h"

/* Calls `term` for every pair of pixels that a tap joins: places in out, in and weights. */
#define EACH_TERM(conv, o, i, w, code)                                                             \
	for (size_t co = 0; co < (conv)->out; co++)                                                    \
		for (size_t ci = 0; ci < (conv)->in; ci++)                                                 \
			for (size_t y = 0; y < (conv)->out_height; y++)                                        \
				for (size_t x = 0; x < (conv)->out_width; x++)                                     \
					for (size_t k = 0; k < (conv)->kernel * (conv)->kernel; k++) {                 \
						const size_t iy = y * (conv)->stride + k / (conv)->kernel - (conv)->pad;   \
						const size_t ix = x * (conv)->stride + k % (conv)->kernel - (conv)->pad;   \
						if (iy >= (conv)->in_height || ix >= (conv)->in_width)                     \
							continue;                                                              \
						const size_t o = (co * (conv)->out_height + y) * (conv)->out_width + x;    \
						const size_t i = (ci * (conv)->in_height + iy) * (conv)->in_width + ix;    \
						const size_t w =                                                           \
						    (co * (conv)->in + ci) * (conv)->kernel * (conv)->kernel + k;          \
						code                                                                       \
					}

/* The relative L2 distance of a float array from a double one. */
static double
distance(const float *a, const double *b, size_t count)
{
	double apart = 0, size = 0;
	for (size_t i = 0; i < count; i++) {
		apart += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
		size += b[i] * b[i];
	}
	return sqrt(apart / size);
}

struct sizes {
	size_t in, out, weights;
};

static struct sizes
sizes_of(const struct hmm_strided *conv)
{
	return (struct sizes){conv->in * conv->in_height * conv->in_width,
	    conv->out * conv->out_height * conv->out_width,
	    conv->out * conv->in * conv->kernel * conv->kernel};
}

static void
check_products(const struct hmm_strided *conv, struct hmm_strided_work *work, unsigned seed)
{
	const struct sizes n = sizes_of(conv);
	float *in = fresh(n.in, seed), *out = fresh(n.out, seed + 1), *w = fresh(n.weights, seed + 2);
	float *result_out = fresh(n.out, seed + 3), *result_in = fresh(n.in, seed + 4);
	float *result_w = fresh(n.weights, seed + 5);
	double *want_out = hmm_alloc(n.out, sizeof(double)), *want_in = hmm_alloc(n.in, sizeof(double));
	double *want_w = hmm_alloc(n.weights, sizeof(double));
	EACH_TERM(conv, o, i, k_w, {
		want_out[o] += (double)in[i] * (double)w[k_w];
		want_in[i] += (double)out[o] * (double)w[k_w];
		want_w[k_w] += (double)in[i] * (double)out[o];
	})
	CHECK(!hmm_strided_room(work, conv));
	hmm_strided_forward(result_out, in, w, conv, work);
	CHECK(distance(result_out, want_out, n.out) < 1e-6);
	hmm_strided_back(result_in, out, w, conv, work);
	CHECK(distance(result_in, want_in, n.in) < 1e-6);
	hmm_strided_weights(result_w, in, out, 0, conv, work);
	CHECK(distance(result_w, want_w, n.weights) < 2e-6);
	for (size_t i = 0; i < n.weights; i++)
		want_w[i] *= 2;
	hmm_strided_weights(result_w, in, out, 1, conv, work);
	CHECK(distance(result_w, want_w, n.weights) < 2e-6);
	if (test_failed)
		printf("in %zu x %zu x %zu, out %zu, kernel %zu, stride %zu, pad %zu\n", conv->in,
		    conv->in_height, conv->in_width, conv->out, conv->kernel, conv->stride, conv->pad);
	free(in), free(out), free(w), free(result_out), free(result_in), free(result_w);
	free(want_out), free(want_in), free(want_w);
}

/* The layers that there are, and odd ones. */
static void
check_shapes(void)
{
	static const size_t kernels[][3] = {
	    {4, 2, 1}, {4, 1, 1}, {3, 1, 0}, {3, 2, 1}, {7, 1, 0}, {3, 1, 1}, {5, 3, 2}, {1, 1, 0}};
	struct hmm_strided_work work = {.pool = hmm_pool_open(3)};
	for (unsigned seed = 0; seed < 48; seed++) {
		const size_t *k = kernels[seed % 8];
		const struct hmm_strided conv =
		    hmm_strided_plan(draw(seed, 0, 1, seed < 24 ? 5 : 40), draw(seed, 1, 7, 40),
		        draw(seed, 2, 7, 40), draw(seed, 3, 1, seed < 24 ? 5 : 70), k[0], k[1], k[2]);
		check_products(&conv, &work, seed);
	}
	const struct hmm_strided inner = hmm_strided_plan(24, 2, 2, 24, 4, 2, 1);
	check_products(&inner, &work, 100);
	for (size_t pad = 0; pad < 3; pad++) { /* in tiles, or not: an odd side */
		const struct hmm_strided tiled = hmm_strided_plan(21, 12, 16, 17, 3, 1, pad);
		check_products(&tiled, &work, 120);
		const struct hmm_strided long_rows = hmm_strided_plan(16, 4, 298 + pad, 16, 3, 1, pad);
		check_products(&long_rows, &work, 130);
	}
	const struct hmm_strided wide = hmm_strided_plan(3, 9, 700, 5, 3, 1, 1);
	check_products(&wide, &work, 110);
	hmm_strided_free(&work);
	hmm_pool_close(work.pool);
}

/* The same bits on any number of threads. */
static void
check_threads(void)
{
	const struct hmm_strided conv = hmm_strided_plan(40, 34, 34, 64, 4, 2, 1);
	const struct sizes n = sizes_of(&conv);
	float *in = fresh(n.in, 1), *out = fresh(n.out, 2), *w = fresh(n.weights, 3);
	float *a[3] = {fresh(n.in, 4), fresh(n.out, 4), fresh(n.weights, 4)};
	float *b[3] = {fresh(n.in, 5), fresh(n.out, 5), fresh(n.weights, 5)};
	for (size_t threads = 1; threads < 6; threads += 2) {
		float **to = threads == 1 ? a : b;
		struct hmm_strided_work work = {.pool = hmm_pool_open(threads)};
		CHECK(!hmm_strided_room(&work, &conv));
		hmm_strided_back(to[0], out, w, &conv, &work);
		hmm_strided_forward(to[1], in, w, &conv, &work);
		hmm_strided_weights(to[2], in, out, 0, &conv, &work);
		if (threads > 1)
			CHECK(same(a[0], b[0], n.in) && same(a[1], b[1], n.out) && same(a[2], b[2], n.weights));
		hmm_strided_free(&work);
		hmm_pool_close(work.pool);
	}
	free(in), free(out), free(w);
	for (int i = 0; i < 3; i++)
		free(a[i]), free(b[i]);
}

int
main(void)
{
	CHECK(!hmm_blas_open());
	check_shapes();
	check_threads();
	return test_end();
}
