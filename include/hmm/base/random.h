/* Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011). A number depends on its key and its
 * place alone, never on what was drawn before, so neither threads nor the order
 * of arrival can change a result. */
#ifndef HMM_RANDOM_H
#define HMM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Where in an experiment a number is drawn. */
struct hmm_place {
	uint64_t seed;
	uint32_t epoch;
	uint32_t subject; /* hmm_random_name() of what it is drawn for, or 0 */
	uint32_t stream;  /* tells the uses of one seed apart */
};

/* A stable 32-bit number for a name or a tensor. */
uint32_t hmm_random_name(const char *name);

/* The index-th number at this place: uniform 64 bits; uniform in [0, 1);
 * standard normal (Box-Muller, in double). */
uint64_t hmm_random_bits(struct hmm_place place, uint32_t index);
double hmm_random_uniform(struct hmm_place place, uint32_t index);
double hmm_random_normal(struct hmm_place place, uint32_t index);

/* A permutation of 0..count-1 into `order`. */
void hmm_random_shuffle(size_t *order, size_t count, struct hmm_place place);

#endif
