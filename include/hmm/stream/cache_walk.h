/* What is in a cache: its files by what they are, and names of features. */
#ifndef HMM_CACHE_WALK_H
#define HMM_CACHE_WALK_H

#include <stddef.h>
#include <time.h>

#include "hmm/base/hash.h"

/* What stands where an entry of that name does, whether it is one or not; what an entry is written
 * under before it is one; anything else. */
enum hmm_cache_kind { HMM_CACHE_ENTRY, HMM_CACHE_TEMPORARY, HMM_CACHE_STRANGER };

/* Whether a file's name, without its folder, is one of those that entries are written under. */
int hmm_cache_is_temporary(const char *name);

/* Show each file but the journal to `look`, with its path, and an entry's key. Links to folders are
 * followed. 0, or -1 reported, where `look` returned that, or at the end where a folder could not
 * be read. */
typedef int hmm_cache_look(void *self, enum hmm_cache_kind kind, const char *path, const char *key);
int hmm_cache_walk(const char *cache, hmm_cache_look *look, void *self);

/* When a file was used last, as 2026-01-31T12:00:00Z. */
enum { HMM_CACHE_TIME = 32 };
const char *hmm_cache_time(char text[HMM_CACHE_TIME], time_t time);

struct hmm_cache_keys {         /* zeroes: none */
	char (*key)[HMM_HASH_SIZE]; /* [count] */
	size_t count;
	size_t capacity; /* private: bytes */
};
int hmm_cache_keys_add(struct hmm_cache_keys *keys, const char *key); /* 0, or -1 reported */
/* Add those of a table's column `features`. 0, or -1 reported. */
int hmm_cache_keys_read(struct hmm_cache_keys *keys, const char *path);
void hmm_cache_keys_sort(struct hmm_cache_keys *keys);                       /* each once */
int hmm_cache_keys_have(const struct hmm_cache_keys *keys, const char *key); /* of sorted ones */
void hmm_cache_keys_free(struct hmm_cache_keys *keys);                       /* legal on zeroes */

#endif
