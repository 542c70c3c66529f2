/* Checked, aligned memory. */
#ifndef HMM_MEMORY_H
#define HMM_MEMORY_H

#include <stddef.h>

/* Alignment of every block, in bytes: a cache line and an AVX-512 register. */
enum { HMM_ALIGN = 64 };

/* count * size bytes, zeroed, aligned to HMM_ALIGN; release with free().
 * NULL, reported, when the product overflows or memory is short.
 * A zero-sized request yields a valid block. */
void *hmm_alloc(size_t count, size_t size);

/* The same, but its bytes are undefined. */
void *hmm_alloc_raw(size_t count, size_t size);

/* A block that only grows: at least `need` bytes at *block, contents kept, new
 * bytes undefined. *capacity holds its size. 0, or -1 reported. */
int hmm_grow(void **block, size_t *capacity, size_t need);

/* A copy of the string, to free(); NULL, reported, when memory is short. */
char *hmm_strdup(const char *string);

/* Report that there is no more, as all of these do, and -1; and whether that ever was so: what
 * could not be read may then be right. */
int hmm_memory_out(void);
int hmm_memory_short(void);

/* *product = a * b; -1 (not reported) on overflow. */
int hmm_multiply(size_t *product, size_t a, size_t b);

/* Many arrays in one block of zeros, on pages of 2 MB: what is never touched costs
 * nothing, and what is costs few page faults. Take everything twice in the same order:
 * before hmm_arena_make(), when it is only counted and NULL returned, and after. */
struct hmm_arena {
	void *block;
	char *start; /* NULL while counting */
	size_t used;
};

void *hmm_arena_take(struct hmm_arena *arena, size_t count, size_t size); /* aligned as above */
int hmm_arena_make(struct hmm_arena *arena);                              /* 0, or -1 reported */
void hmm_arena_free(struct hmm_arena *arena);

/* All of that around `take`, which takes the arrays of `self` for `count` of something; what the
 * arena held before is gone. 0, or -1 reported. */
int hmm_arena_remake(
    struct hmm_arena *arena, void (*take)(void *self, size_t count), void *self, size_t count);

#endif
