/* The 1x1 convolution against its plain loops; its gradients against differences; transposes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/learn/conv1x1.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/tile.h"
#include "hmm/kernel/transpose.h"
#include "ref.h"
#include "test.h"

enum { BLOCKS = HMM_CONV1X1_VECTORS + 3 };

struct problem {
	size_t out, in, positions;
	float *weight, *bias;
	float *z[BLOCKS], *y[BLOCKS], *dy[BLOCKS], *dz[BLOCKS];
};

static float *
drawn(size_t count, unsigned seed)
{
	float *values = hmm_alloc(count, sizeof(float));
	ref_random(values, count, seed);
	return values;
}

static struct problem
open_problem(size_t out, size_t in, size_t positions)
{
	struct problem p = {.out = out, .in = in, .positions = positions};
	p.weight = drawn(out * in, 1);
	p.bias = drawn(out, 2);
	for (unsigned b = 0; b < BLOCKS; b++) {
		p.z[b] = drawn(in * positions, 100 + b);
		p.y[b] = drawn(out * positions, 200 + b); /* to be overwritten */
		p.dy[b] = drawn(out * positions, 300 + b);
		p.dz[b] = drawn(in * positions, 400 + b); /* to be added to */
	}
	return p;
}

static void
close_problem(struct problem *p)
{
	free(p->weight);
	free(p->bias);
	for (unsigned b = 0; b < BLOCKS; b++) {
		free(p->z[b]);
		free(p->y[b]);
		free(p->dy[b]);
		free(p->dz[b]);
	}
}

static struct hmm_matrix
matrix_of(const struct problem *p)
{
	return (struct hmm_matrix){p->weight, p->bias, p->out, p->in};
}

static void
forward(struct hmm_conv1x1 *conv, struct problem *p)
{
	const struct hmm_matrix by = matrix_of(p);
	hmm_conv1x1_forward(conv, p->y, (const float *const *)p->z, &by, BLOCKS);
}

static void
check_forward(struct hmm_conv1x1 *conv, struct problem *p)
{
	const size_t bytes = p->out * p->positions * sizeof(float);
	const size_t widest = p->in > p->out ? p->in : p->out;
	float *packed = hmm_alloc(hmm_tile_packed_size(p->in, p->out), sizeof(float));
	struct hmm_matrix by = matrix_of(p);
	float *have[BLOCKS];
	forward(conv, p);
	hmm_conv1x1_pack(packed, &by);
	by.weight = packed;
	for (unsigned b = 0; b < BLOCKS; b++) {
		have[b] = hmm_alloc(widest * p->positions, sizeof(float));
		ref_conv1x1(have[b], p->z[b], p->weight, p->bias, p->out, p->in, p->positions);
		CHECK(!memcmp(p->y[b], have[b], bytes));
		memcpy(have[b], p->z[b], p->in * p->positions * sizeof(float));
	}
	/* in their place, one or several at a time */
	const size_t together = p->positions == 1 ? HMM_CONV1X1_VECTORS : 1;
	for (size_t b = 0; b < BLOCKS; b += together)
		hmm_conv1x1_blocks(conv, have + b, (const float *const *)have + b, &by,
		    b + together < BLOCKS ? together : BLOCKS - b, b % conv->threads);
	for (unsigned b = 0; b < BLOCKS; b++) {
		CHECK(!memcmp(p->y[b], have[b], bytes));
		free(have[b]);
	}
	free(packed);
}

static void
check_backward(struct hmm_conv1x1 *conv, struct problem *p)
{
	const size_t weights = p->out * p->in, S = p->positions;
	const struct hmm_matrix by = matrix_of(p), without = {NULL, NULL, p->out, p->in};
	float *dweight = drawn(weights, 3), *want_dweight = drawn(weights, 3);
	float *dbias = drawn(p->out, 4), *want_dbias = drawn(p->out, 4);
	const size_t together = S == 1 ? HMM_CONV1X1_VECTORS : 1;
	float *want_dz[BLOCKS];
	for (unsigned b = 0; b < BLOCKS; b++) {
		want_dz[b] = drawn(p->in * S, 400 + b);
		ref_conv1x1_backward(want_dz[b], want_dbias, p->dy[b], p->weight, p->out, p->in, S);
	}
	for (size_t b = 0; b < BLOCKS; b += together) /* of an image, or of several vectors, one sum */
		ref_conv1x1_dweight(want_dweight, (const float *const *)p->dy + b,
		    (const float *const *)p->z + b, p->out, p->in, S,
		    b + together < BLOCKS ? together : BLOCKS - b);
	hmm_conv1x1_backward(conv, p->dz, dweight, dbias, (const float *const *)p->dy,
	    (const float *const *)p->z, &by, BLOCKS);
	CHECK(!memcmp(dweight, want_dweight, weights * sizeof(float)));
	CHECK(!memcmp(dbias, want_dbias, p->out * sizeof(float)));
	for (unsigned b = 0; b < BLOCKS; b++) {
		CHECK(!memcmp(p->dz[b], want_dz[b], p->in * S * sizeof(float)));
		free(want_dz[b]);
	}
	/* and without dz, nothing else is different */
	memcpy(want_dbias, dbias, p->out * sizeof(float));
	ref_random(dweight, weights, 3);
	ref_random(dbias, p->out, 4);
	hmm_conv1x1_backward(conv, NULL, dweight, dbias, (const float *const *)p->dy,
	    (const float *const *)p->z, &without, BLOCKS);
	CHECK(!memcmp(dweight, want_dweight, weights * sizeof(float)));
	CHECK(!memcmp(dbias, want_dbias, p->out * sizeof(float)));
	free(dweight);
	free(dbias);
	free(want_dweight);
	free(want_dbias);
}

