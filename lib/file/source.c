#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/error.h"

/* The most that deflate can shrink, and a chunk of what is passed over. */
enum { MAX_RATIO = 1032, CHUNK = 1 << 16 };

int
hmm_source_open(struct hmm_source *source, const char *path)
{
	struct stat status;
	*source = (struct hmm_source){.path = path};
	const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return hmm_error("%s: cannot open: %s", path, strerror(errno));
	if (fstat(descriptor, &status) || !S_ISREG(status.st_mode)) {
		close(descriptor);
		return hmm_error("%s: not a regular file", path);
	}
	source->gz = gzdopen(descriptor, "rb");
	if (!source->gz) {
		close(descriptor);
		return hmm_error("%s: cannot read: out of memory", path);
	}
	gzbuffer(source->gz, 2 * CHUNK);
	source->compressed = !gzdirect(source->gz);
	source->most = (uint64_t)status.st_size * (source->compressed ? MAX_RATIO : 1);
	return 0;
}

void
hmm_source_close(struct hmm_source *source)
{
	if (source->gz)
		gzclose(source->gz);
	source->gz = NULL;
}

int64_t
hmm_source_read(struct hmm_source *source, void *bytes, size_t size)
{
	size_t done = 0;
	while (done < size) {
		const size_t left = size - done;
		const int got = gzread(source->gz, (char *)bytes + done,
		    left < INT32_MAX / 2 ? (unsigned)left : INT32_MAX / 2);
		int code;
		if (got < 0)
			return hmm_error("%s: cannot read: %s", source->path, gzerror(source->gz, &code));
		if (got == 0)
			break;
		done += (size_t)got;
	}
	source->at += done;
	return (int64_t)done;
}

int64_t
hmm_source_skip(struct hmm_source *source, uint64_t size)
{
	unsigned char chunk[CHUNK];
	uint64_t done = 0;
	while (done < size) {
		const uint64_t left = size - done;
		const int64_t got = hmm_source_read(source, chunk, left < CHUNK ? left : CHUNK);
		if (got <= 0)
			return got < 0 ? -1 : (int64_t)done;
		done += (uint64_t)got;
	}
	return (int64_t)done;
}

int
hmm_source_finish(struct hmm_source *source)
{
	if (source->compressed && hmm_source_skip(source, UINT64_MAX) < 0)
		return -1;
	const int code = gzclose(source->gz);
	source->gz = NULL;
	return code == Z_OK ? 0 : hmm_error("%s: truncated gzip data", source->path);
}
