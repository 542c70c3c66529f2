#include "hmm/stream/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/base/collect.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/regular.h"

static void
put_text(FILE *file, const char *text)
{
	fwrite(text, 1, strlen(text) + 1, file); /* with its zero byte */
}

/* What decides an entry, as hmm_cache_key() has it. */
static void
put_facts(FILE *file, const char *sha256, size_t image, const struct hmm_step *step, size_t steps)
{
	put_text(file, "image");
	for (size_t i = 0; *sha256; i++, sha256 += *sha256 == ',') {
		if (i == image)
			put_text(file, "mask");
		for (; *sha256 && *sha256 != ','; sha256++)
			putc(*sha256, file);
		putc('\0', file);
	}
	for (size_t i = 0; i < steps; i++) {
		put_text(file, step[i].program);
		put_text(file, step[i].numerics);
		put_text(file, step[i].options);
		put_text(file, step[i].weights);
	}
}

int
hmm_cache_key(char key[HMM_HASH_SIZE], const char *sha256, size_t image,
    const struct hmm_step *step, size_t steps)
{
	struct hmm_collected *facts = hmm_collect_open();
	if (!facts)
		return -1;
	put_facts(facts->file, sha256, image, step, steps);
	int bad = hmm_collect_finish(facts) && hmm_error("out of memory");
	bad = bad || hmm_hash_bytes(key, facts->text, facts->size);
	hmm_collect_free(facts);
	return bad ? -1 : 0;
}

char *
hmm_cache_path(const char *folder, const char *key)
{
	const size_t size = strlen(folder) + sizeof("/ab/.hmm") + HMM_HASH_SIZE;
	char *path = hmm_alloc(size, 1);
	if (path)
		snprintf(path, size, "%s/%.2s/%s.hmm", folder, key, key);
	return path;
}

/* An entry is a file with something in it. */
static int
check_entry(const char *path)
{
	size_t size;
	const int descriptor = hmm_regular_open(path, &size);
	if (descriptor < 0)
		return -1;
	close(descriptor);
	return size ? 0 : hmm_error("%s: empty, want features: remove it", path);
}

/* Whether an entry of somebody else's cache can be read, and has something in it: 1, or 0, where it
 * is there a warning. */
static int
is_fit(const char *path)
{
	struct stat status = {0};
	const int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const int unread = file < 0 || fstat(file, &status);
	const int fit = !unread && S_ISREG(status.st_mode) && status.st_size > 0;
	if (!fit && !(unread && errno == ENOENT))
		hmm_warn_counted("%s: %s: counts as not there", path,
		    unread                    ? strerror(errno)
		    : S_ISREG(status.st_mode) ? "empty"
		                              : "not a regular file");
	if (file >= 0)
		close(file);
	return fit;
}

/* 1, 0 or -1 reported, of the first folder or one below it; where it is 1 its file. */
static int
find_within(char **path, const char *folder, const char *key, int below)
{
	char *own = hmm_cache_path(folder, key);
	if (!own)
		return -1;
	int there = below ? is_fit(own) : !access(own, F_OK);
	if (!there && !below && errno != ENOENT)
		there = hmm_error("%s: cannot read: %s", own, strerror(errno));
	*path = there == 1 ? own : NULL;
	if (there != 1)
		free(own);
	return there;
}

int
hmm_cache_find(char **path, const struct hmm_option_list *caches, const char *key)
{
	int there = 0;
	*path = NULL;
	if (!hmm_hash_is_digest(key))
		return hmm_error("features '%.80s', want a name that hmm-cache gives", key);
	for (size_t i = 0; i < caches->count && !there; i++)
		there = find_within(path, caches->text[i], key, i > 0);
	return there;
}

int
hmm_cache_has(const struct hmm_option_list *caches, const char *key)
{
	char *path;
	int there = hmm_cache_find(&path, caches, key);
	if (there == 1 && check_entry(path))
		there = -1;
	free(path);
	return there;
}

int
hmm_cache_check_folders(const struct hmm_option_list *caches)
{
	struct stat status;
	for (size_t i = 1; i < caches->count; i++)
		if (stat(caches->text[i], &status))
			return hmm_error("%s: cannot open: %s", caches->text[i], strerror(errno));
		else if (!S_ISDIR(status.st_mode))
			return hmm_error("%s: not a folder, want a cache", caches->text[i]);
	return 0;
}
