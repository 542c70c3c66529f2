#include "source.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/regular.h"

/* The most that deflate can shrink, a chunk of what is passed over, and what may stand
 * before the bytes that are inflated at once. */
enum { MAX_RATIO = 1032, CHUNK = 1 << 16, MAX_START = 1 << 24 };

int
hmm_source_open(struct hmm_source *source, const char *path)
{
	size_t size;
	*source = (struct hmm_source){.path = path};
	const int descriptor = hmm_regular_open(path, &size);
	if (descriptor < 0)
		return -1;
	source->descriptor = descriptor;
	source->gz = gzdopen(descriptor, "rb");
	if (!source->gz) {
		close(descriptor);
		return hmm_error("%s: cannot read: out of memory", path);
	}
	gzbuffer(source->gz, CHUNK / 4);
	source->compressed = !gzdirect(source->gz);
	source->size = size;
	source->most = source->size * (source->compressed ? MAX_RATIO : 1);
	return 0;
}

void
hmm_source_close(struct hmm_source *source)
{
	if (source->gz)
		gzclose(source->gz);
	source->gz = NULL;
	free(source->block);
	source->block = NULL;
}

/* zlib's own words begin with its name of the file, which is none that anybody gave. */
static int
read_error(const struct hmm_source *source)
{
	int code = Z_OK;
	const char *text = gzerror(source->gz, &code), *words = strstr(text, ">: ");
	return hmm_error("%s: cannot read: %s%s", source->path,
	    code == Z_DATA_ERROR ? "damaged gzip data: " : "",
	    code == Z_ERRNO ? strerror(errno)
	    : words         ? words + 3
	                    : text);
}

int64_t
hmm_source_read(struct hmm_source *source, void *bytes, size_t size)
{
	size_t done = 0;
	while (done < size) {
		const size_t left = size - done < INT32_MAX / 2 ? size - done : INT32_MAX / 2;
		const int got = gzread(source->gz, (char *)bytes + done, (unsigned)left);
		if (got < 0)
			return read_error(source);
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

/* Whether what lies in a mapped file is one gzip member of `size` bytes, inflated. */
static int
inflate_map(void *bytes, size_t size, const void *map, size_t packed)
{
	size_t used = 0, made = 0;
	struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
	if (!decompressor)
		return 0;
	const int bad = libdeflate_gzip_decompress_ex(
	                    decompressor, map, packed, bytes, size, &used, &made) != LIBDEFLATE_SUCCESS;
	libdeflate_free_decompressor(decompressor);
	return !bad && used == packed && made == size;
}

int
hmm_source_whole(struct hmm_source *source, void **bytes, uint64_t start, size_t size)
{
	if (!source->compressed || start > MAX_START)
		return 0;
	const size_t before = (size_t)start, pad = (HMM_ALIGN - before % HMM_ALIGN) % HMM_ALIGN;
	unsigned char *block = hmm_alloc_raw(pad + before + size, 1);
	if (!block)
		return -1;
	void *map =
	    mmap(NULL, source->size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, source->descriptor, 0);
	if (map != MAP_FAILED) {
		if (inflate_map(block + pad, before + size, map, source->size))
			source->block = block;
		munmap(map, source->size);
	}
	if (!source->block) {
		free(block);
		return 0;
	}
	source->whole = 1;
	*bytes = block + pad + before;
	return 1;
}

int
hmm_source_finish(struct hmm_source *source)
{
	if (source->compressed && !source->whole && hmm_source_skip(source, UINT64_MAX) < 0)
		return -1;
	const int code = gzclose(source->gz);
	source->gz = NULL;
	return code == Z_OK ? 0 : hmm_error("%s: truncated gzip data", source->path);
}
