#include "hmm/stream/cache_walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "hmm/stream/journal.h"

static const char digits[] = "0123456789abcdef", ending[] = ".hmm";
static const char journal[] = HMM_JOURNAL_FILE; /* beside the folders */
enum { DIGITS = HMM_HASH_SIZE - 1 };

int
hmm_cache_is_temporary(const char *name)
{
	name += *name == '.';
	return strspn(name, digits) == DIGITS && strcmp(name + DIGITS, ending) != 0;
}

/* Of a file in the folder of that name. */
static enum hmm_cache_kind
kind_of(char key[HMM_HASH_SIZE], const char *folder, const char *name)
{
	if (hmm_cache_is_temporary(name))
		return HMM_CACHE_TEMPORARY;
	if (strspn(name, digits) != DIGITS || strncmp(name, folder, 2))
		return HMM_CACHE_STRANGER;
	memcpy(key, name, DIGITS);
	key[DIGITS] = '\0';
	return HMM_CACHE_ENTRY;
}

/* What is in a folder, on its way to `look`. */
struct walk {
	hmm_cache_look *look;
	void *self;
	char *path;
	size_t capacity;
	int unread; /* a folder could not be read, which was said */
};

/* walk->path is the folder's with a name behind it. 0, or -1 reported. */
static int
join(struct walk *walk, size_t length, const char *name)
{
	void *path = walk->path;
	const size_t size = strlen(name) + 1;
	if (hmm_grow(&path, &walk->capacity, length + size))
		return -1;
	walk->path = path;
	memcpy(walk->path + length, name, size);
	return 0;
}

typedef int take_name(struct walk *walk, size_t length, const char *name);

/* Each name of the folder of walk->path, which has that length. */
static int
each_name(struct walk *walk, take_name *take)
{
	DIR *listing = opendir(walk->path);
	const size_t length = strlen(walk->path) + 1;
	int error = listing ? 0 : errno, bad = listing ? join(walk, length - 1, "/") : 0;
	for (struct dirent *file; listing && !bad && (errno = 0, file = readdir(listing));)
		if (strcmp(file->d_name, ".") && strcmp(file->d_name, ".."))
			bad = join(walk, length, file->d_name) || take(walk, length, file->d_name);
	if (listing && !bad)
		error = errno;
	if (error) {
		walk->path[length - 1] = '\0';
		walk->unread = hmm_error("%s: cannot read: %s", walk->path, strerror(error));
	}
	if (listing)
		closedir(listing);
	return bad;
}

static int
take_file(struct walk *walk, size_t length, const char *name)
{
	char key[HMM_HASH_SIZE] = "", folder[3] = {walk->path[length - 3], walk->path[length - 2]};
	const enum hmm_cache_kind kind = kind_of(key, folder, name);
	return walk->look(walk->self, kind, walk->path, key);
}

static int
take_folder(struct walk *walk, size_t length, const char *name)
{
	struct stat status = {0};
	(void)length;
	const int named = strlen(name) == 2 && strspn(name, digits) == 2;
	if (named && stat(walk->path, &status) && errno != ENOENT && errno != ELOOP) {
		walk->unread = hmm_error("%s: cannot read: %s", walk->path, strerror(errno));
		return 0;
	}
	if (!strcmp(name, journal))
		return 0;
	if (!strncmp(name, journal, sizeof(journal) - 1) &&
	    !strncmp(name + sizeof(journal) - 1, ".tmp-", 5))
		return walk->look(walk->self, HMM_CACHE_TEMPORARY, walk->path, "");
	if (!named || !S_ISDIR(status.st_mode))
		return walk->look(walk->self, HMM_CACHE_STRANGER, walk->path, "");
	return each_name(walk, take_file);
}

int
hmm_cache_walk(const char *cache, hmm_cache_look *look, void *self)
{
	struct walk walk = {.look = look, .self = self};
	const int bad = join(&walk, 0, cache) || each_name(&walk, take_folder);
	free(walk.path);
	return bad || walk.unread ? -1 : 0;
}

const char *
hmm_cache_time(char text[HMM_CACHE_TIME], time_t time)
{
	struct tm parts;
	if (!gmtime_r(&time, &parts) || !strftime(text, HMM_CACHE_TIME, "%Y-%m-%dT%H:%M:%SZ", &parts))
		snprintf(text, HMM_CACHE_TIME, "n/a");
	return text;
}

/* ---- names of features ---- */

int
hmm_cache_keys_add(struct hmm_cache_keys *keys, const char *key)
{
	void *list = keys->key;
	if (hmm_grow(&list, &keys->capacity, (keys->count + 1) * HMM_HASH_SIZE))
		return -1;
	keys->key = list;
	memcpy(keys->key[keys->count++], key, HMM_HASH_SIZE);
	return 0;
}

int
hmm_cache_keys_read(struct hmm_cache_keys *keys, const char *path)
{
	struct hmm_table *table = hmm_table_read(path, '\t');
	const int features = table ? hmm_table_want(table, "features") : -1;
	int bad = features < 0;
	for (size_t row = 0; !bad && row < table->rows; row++) {
		const char *key = hmm_table_cell(table, row, features);
		if (key && !hmm_hash_is_digest(key))
			bad = hmm_error("%s: row %zu: features '%.80s', want a name that hmm-cache gives",
			    table->name, row + 1, key);
		else if (key)
			bad = hmm_cache_keys_add(keys, key);
	}
	hmm_table_free(table);
	return bad ? -1 : 0;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, HMM_HASH_SIZE);
}

void
hmm_cache_keys_sort(struct hmm_cache_keys *keys)
{
	size_t kept = 0;
	if (keys->count)
		qsort(keys->key, keys->count, HMM_HASH_SIZE, compare);
	for (size_t i = 0; i < keys->count; i++)
		if (!kept || compare(keys->key[kept - 1], keys->key[i]))
			memmove(keys->key[kept++], keys->key[i], HMM_HASH_SIZE);
	keys->count = kept;
}

int
hmm_cache_keys_have(const struct hmm_cache_keys *keys, const char *key)
{
	return keys->count && bsearch(key, keys->key, keys->count, HMM_HASH_SIZE, compare);
}

void
hmm_cache_keys_free(struct hmm_cache_keys *keys)
{
	free(keys->key);
	*keys = (struct hmm_cache_keys){0};
}
