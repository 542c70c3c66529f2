/* SHA-256, in lower-case hexadecimal for names that follow from content. */
#ifndef HMM_HASH_H
#define HMM_HASH_H

#include <stddef.h>

enum { HMM_HASH_SIZE = 65 }; /* 64 digits and the terminating NUL */
enum { HMM_HASH_BYTES = 32 };

/* 0, or -1 reported. */
int hmm_hash_raw(unsigned char digest[HMM_HASH_BYTES], const void *bytes, size_t size);

/* Whether a text is such a digest, not reported; NULL is none. */
int hmm_hash_is_digest(const char *text);

/* 0, or -1 reported. */
int hmm_hash_bytes(char hex[HMM_HASH_SIZE], const void *bytes, size_t size);

/* Of what a regular file holds. 0, or -1 reported. */
int hmm_hash_file(char hex[HMM_HASH_SIZE], const char *path);

#endif
