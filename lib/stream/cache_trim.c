#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "hmm/stream/cache.h"
#include "hmm/stream/cache_verbs.h"
#include "hmm/stream/cache_walk.h"

static const double day = 24 * 60 * 60;

struct entry {
	char key[HMM_HASH_SIZE];
	struct timespec used;
	uintmax_t bytes;
};

/* A cache while it is made smaller. */
struct trim {
	const struct hmm_cache_request *request;
	const char *cache;
	struct hmm_cache_keys kept;
	struct entry *entry; /* [count] */
	size_t count, capacity;
	uintmax_t bytes; /* of them */
	size_t removed, leftovers;
	uintmax_t freed;
	int bad; /* something could not be removed, which was said */
};

static double
age_of(struct timespec used)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (double)(now.tv_sec - used.tv_sec) + 1e-9 * (double)(now.tv_nsec - used.tv_nsec);
}

/* What is known of a file: 1, 0 where it is gone or a link that leads nowhere, -1 reported. */
static int
look_at(struct trim *trim, struct stat *status, const char *path)
{
	if (!stat(path, status))
		return 1;
	if (errno == ENOENT || errno == ELOOP)
		return 0;
	trim->bad = hmm_error("%s: cannot read: %s", path, strerror(errno));
	return -1;
}

/* Remove a file that is still as it was seen. 1, or 0 where it is not, or that was reported. */
static int
remove_file(struct trim *trim, const char *path, struct timespec used, uintmax_t bytes)
{
	struct stat status;
	char time[HMM_CACHE_TIME];
	if (look_at(trim, &status, path) != 1 || status.st_mtim.tv_sec != used.tv_sec ||
	    status.st_mtim.tv_nsec != used.tv_nsec)
		return 0; /* somebody has just used it */
	if (!trim->request->dry_run && unlink(path)) {
		if (errno != ENOENT)
			trim->bad = hmm_error("%s: cannot remove: %s", path, strerror(errno));
		return 0;
	}
	hmm_table_write(stdout, path, 1);
	printf("\t%ju\t%s\n", bytes, hmm_cache_time(time, used.tv_sec));
	trim->freed += bytes;
	return 1;
}

static int
take_file(void *self, enum hmm_cache_kind kind, const char *path, const char *key)
{
	struct trim *trim = self;
	struct stat status;
	void *entries = trim->entry;
	if (kind == HMM_CACHE_STRANGER || look_at(trim, &status, path) != 1 || !S_ISREG(status.st_mode))
		return 0;
	if (kind == HMM_CACHE_TEMPORARY) {
		trim->leftovers += age_of(status.st_mtim) > day &&
		                   remove_file(trim, path, status.st_mtim, (uintmax_t)status.st_size);
		return 0;
	}
	if (hmm_grow(&entries, &trim->capacity, (trim->count + 1) * sizeof(struct entry)))
		return -1;
	trim->entry = entries;
	struct entry *entry = &trim->entry[trim->count++];
	*entry = (struct entry){.used = status.st_mtim, .bytes = (uintmax_t)status.st_size};
	memcpy(entry->key, key, sizeof(entry->key));
	trim->bytes += entry->bytes;
	return 0;
}

static int
compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
	if (a->used.tv_nsec != b->used.tv_nsec)
		return a->used.tv_nsec < b->used.tv_nsec ? -1 : 1;
	return strcmp(a->key, b->key);
}

/* The oldest first, those that are too old, or as many as are too much. 0, or -1 reported. */
static int
remove_entries(struct trim *trim)
{
	const double older = trim->request->older * day;
	const long size = trim->request->size;
	if (trim->count)
		qsort(trim->entry, trim->count, sizeof(struct entry), compare);
	for (size_t i = 0; i < trim->count; i++) {
		const struct entry *entry = &trim->entry[i];
		const int much = size != HMM_UNSET && trim->bytes > (uintmax_t)size;
		const int old = older >= 0 && age_of(entry->used) > older;
		if (!much && !old)
			break; /* and no younger one either */
		if (hmm_cache_keys_have(&trim->kept, entry->key))
			continue;
		char *path = hmm_cache_path(trim->cache, entry->key);
		if (!path)
			return -1;
		if (remove_file(trim, path, entry->used, entry->bytes)) {
			trim->removed++;
			trim->bytes -= entry->bytes;
		}
		free(path);
	}
	return size != HMM_UNSET && trim->bytes > (uintmax_t)size
	           ? hmm_error("%s: what stays takes %ju bytes, want at most %ld", trim->cache,
	                 trim->bytes, size)
	           : 0;
}

int
hmm_cache_verb_trim(const struct hmm_cache_request *request)
{
	struct trim trim = {.request = request, .cache = request->caches.text[0]};
	int bad = 0;
	for (size_t i = 0; i < request->keep.count && !bad; i++)
		bad = hmm_cache_keys_read(&trim.kept, request->keep.text[i]);
	hmm_cache_keys_sort(&trim.kept);
	if (!bad) {
		puts("path\tbytes\tused");
		bad = hmm_cache_walk(trim.cache, take_file, &trim);
		bad = remove_entries(&trim) || bad;
		hmm_say(
		    "%s: %s %zu entries and %zu temporary files, %ju bytes; %zu entries of %ju bytes stay",
		    trim.cache, request->dry_run ? "would remove" : "removed", trim.removed, trim.leftovers,
		    trim.freed, trim.count - trim.removed, trim.bytes);
	}
	free(trim.entry);
	hmm_cache_keys_free(&trim.kept);
	return bad || trim.bad ? -1 : 0;
}
