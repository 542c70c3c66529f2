#include "hmm/base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hmm/base/error.h"

/* Within an arena only marked gaps would show what runs over an array's end. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
enum { GAP = HMM_ALIGN };
#else
#define ASAN_POISON_MEMORY_REGION(start, size) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)0)
enum { GAP = 0 };
#endif

enum { HUGE_PAGE = 2 << 20 };

static atomic_int short_of;

int
hmm_memory_short(void)
{
	return atomic_load(&short_of);
}

int
hmm_memory_out(void)
{
	atomic_store(&short_of, 1);
	return hmm_error("out of memory");
}

int
hmm_multiply(size_t *product, size_t a, size_t b)
{
	return __builtin_mul_overflow(a, b, product) ? -1 : 0;
}

static void *
aligned_block(size_t bytes)
{
	void *block = NULL;
	/* 2 MB pages cost nothing and spare the training kernels their TLB misses. */
	const size_t align = bytes >= 2 * (size_t)HUGE_PAGE ? HUGE_PAGE : HMM_ALIGN;
	if (bytes > PTRDIFF_MAX || posix_memalign(&block, align, bytes ? bytes : 1)) {
		atomic_store(&short_of, 1);
		hmm_error("out of memory: %zu bytes wanted", bytes);
		return NULL;
	}
	if (align == HUGE_PAGE)
		madvise(block, bytes, MADV_HUGEPAGE);
	return block;
}

void *
hmm_alloc_raw(size_t count, size_t size)
{
	size_t bytes;
	if (hmm_multiply(&bytes, count, size)) {
		hmm_error("out of memory: %zu x %zu bytes wanted", count, size);
		return NULL;
	}
	return aligned_block(bytes);
}

void *
hmm_alloc(size_t count, size_t size)
{
	void *block = hmm_alloc_raw(count, size);
	if (block)
		memset(block, 0, count * size);
	return block;
}

int
hmm_grow(void **block, size_t *capacity, size_t need)
{
	if (need <= *capacity)
		return 0;
	const size_t bytes = need + need / 2 < need ? need : need + need / 2;
	void *grown = aligned_block(bytes);
	if (!grown)
		return -1;
	if (*capacity)
		memcpy(grown, *block, *capacity);
	free(*block);
	*block = grown;
	*capacity = bytes;
	return 0;
}

static size_t
round_up(size_t bytes, size_t to)
{
	return (bytes + to - 1) / to * to;
}

void *
hmm_arena_take(struct hmm_arena *arena, size_t count, size_t size)
{
	size_t bytes;
	if (hmm_multiply(&bytes, count, size) || bytes > PTRDIFF_MAX - arena->used)
		bytes = PTRDIFF_MAX - arena->used; /* hmm_arena_make() will refuse */
	char *array = arena->start ? arena->start + arena->used : NULL;
	if (array)
		ASAN_UNPOISON_MEMORY_REGION(array, bytes);
	arena->used += round_up(bytes, HMM_ALIGN) + GAP;
	if (arena->used > PTRDIFF_MAX)
		arena->used = PTRDIFF_MAX;
	return array;
}

int
hmm_arena_make(struct hmm_arena *arena)
{
	const size_t pages = round_up(arena->used, HUGE_PAGE), bytes = pages + HUGE_PAGE;
	arena->block = bytes < PTRDIFF_MAX ? calloc(bytes, 1) : NULL;
	if (!arena->block)
		return hmm_error("out of memory: %zu bytes wanted", arena->used);
	arena->start = (char *)round_up((uintptr_t)arena->block, HUGE_PAGE);
	/* the last page is a large one where more than half of it is used */
	const size_t large = (arena->used + HUGE_PAGE / 2) / HUGE_PAGE * HUGE_PAGE;
	if (large > HUGE_PAGE)
		madvise(arena->start, large, MADV_HUGEPAGE);
	ASAN_POISON_MEMORY_REGION(arena->start, pages);
	arena->used = 0;
	return 0;
}

void
hmm_arena_free(struct hmm_arena *arena)
{
	free(arena->block);
	*arena = (struct hmm_arena){0};
}

int
hmm_arena_remake(
    struct hmm_arena *arena, void (*take)(void *self, size_t count), void *self, size_t count)
{
	hmm_arena_free(arena);
	take(self, count);
	if (hmm_arena_make(arena))
		return -1;
	take(self, count);
	return 0;
}

char *
hmm_strdup(const char *string)
{
	char *copy = strdup(string);
	if (!copy)
		hmm_memory_out();
	return copy;
}
