/* Random numbers: the published answers of Philox4x32-10, moments on fixed seeds, and shuffles in
 * which every place is as likely as another. */
#include <string.h>

#include "hmm/base/random.h"
#include "test.h"

/* Salmon et al. 2011, Random123's kat_vectors: the first two of four words. */
static void
check_known_answers(void)
{
	const struct hmm_place zero = {0};
	const struct hmm_place ones = {UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
	const struct hmm_place pi = {0x299f31d0a4093822, 0x85a308d3, 0x13198a2e, 0x03707344};
	CHECK(hmm_random_bits(zero, 0) == 0x6627e8d5e169c58d);
	CHECK(hmm_random_bits(ones, UINT32_MAX) == 0x408f276d41c83b0e);
	CHECK(hmm_random_bits(pi, 0x243f6a88) == 0xd16cfe0994fdcceb);
	CHECK(fabs(hmm_random_uniform(zero, 0) - 0.3990464708489645) < 1e-15);
	/* Box-Muller in NumPy: tests/golden/golden.py */
	static const double normal[] = {
	    0.39747848019218207, 0.5428198336470318, 1.1196229359408314, 0.19976669425449725};
	for (uint32_t i = 0; i < 4; i++)
		CHECK(fabs(hmm_random_normal((struct hmm_place){7, 2, 3, 1}, i) - normal[i]) < 1e-14);
	/* XXH32 of a name, seed 0 */
	CHECK(hmm_random_name("") == 0x02cc5d05);
	CHECK(hmm_random_name("abc") == 0x32d153ff);
}

/* Each part of a place gives another number. */
static void
check_places(void)
{
	const struct hmm_place places[] = {{1, 0, 0, 0}, {(uint64_t)1 << 32, 0, 0, 0}, {0, 1, 0, 0},
	    {0, 0, 1, 0}, {0, 0, 0, 1}, {0, 0, 0, 0}};
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(hmm_random_bits(places[i], 0) != hmm_random_bits(places[j], 0));
	CHECK(hmm_random_bits(places[0], 0) != hmm_random_bits(places[0], 1));
}

enum { DRAWS = 200000 };

static void
check_moments(void)
{
	const struct hmm_place place = {.seed = 11, .subject = 3};
	double least = 1, most = 0, sum = 0, square = 0, normal[5] = {0};
	for (uint32_t i = 0; i < DRAWS; i++) {
		const double u = hmm_random_uniform(place, i), z = hmm_random_normal(place, i);
		least = u < least ? u : least;
		most = u > most ? u : most;
		sum += u / DRAWS;
		square += u * u / DRAWS;
		for (int k = 1; k < 5; k++)
			normal[k] += pow(z, k) / DRAWS;
	}
	CHECK(least >= 0 && least < 1e-4 && most < 1 && most > 1 - 1e-4);
	CHECK(fabs(sum - .5) < .003 && fabs(square - 1. / 3) < .003);
	CHECK(fabs(normal[1]) < .01 && fabs(normal[2] - 1) < .015);
	CHECK(fabs(normal[3]) < .04 && fabs(normal[4] - 3) < .1);
}

enum { COUNT = 7, SHUFFLES = 21000 };

/* How often each item came to each place, by epoch: chi squared of 36 degrees of freedom. */
static void
check_shuffles(void)
{
	size_t order[COUNT], at[COUNT][COUNT] = {{0}}, same = 0, last[COUNT] = {0};
	double chi = 0;
	int whole = 1;
	for (uint32_t epoch = 1; epoch <= SHUFFLES; epoch++) {
		int seen[COUNT] = {0};
		hmm_random_shuffle(order, COUNT, (struct hmm_place){.seed = 5, .epoch = epoch});
		for (size_t i = 0; i < COUNT; i++) {
			at[order[i]][i]++;
			seen[order[i]]++;
		}
		for (size_t i = 0; i < COUNT; i++)
			whole = whole && seen[i] == 1;
		same += !memcmp(order, last, sizeof(order));
		memcpy(last, order, sizeof(order));
	}
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < COUNT; j++) {
			const double want = (double)SHUFFLES / COUNT, off = (double)at[i][j] - want;
			chi += off * off / want;
		}
	CHECK(whole);
	CHECK(same < 20); /* 1 in 5040 */
	CHECK(chi > 12 && chi < 75);
	hmm_random_shuffle(order, 1, (struct hmm_place){.seed = 5});
	CHECK(order[0] == 0);
	hmm_random_shuffle(order, 0, (struct hmm_place){.seed = 5});
}

int
main(void)
{
	check_known_answers();
	check_places();
	check_moments();
	check_shuffles();
	return test_end();
}
