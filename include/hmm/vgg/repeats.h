/* Which blocks of bytes have been seen before, by their SHA-256. */
#ifndef HMM_REPEATS_H
#define HMM_REPEATS_H

#include <stddef.h>

struct hmm_repeats {
	void *hashes; /* [count][HMM_HASH_SIZE] */
	size_t count, capacity;
};

/* 1 when the bytes have been seen since the last hmm_repeats_clear(), 0 when they are
 * new, -1 reported. A zeroed struct has seen nothing. */
int hmm_repeats_before(struct hmm_repeats *seen, const void *bytes, size_t size);
void hmm_repeats_clear(struct hmm_repeats *seen);
void hmm_repeats_free(struct hmm_repeats *seen);

#endif
