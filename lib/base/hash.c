/* OpenSSL 3 would rather have EVP_Digest(): that allocates thousands of times before the first
 * digest, and crashes where one of them fails. What is used here allocates nothing. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "hmm/base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { CHUNK = 1 << 20 };

static void
print_digest(char hex[HMM_HASH_SIZE], const unsigned char *digest)
{
	for (unsigned i = 0; i < HMM_HASH_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

int
hmm_hash_raw(unsigned char digest[HMM_HASH_BYTES], const void *bytes, size_t size)
{
	SHA256_CTX context;
	if (SHA256_Init(&context) != 1 || SHA256_Update(&context, bytes, size) != 1 ||
	    SHA256_Final(digest, &context) != 1)
		return hmm_error("SHA-256 failed");
	return 0;
}

int
hmm_hash_is_digest(const char *text)
{
	return text && strlen(text) == HMM_HASH_SIZE - 1 &&
	       strspn(text, "0123456789abcdef") == HMM_HASH_SIZE - 1;
}

int
hmm_hash_bytes(char hex[HMM_HASH_SIZE], const void *bytes, size_t size)
{
	unsigned char digest[HMM_HASH_BYTES];
	if (hmm_hash_raw(digest, bytes, size))
		return -1;
	print_digest(hex, digest);
	return 0;
}

static int
hash_descriptor(char hex[HMM_HASH_SIZE], int descriptor, const char *path)
{
	unsigned char digest[HMM_HASH_BYTES];
	SHA256_CTX context;
	void *chunk = hmm_alloc_raw(CHUNK, 1);
	if (!chunk)
		return -1;
	int bad = SHA256_Init(&context) != 1;
	ssize_t got = 1;
	while (!bad && got > 0)
		if ((got = read(descriptor, chunk, CHUNK)) > 0)
			bad = SHA256_Update(&context, chunk, (size_t)got) != 1;
	if (got < 0)
		bad = hmm_error("%s: cannot read: %s", path, strerror(errno));
	else if (bad || SHA256_Final(digest, &context) != 1)
		bad = hmm_error("%s: SHA-256 failed", path);
	else
		print_digest(hex, digest);
	free(chunk);
	return bad ? -1 : 0;
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
