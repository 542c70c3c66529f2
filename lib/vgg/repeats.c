#include "hmm/vgg/repeats.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/hash.h"
#include "hmm/base/memory.h"

int
hmm_repeats_before(struct hmm_repeats *seen, const void *bytes, size_t size)
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
hmm_repeats_clear(struct hmm_repeats *seen)
{
	seen->count = 0;
}

void
hmm_repeats_free(struct hmm_repeats *seen)
{
	free(seen->hashes);
	*seen = (struct hmm_repeats){0};
}