/* sum of dy y over the blocks */
static double
loss(struct hmm_conv1x1 *conv, struct problem *p)
{
	double sum = 0;
	forward(conv, p);
	for (unsigned b = 0; b < BLOCKS; b++)
		for (size_t i = 0; i < p->out * p->positions; i++)
			sum += (double)p->dy[b][i] * (double)p->y[b][i];
	return sum;
}

/* The loss is linear in each value, so that a wide step has no other error than rounding. */
static void
check_difference(struct hmm_conv1x1 *conv, struct problem *p, float *value, float gradient)
{
	const float kept = *value;
	*value = kept + .5f;
	const double after = loss(conv, p);
	*value = kept - .5f;
	CHECK(fabs(after - loss(conv, p) - (double)gradient) < 1e-4);
	*value = kept;
}

static void
check_differences(struct hmm_conv1x1 *conv, struct problem *p)
{
	const size_t weights = p->out * p->in, values = p->in * p->positions;
	const struct hmm_matrix by = matrix_of(p);
	float *dweight = hmm_alloc(weights, sizeof(float)), *dbias = hmm_alloc(p->out, sizeof(float));
	for (unsigned b = 0; b < BLOCKS; b++)
		memset(p->dz[b], 0, values * sizeof(float));
	hmm_conv1x1_backward(conv, p->dz, dweight, dbias, (const float *const *)p->dy,
	    (const float *const *)p->z, &by, BLOCKS);
	for (size_t i = 0; i < weights; i++)
		check_difference(conv, p, p->weight + i, dweight[i]);
	for (size_t i = 0; i < p->out; i++)
		check_difference(conv, p, p->bias + i, dbias[i]);
	for (unsigned b = 0; b < BLOCKS; b += 29)
		for (size_t i = 0; i < values; i++)
			check_difference(conv, p, p->z[b] + i, p->dz[b][i]);
	free(dweight);
	free(dbias);
}

static void
check_transpose(size_t rows, size_t columns)
{
	enum { STRIDE = 24 };
	float in[STRIDE * STRIDE], out[STRIDE * STRIDE] = {0};
	ref_random(in, STRIDE * STRIDE, 1);
	hmm_transpose(out, STRIDE, in, STRIDE, rows, columns);
	for (size_t r = 0; r < STRIDE; r++)
		for (size_t c = 0; c < STRIDE; c++) {
			const float want = r < rows && c < columns ? in[r * STRIDE + c] : 0;
			CHECK(memcmp(&out[c * STRIDE + r], &want, sizeof(want)) == 0);
		}
}

int
main(void)
{
	for (size_t threads = 1; threads <= 9; threads += 4) {
		struct hmm_pool *pool = hmm_pool_open(threads);
		const size_t shapes[][3] = {{1, 1, 1}, {3, 3, 2}, {6, 6, 6}, {15, 15, 49}, {37, 37, 5},
		    {64, 64, 57}, {33, 33, 130}, {97, 97, 49}, {3, 7, 1}, {7, 3, 1}, {5, 8, 4}, {40, 70, 1},
		    {70, 40, 1}, {17, 65, 60}};
		for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
			struct problem p = open_problem(shapes[i][0], shapes[i][1], shapes[i][2]);
			struct hmm_conv1x1 conv;
			const size_t widest = p.in > p.out ? p.in : p.out;
			CHECK(hmm_conv1x1_open(&conv, widest, p.positions, pool) == 0);
			check_forward(&conv, &p);
			check_backward(&conv, &p);
			if (widest < 10)
				check_differences(&conv, &p);
			hmm_conv1x1_close(&conv);
			close_problem(&p);
		}
		hmm_pool_close(pool);
	}
	for (size_t rows = 0; rows <= 9; rows++)
		for (size_t columns = 0; columns <= 9; columns++)
			check_transpose(rows, columns);
	return test_end();
}
