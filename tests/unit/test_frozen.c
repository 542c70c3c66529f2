/* A trained phi's fast way against the one of training, to the bit; transposes. */
#include <stdlib.h>
#include <string.h>

#include "hmm/learn/frozen.h"
#include "hmm/kernel/transpose.h"
#include "ref.h"
#include "test.h"

static void
check_frozen(struct hmm_pool *pool, size_t channels, size_t positions)
{
	const char *const modalities[] = {"a", "b"};
	const size_t count = channels * positions;
	struct hmm_phi phi;
	struct hmm_frozen frozen;
	float *x = malloc(count * sizeof(float)), *want = malloc(count * sizeof(float));
	float *have = malloc(count * sizeof(float));
	CHECK(hmm_phi_open(&phi, channels, positions, modalities, 2) == 0);
	hmm_phi_init(&phi, HMM_PYTORCH, 7);
	CHECK(hmm_frozen_open(&frozen, &phi, pool) == 0);
	ref_random(x, count, 3);
	for (size_t m = 0; m < 2; m++)
		CHECK(hmm_frozen_ready(&frozen, pool, m) == 0);
	for (size_t m = 0; m < 2; m++) {
		hmm_phi_generate(&phi, pool, m);
		hmm_phi_apply(&phi, pool, want, x);
		memcpy(have, x, count * sizeof(float));
		hmm_frozen_apply(&frozen, have, m, m % hmm_pool_threads(pool));
		CHECK(!memcmp(have, want, count * sizeof(float)));
	}
	hmm_frozen_close(&frozen);
	hmm_phi_close(&phi);
	free(x);
	free(want);
	free(have);
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
	for (size_t threads = 1; threads <= 2; threads++) {
		struct hmm_pool *pool = hmm_pool_open(threads);
		const size_t shapes[][2] = {{1, 1}, {6, 6}, {15, 49}, {37, 5}, {64, 56}, {33, 130}};
		for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
			check_frozen(pool, shapes[i][0], shapes[i][1]);
		hmm_pool_close(pool);
	}
	for (size_t rows = 0; rows <= 9; rows++)
		for (size_t columns = 0; columns <= 9; columns++)
			check_transpose(rows, columns);
	return test_end();
}
