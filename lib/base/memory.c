#include "hmm/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hmm/error.h"

enum { HUGE_PAGE = 2 << 20 };

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

char *
hmm_strdup(const char *string)
{
	char *copy = strdup(string);
	if (!copy)
		hmm_error("out of memory");
	return copy;
}
