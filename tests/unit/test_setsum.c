/* The reductions of a set against plain loops, their gradients against differences, ties. */
#include <math.h>
#include <string.h>

#include "hmm/learn/setsum.h"
#include "ref.h"
#include "test.h"

enum { MOST = 5, SIZE = 13 };

static double
plain(const float *const *element, size_t count, size_t i, enum hmm_reduce reduce)
{
	double sum = 0, most = (double)element[0][i];
	for (size_t e = 0; e < count; e++) {
		sum += (double)element[e][i];
		most = fmax(most, (double)element[e][i]);
	}
	return reduce == HMM_MAX ? most : reduce == HMM_MEAN ? sum / (double)count : sum;
}

/* d loss / d element[e] for a loss of sum of dout out, by the rules of a chain of calls. */
static void
backward(float delement[MOST][SIZE], const float *dout, const float *const *element,
    const float *out, size_t count, enum hmm_reduce reduce)
{
	float left[SIZE];
	memcpy(left, dout, sizeof(left));
	for (size_t e = 0; e < count; e++)
		hmm_setsum_backward(delement[e], left, element[e], out, count, SIZE, reduce);
}

static void
check(size_t count, enum hmm_reduce reduce, unsigned seed)
{
	float value[MOST][SIZE], out[SIZE], dout[SIZE], delement[MOST][SIZE];
	const float *element[MOST];
	ref_random(value[0], MOST * SIZE, seed);
	ref_random(dout, SIZE, seed + 100);
	for (size_t e = 0; e < count; e++)
		element[e] = value[e];
	hmm_setsum(out, element, count, SIZE, reduce);
	backward(delement, dout, element, out, count, reduce);
	for (size_t i = 0; i < SIZE; i++) {
		CHECK(fabs((double)out[i] - plain(element, count, i, reduce)) < 1e-6);
		for (size_t e = 0; e < count; e++) {
			const float kept = value[e][i], step = 1e-5f;
			value[e][i] = kept + step;
			const double wide = (double)value[e][i], after = plain(element, count, i, reduce);
			value[e][i] = kept - step;
			const double slope =
			    (after - plain(element, count, i, reduce)) / (wide - (double)value[e][i]);
			value[e][i] = kept;
			CHECK(fabs(slope * (double)dout[i] - (double)delement[e][i]) < 1e-4);
		}
	}
}

/* Among equals the first has all of the gradient, the others none. */
static void
check_ties(void)
{
	float value[MOST][SIZE], out[SIZE], dout[SIZE], delement[MOST][SIZE];
	const float *element[MOST];
	for (size_t e = 0; e < MOST; e++) {
		for (size_t i = 0; i < SIZE; i++) /* element i % MOST and those after it, negative or not */
			value[e][i] = (e >= i % MOST ? 2.f : 1.f) - (i % 2 ? 4.f : 0.f);
		element[e] = value[e];
	}
	ref_random(dout, SIZE, 1);
	hmm_setsum(out, element, MOST, SIZE, HMM_MAX);
	backward(delement, dout, element, out, MOST, HMM_MAX);
	for (size_t i = 0; i < SIZE; i++)
		for (size_t e = 0; e < MOST; e++) {
			const float want = e == i % MOST ? dout[i] : 0;
			CHECK(delement[e][i] >= want && delement[e][i] <= want);
		}
}

int
main(void)
{
	for (size_t count = 1; count <= MOST; count++)
		for (unsigned seed = 0; seed < 3; seed++) {
			check(count, HMM_MEAN, seed);
			check(count, HMM_SUM, seed);
			check(count, HMM_MAX, seed);
		}
	check_ties();
	return test_end();
}
