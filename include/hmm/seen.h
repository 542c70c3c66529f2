/* Which blocks of bytes have been seen before, by their SHA-256. */
#ifndef HMM_SEEN_H
#define HMM_SEEN_H

#include <stddef.h>

struct hmm_seen {
	void *hashes; /* [count][HMM_HASH_SIZE] */
	size_t count, capacity;
};

/* 1 when the bytes have been seen since the last hmm_seen_clear(), 0 when they are
 * new, -1 reported. A zeroed struct has seen nothing. */
int hmm_seen_before(struct hmm_seen *seen, const void *bytes, size_t size);
void hmm_seen_clear(struct hmm_seen *seen);
void hmm_seen_free(struct hmm_seen *seen);

#endif
