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

enum { BLOCKS = 3 };

struct problem {
	size_t channels, positions;
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
open_problem(size_t channels, size_t positions)
{
	struct problem p = {.channels = channels, .positions = positions};
	p.weight = drawn(channels * channels, 1);
	p.bias = drawn(channels, 2);
	for (unsigned b = 0; b < BLOCKS; b++) {
		p.z[b] = drawn(channels * positions, 10 + b);
		p.y[b] = drawn(channels * positions, 20 + b); /* to be overwritten */
		p.dy[b] = drawn(channels * positions, 30 + b);
		p.dz[b] = drawn(channels * positions, 40 + b); /* to be added to */
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

static void
check_forward(struct hmm_conv1x1 *conv, struct problem *p)
{
	const size_t C = p->channels, S = p->positions, bytes = C * S * sizeof(float);
	float *want = hmm_alloc(C * S, sizeof(float));
	float *packed = hmm_alloc(hmm_tile_packed_size(C, C), sizeof(float));
	hmm_conv1x1_forward(conv, p->y, (const float *const *)p->z, p->weight, p->bias, BLOCKS);
	hmm_conv1x1_pack(packed, p->weight, C);
	for (unsigned b = 0; b < BLOCKS; b++) {
		ref_conv1x1(want, p->z[b], p->weight, p->bias, C, S);
		CHECK(!memcmp(p->y[b], want, bytes));
		memcpy(want, p->z[b], bytes);
		hmm_conv1x1_block(conv, want, want, packed, p->bias, b % conv->threads);
		CHECK(!memcmp(p->y[b], want, bytes));
	}
	free(want);
	free(packed);
}

static void
check_backward(struct hmm_conv1x1 *conv, struct problem *p)
{
	const size_t C = p->channels, S = p->positions;
	float *dweight = drawn(C * C, 3), *want_dweight = drawn(C * C, 3);
	float *dbias = drawn(C, 4), *want_dbias = drawn(C, 4);
	float *want_dz[BLOCKS];
	for (unsigned b = 0; b < BLOCKS; b++) {
		want_dz[b] = drawn(C * S, 40 + b);
		ref_conv1x1_backward(
		    want_dz[b], want_dweight, want_dbias, p->dy[b], p->z[b], p->weight, C, S);
	}
	hmm_conv1x1_backward(conv, p->dz, dweight, dbias, (const float *const *)p->dy,
	    (const float *const *)p->z, p->weight, BLOCKS);
	CHECK(!memcmp(dweight, want_dweight, C * C * sizeof(float)));
	CHECK(!memcmp(dbias, want_dbias, C * sizeof(float)));
	for (unsigned b = 0; b < BLOCKS; b++) {
		CHECK(!memcmp(p->dz[b], want_dz[b], C * S * sizeof(float)));
		free(want_dz[b]);
	}
	/* and without dz, nothing else is different */
	memcpy(want_dbias, dbias, C * sizeof(float));
	ref_random(dweight, C * C, 3);
	ref_random(dbias, C, 4);
	hmm_conv1x1_backward(conv, NULL, dweight, dbias, (const float *const *)p->dy,
	    (const float *const *)p->z, NULL, BLOCKS);
	CHECK(!memcmp(dweight, want_dweight, C * C * sizeof(float)));
	CHECK(!memcmp(dbias, want_dbias, C * sizeof(float)));
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
	hmm_conv1x1_forward(conv, p->y, (const float *const *)p->z, p->weight, p->bias, BLOCKS);
	for (unsigned b = 0; b < BLOCKS; b++)
		for (size_t i = 0; i < p->channels * p->positions; i++)
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
	const size_t C = p->channels, S = p->positions;
	float *dweight = hmm_alloc(C * C, sizeof(float)), *dbias = hmm_alloc(C, sizeof(float));
	for (unsigned b = 0; b < BLOCKS; b++)
		memset(p->dz[b], 0, C * S * sizeof(float));
	hmm_conv1x1_backward(conv, p->dz, dweight, dbias, (const float *const *)p->dy,
	    (const float *const *)p->z, p->weight, BLOCKS);
	for (size_t i = 0; i < C * C; i++)
		check_difference(conv, p, p->weight + i, dweight[i]);
	for (size_t i = 0; i < C; i++)
		check_difference(conv, p, p->bias + i, dbias[i]);
	for (unsigned b = 0; b < BLOCKS; b++)
		for (size_t i = 0; i < C * S; i++)
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
		const size_t shapes[][2] = {
		    {1, 1}, {3, 2}, {6, 6}, {15, 49}, {37, 5}, {64, 57}, {33, 130}, {97, 49}};
		for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
			struct problem p = open_problem(shapes[i][0], shapes[i][1]);
			struct hmm_conv1x1 conv;
			CHECK(hmm_conv1x1_open(&conv, p.channels, p.positions, pool) == 0);
			check_forward(&conv, &p);
			check_backward(&conv, &p);
			if (p.channels < 10)
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
