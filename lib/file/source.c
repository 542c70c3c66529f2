#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/error.h"
#include "hmm/memory.h"

/* The most that deflate can shrink, and a chunk of what is passed over. */
enum { MAX_RATIO = 1032, CHUNK = 1 << 16 };

/* Chunks inflated ahead: one is read while the next is made. */
enum { CHUNKS = 2, CHUNK_AHEAD = 1 << 18 };

struct hmm_ahead {
	gzFile gz;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned long made, taken; /* chunks so far */
	int stop;
	int got[CHUNKS]; /* bytes in it, as gzread() returns them */
	size_t used;     /* bytes taken of the chunk in hand */
	unsigned char chunk[CHUNKS][CHUNK_AHEAD];
};

static void *
inflate_ahead(void *argument)
{
	struct hmm_ahead *ahead = argument;
	pthread_mutex_lock(&ahead->lock);
	for (int got = 1; got > 0;) {
		while (ahead->made == ahead->taken + CHUNKS && !ahead->stop)
			pthread_cond_wait(&ahead->changed, &ahead->lock);
		if (ahead->stop)
			break;
		const unsigned long slot = ahead->made % CHUNKS;
		pthread_mutex_unlock(&ahead->lock);
		got = gzread(ahead->gz, ahead->chunk[slot], CHUNK_AHEAD);
		pthread_mutex_lock(&ahead->lock);
		ahead->got[slot] = got;
		ahead->made++;
		pthread_cond_signal(&ahead->changed);
	}
	pthread_mutex_unlock(&ahead->lock);
	return NULL;
}

/* Begin to inflate; NULL where no thread can be had, and the reader does it. */
static struct hmm_ahead *
start_ahead(gzFile gz)
{
	struct hmm_ahead *ahead = hmm_alloc(1, sizeof(*ahead));
	if (!ahead)
		return NULL;
	ahead->gz = gz;
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	if (!pthread_create(&ahead->thread, NULL, inflate_ahead, ahead))
		return ahead;
	free(ahead);
	return NULL;
}

static void
stop_ahead(struct hmm_source *source)
{
	struct hmm_ahead *ahead = source->ahead;
	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->stop = 1;
	pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	pthread_join(ahead->thread, NULL);
	pthread_mutex_destroy(&ahead->lock);
	pthread_cond_destroy(&ahead->changed);
	free(ahead);
	source->ahead = NULL;
}

/* As gzread() does, from what is inflated, at most to the end of a chunk. */
static int
take_ahead(struct hmm_ahead *ahead, void *bytes, size_t size)
{
	const unsigned long slot = ahead->taken % CHUNKS;
	pthread_mutex_lock(&ahead->lock);
	while (ahead->made == ahead->taken)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	pthread_mutex_unlock(&ahead->lock);
	if (ahead->got[slot] <= 0) /* the end or an error, which stays */
		return ahead->got[slot];
	const size_t left = (size_t)ahead->got[slot] - ahead->used, take = size < left ? size : left;
	memcpy(bytes, ahead->chunk[slot] + ahead->used, take);
	ahead->used += take;
	if (take == left) {
		pthread_mutex_lock(&ahead->lock);
		ahead->taken++;
		pthread_cond_signal(&ahead->changed);
		pthread_mutex_unlock(&ahead->lock);
		ahead->used = 0;
	}
	return (int)take;
}

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
	stop_ahead(source);
	if (source->gz)
		gzclose(source->gz);
	source->gz = NULL;
}

int64_t
hmm_source_read(struct hmm_source *source, void *bytes, size_t size)
{
	size_t done = 0;
	int code;
	if (source->compressed && !source->ahead)
		source->ahead = start_ahead(source->gz);
	while (done < size) {
		const size_t left = size - done < INT32_MAX / 2 ? size - done : INT32_MAX / 2;
		char *to = (char *)bytes + done;
		const int got = source->ahead ? take_ahead(source->ahead, to, left)
		                              : gzread(source->gz, to, (unsigned)left);
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
	stop_ahead(source);
	const int code = gzclose(source->gz);
	source->gz = NULL;
	return code == Z_OK ? 0 : hmm_error("%s: truncated gzip data", source->path);
}
