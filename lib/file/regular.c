#include "hmm/file/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/base/error.h"

static const char *
describe(mode_t mode)
{
	return S_ISDIR(mode)    ? "a folder"
	       : S_ISFIFO(mode) ? "a pipe"
	       : S_ISSOCK(mode) ? "a socket"
	                        : "a device";
}

int
hmm_regular_open(const char *path, size_t *size)
{
	struct stat status;
	const int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0)
		return hmm_error("%s: cannot open: %s", path, strerror(errno));
	int bad = 0;
	if (fstat(descriptor, &status))
		bad = hmm_error("%s: cannot read: %s", path, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		bad = hmm_error("%s: not a regular file but %s", path, describe(status.st_mode));
	else if ((uintmax_t)status.st_size > SIZE_MAX)
		bad = hmm_error("%s: %jd bytes are too many", path, (intmax_t)status.st_size);
	if (bad) {
		close(descriptor);
		return -1;
	}
	if (size)
		*size = (size_t)status.st_size;
	return descriptor;
}

FILE *
hmm_regular_stream(const char *path, size_t *size)
{
	const int descriptor = hmm_regular_open(path, size);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "rb");
	if (descriptor >= 0 && !file) {
		hmm_error("%s: cannot open: %s", path, strerror(errno));
		close(descriptor);
	}
	return file;
}

void *
hmm_regular_map(const char *path, size_t *size, size_t least)
{
	const int descriptor = hmm_regular_open(path, size);
	if (descriptor < 0)
		return NULL;
	void *map = MAP_FAILED;
	if (*size < least)
		hmm_error("%s: %s (%zu bytes, want at least %zu)", path, *size ? "too short" : "empty",
		    *size, least);
	else if ((map = mmap(NULL, *size, PROT_READ, MAP_SHARED, descriptor, 0)) == MAP_FAILED)
		hmm_error("%s: cannot map: %s", path, strerror(errno));
	close(descriptor);
	return map == MAP_FAILED ? NULL : map;
}

int
hmm_regular_check(const char *path)
{
	const int descriptor = hmm_regular_open(path, NULL);
	if (descriptor >= 0)
		close(descriptor);
	return descriptor < 0 ? -1 : 0;
}
