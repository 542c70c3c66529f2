/* Missing modalities made on purpose: which subjects lose one. */
#ifndef HMM_DROP_H
#define HMM_DROP_H

#include <stddef.h>
#include <stdint.h>

struct hmm_drop_subject {
	const char *name; /* all differ */
	const char *split;
	int has, other; /* 1: has the modality; has something else */
	size_t index;   /* the caller's */
	uint64_t key;   /* the order in which they lose it */
	int drop;       /* the result */
};

struct hmm_drop_counts {
	size_t has, want, dropped; /* subjects */
};

/* Of the subjects of one split choose round(rate * n) of the n that have the modality, halves up,
 * but none that has nothing else. The order depends on seed, repeat, modality and name alone, so a
 * higher rate drops the same subjects and more. Reorders the subjects. */
struct hmm_drop_counts hmm_drop_choose(struct hmm_drop_subject *subjects, size_t count, double rate,
    const char *modality, uint64_t seed, uint32_t repeat);

#endif
