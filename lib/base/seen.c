#include "hmm/seen.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/hash.h"
#include "hmm/memory.h"

int
hmm_seen_before(struct hmm_seen *seen, const void *bytes, size_t size)
{
	char hash[HMM_HASH_SIZE];
	if (hmm_hash_bytes(hash, bytes, size))
		return -1;
	const char(*known)[HMM_HASH_SIZE] = seen->hashes;
	for (size_t i = 0; i < seen->count; i++)
		if (!memcmp(known[i], hash, sizeof(hash)))
			return 1;
	if (hmm_grow(&seen->hashes, &seen->capacity, (seen->count + 1) * sizeof(hash)))
		return -1;
	memcpy((char *)seen->hashes + seen->count * sizeof(hash), hash, sizeof(hash));
	seen->count++;
	return 0;
}

void
hmm_seen_clear(struct hmm_seen *seen)
{
	seen->count = 0;
}

void
hmm_seen_free(struct hmm_seen *seen)
{
	free(seen->hashes);
	*seen = (struct hmm_seen){0};
}
