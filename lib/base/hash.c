#include "hmm/base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { DIGEST = 32, CHUNK = 1 << 20 };

static void
print_digest(char hex[HMM_HASH_SIZE], const unsigned char *digest)
{
	for (unsigned i = 0; i < DIGEST; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

int
hmm_hash_bytes(char hex[HMM_HASH_SIZE], const void *bytes, size_t size)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	if (EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL) != 1 || length != DIGEST)
		return hmm_error("SHA-256 failed");
	print_digest(hex, digest);
	return 0;
}

static int
hash_descriptor(char hex[HMM_HASH_SIZE], int descriptor, const char *path)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	void *chunk = hmm_alloc_raw(CHUNK, 1);
	EVP_MD_CTX *context = chunk ? EVP_MD_CTX_new() : NULL;
	int bad = !context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1;
	ssize_t got = 1;
	while (!bad && got > 0)
		if ((got = read(descriptor, chunk, CHUNK)) > 0)
			bad = EVP_DigestUpdate(context, chunk, (size_t)got) != 1;
	if (got < 0)
		hmm_error("%s: cannot read: %s", path, strerror(errno));
	else if (bad || EVP_DigestFinal_ex(context, digest, NULL) != 1)
		bad = hmm_error("%s: SHA-256 failed", path);
	else
		print_digest(hex, digest);
	EVP_MD_CTX_free(context);
	free(chunk);
	return bad || got < 0 ? -1 : 0;
}

int
hmm_hash_file(char hex[HMM_HASH_SIZE], const char *path)
{
	struct stat status;
	const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (descriptor < 0)
		return hmm_error("%s: cannot open: %s", path, strerror(errno));
	const int bad = fstat(descriptor, &status) || !S_ISREG(status.st_mode)
	                    ? hmm_error("%s: not a regular file", path)
	                    : hash_descriptor(hex, descriptor, path);
	close(descriptor);
	return bad;
}
