#include "hmm/base/hash.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "hmm/base/error.h"

int
hmm_hash_bytes(char hex[HMM_HASH_SIZE], const void *bytes, size_t size)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	if (EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL) != 1 || length != 32)
		return hmm_error("SHA-256 failed");
	for (unsigned i = 0; i < length; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return 0;
}
