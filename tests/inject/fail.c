/* LD_PRELOAD=fail.so HMM_FAIL_AT=N program: the N-th allocation of the program fails, and every
 * other one does not. With N 0 none does. The allocations that there were are written into
 * HMM_FAIL_LOG at the end, when it comes to that. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_long done;
static long wanted = -1; /* not before main() */

/* dlsym() itself allocates: until it has answered, memory comes from here and stays. */
static _Alignas(64) char early[1 << 16];
static size_t used;

static int
fails(void)
{
	return wanted >= 0 && atomic_fetch_add(&done, 1) + 1 == wanted;
}

static void *
from_early(size_t size)
{
	void *block = early + used;
	used += (size + 63) / 64 * 64;
	if (used > sizeof(early))
		_exit(99);
	return block;
}

static int
is_early(const void *block)
{
	return (const char *)block >= early && (const char *)block < early + sizeof(early);
}

#define REAL(name)                                                                                 \
	static __typeof__(&name) real;                                                                 \
	static int asked;                                                                              \
	if (!real && !asked) {                                                                         \
		asked = 1;                                                                                 \
		real = (__typeof__(&name))dlsym(RTLD_NEXT, #name);                                         \
	}

void *
malloc(size_t size)
{
	REAL(malloc)
	if (!real)
		return from_early(size);
	if (!fails())
		return real(size);
	errno = ENOMEM;
	return NULL;
}

void *
calloc(size_t count, size_t size)
{
	REAL(calloc)
	if (!real)
		return from_early(count * size);
	if (!fails())
		return real(count, size);
	errno = ENOMEM;
	return NULL;
}

void *
realloc(void *block, size_t size)
{
	REAL(realloc)
	if (real && !fails() && !is_early(block))
		return real(block, size);
	errno = ENOMEM;
	return NULL;
}

int
posix_memalign(void **block, size_t align, size_t size)
{
	REAL(posix_memalign)
	return fails() ? ENOMEM : real(block, align, size);
}

void
free(void *block)
{
	REAL(free)
	if (real && !is_early(block))
		real(block);
}

__attribute__((constructor)) static void
begin(void)
{
	const char *at = getenv("HMM_FAIL_AT");
	free(malloc(1));
	free(calloc(1, 1));
	free(realloc(malloc(1), 2));
	void *block;
	if (!posix_memalign(&block, 64, 1))
		free(block);
	wanted = at ? atol(at) : -1;
}

__attribute__((destructor)) static void
end(void)
{
	const char *log = getenv("HMM_FAIL_LOG");
	char text[32];
	wanted = -1;
	const int file = log ? open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
	if (file < 0)
		return;
	const int length = snprintf(text, sizeof(text), "%ld\n", atomic_load(&done));
	if (write(file, text, (size_t)length) != length)
		_exit(98);
	close(file);
}
