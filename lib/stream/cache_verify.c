#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/parallel.h"
#include "hmm/base/progress.h"
#include "hmm/stream/cache.h"
#include "hmm/stream/cache_verbs.h"
#include "hmm/stream/cache_walk.h"

/* A cache while its entries are read back. */
struct verify {
	const char *cache;
	struct hmm_cache_keys keys;
	unsigned char *verdict;    /* [keys.count], enum hmm_cache_verdict */
	struct hmm_record *record; /* [threads] */
	atomic_long done;
	struct hmm_progress progress;
};

static int
take_entry(void *self, enum hmm_cache_kind kind, const char *path, const char *key)
{
	struct verify *verify = self;
	if (kind == HMM_CACHE_STRANGER)
		hmm_warn("%s: no entry of a cache, or not in its folder", path);
	return kind == HMM_CACHE_ENTRY ? hmm_cache_keys_add(&verify->keys, key) : 0;
}

/* Work of a pool: an entry. */
static void
check_entry(void *job, size_t entry, size_t thread)
{
	struct verify *verify = job;
	const char *key = verify->keys.key[entry];
	char *path = hmm_cache_path(verify->cache, key);
	verify->verdict[entry] =
	    path ? (unsigned char)hmm_cache_check(path, key, &verify->record[thread])
	         : HMM_CACHE_UNREAD;
	free(path);
	const long done = atomic_fetch_add(&verify->done, 1) + 1;
	if (thread == 0)
		hmm_progress_step(&verify->progress, done);
}

static int
remove_entry(const struct verify *verify, size_t entry)
{
	char *path = hmm_cache_path(verify->cache, verify->keys.key[entry]);
	int bad = !path;
	if (path && remove(path) && errno != ENOENT)
		bad = hmm_error("%s: cannot remove: %s", path, strerror(errno));
	free(path);
	return bad;
}

/* Remove the bad ones where they are to be repaired, and say how many of each there are. 0, or -1
 * where not all that are left are whole. */
static int
sum_up(const struct verify *verify, int repair)
{
	size_t count[HMM_CACHE_GONE + 1] = {0}, removed = 0;
	for (size_t i = 0; i < verify->keys.count; i++) {
		count[verify->verdict[i]]++;
		removed += repair && verify->verdict[i] == HMM_CACHE_BAD && !remove_entry(verify, i);
	}
	const size_t bad = count[HMM_CACHE_BAD], unread = count[HMM_CACHE_UNREAD];
	char note[64] = "";
	if (unread)
		snprintf(note, sizeof(note), ", %zu could not be read", unread);
	hmm_say("%s: of %zu entries %zu bad%s%s", verify->cache,
	    verify->keys.count - count[HMM_CACHE_GONE], bad,
	    !removed        ? ""
	    : removed < bad ? " and not all removed"
	                    : " and removed: run extract again",
	    note);
	return bad > removed || unread ? -1 : 0;
}

/* What is walked is read in any case. */
static int
check_folder(const char *cache)
{
	struct stat status;
	return stat(cache, &status) ? hmm_error("%s: cannot read: %s", cache, strerror(errno)) : 0;
}

/* Read back the entries of one cache, of all keys or, unless NULL, of these, which are sorted:
 * there[] is set for those that it has. 0; 1, reported, where not all are whole; or -1 reported. */
static int
verify_cache(
    const char *cache, const struct hmm_cache_keys *keys, char *there, int repair, size_t threads)
{
	struct verify verify = {.cache = cache};
	struct hmm_pool *pool = hmm_pool_open(threads);
	int bad = !pool || !(verify.record = hmm_alloc(hmm_pool_threads(pool), sizeof(*verify.record))),
	    unread = 0;
	bad = bad || (keys && check_folder(cache));
	for (size_t i = 0; keys && i < keys->count && !bad; i++)
		bad = hmm_cache_keys_add(&verify.keys, keys->key[i]);
	if (!bad && !keys)
		unread = hmm_cache_walk(cache, take_entry, &verify);
	hmm_cache_keys_sort(&verify.keys);
	bad = bad || !(verify.verdict = hmm_alloc(verify.keys.count, 1));
	if (!bad) {
		hmm_progress_start(&verify.progress, "entries", (long)verify.keys.count);
		hmm_pool_run(pool, check_entry, &verify, verify.keys.count);
		hmm_progress_end(&verify.progress);
		bad = unread;
		if (verify.keys.count || !unread)
			bad |= sum_up(&verify, repair);
	}
	for (size_t i = 0; there && verify.verdict && i < keys->count; i++)
		there[i] |= verify.verdict[i] != HMM_CACHE_GONE;
	for (size_t i = 0; verify.record && i < hmm_pool_threads(pool); i++)
		hmm_record_free(&verify.record[i]);
	const int looked = verify.verdict != NULL;
	free(verify.record);
	free(verify.verdict);
	hmm_cache_keys_free(&verify.keys);
	hmm_pool_close(pool);
	return !looked ? -1 : bad ? 1 : 0;
}

/* What a manifest names and none of the caches has. 0, or -1 reported. */
static int
count_missing(const char *manifest, const char *there, size_t count)
{
	size_t missing = 0;
	for (size_t i = 0; i < count; i++)
		missing += !there[i];
	return missing ? hmm_error("%s: %zu of the %zu features that it names are in no cache: run "
	                           "extract",
	                     strcmp(manifest, "-") ? manifest : "standard input", missing, count)
	               : 0;
}

int
hmm_cache_verb_verify(const struct hmm_cache_request *request)
{
	const struct hmm_option_list *caches = &request->caches;
	struct hmm_cache_keys keys = {0};
	int bad = request->manifest && hmm_cache_keys_read(&keys, request->manifest);
	hmm_cache_keys_sort(&keys);
	char *there = request->manifest && !bad ? hmm_alloc(keys.count, 1) : NULL;
	bad = bad || (request->manifest && !there);
	const size_t count = bad ? 0 : caches->count;
	int looked = 1;
	for (size_t i = 0; i < count; i++) {
		const int state = verify_cache(caches->text[i], there ? &keys : NULL, there,
		    request->repair && i == 0, (size_t)request->threads);
		looked = looked && state >= 0;
		bad |= state != 0;
	}
	if (there && looked && count_missing(request->manifest, there, keys.count))
		bad = 1;
	free(there);
	hmm_cache_keys_free(&keys);
	return bad ? -1 : 0;
}
