#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/regular.h"
#include "hmm/stream/cache.h"

/* An entry while it is read: one image, whole, and nothing else. */
struct reading {
	const char *key;
	hmm_record_take *take; /* NULL: it is only looked at */
	void *self;
	long index, count; /* of its last record */
};

static int
take_own(void *self, struct hmm_reader *reader, struct hmm_record *record)
{
	struct reading *reading = self;
	const char *entry = hmm_reader_name(reader);
	const long number = hmm_reader_number(reader);
	if (strcmp(record->source, reading->key))
		return hmm_error(
		    "%s: holds the features of '%s', want '%s'", entry, record->source, reading->key);
	if (number > 1 && (record->index < 0 || reading->index < 0))
		return hmm_error("%s: holds an image's features twice, want them once", entry);
	if (record->index >= 0 && record->index != number - 1)
		return hmm_error("%s: slice %ld stands in place %ld", entry, record->index, number - 1);
	reading->index = record->index;
	reading->count = record->count;
	return reading->take ? reading->take(reading->self, reader, record) : 0;
}

/* What is open of it, to its end. 0, or -1 reported. */
static int
read_whole(struct hmm_reader *reader, struct reading *reading, struct hmm_record *record)
{
	const char *path = hmm_reader_name(reader);
	reading->index = reading->count = -1;
	if (hmm_reader_each(reader, record, take_own, NULL, reading))
		return -1;
	if (hmm_reader_number(reader) == 0)
		return hmm_error("%s: no features in it", path);
	if (reading->index >= 0 && reading->count >= 0 && reading->index + 1 != reading->count)
		return hmm_error(
		    "%s: found %ld slices' features, want %ld", path, reading->index + 1, reading->count);
	return 0;
}

/* An entry's time is when it was used last, to the day: most readings write nothing. Where it is
 * somebody else's, or nothing may be written, it stays as it is. */
static void
note_use(int descriptor)
{
	static const time_t day = 24 * 60 * 60;
	struct stat status;
	if (!fstat(descriptor, &status) && time(NULL) - status.st_mtime > day)
		futimens(descriptor, NULL);
}

int
hmm_cache_read(const struct hmm_option_list *caches, const char *key, const char *image,
    struct hmm_record *record, hmm_record_take *take, void *self)
{
	struct reading reading = {.key = key, .take = take, .self = self};
	char *path;
	const int there = hmm_cache_find(&path, caches, key);
	if (there == 0 && (path = hmm_cache_path(caches->text[0], key)))
		hmm_error("%s: cannot open: %s (the features of %s%s: run extract)", path, strerror(ENOENT),
		    image, caches->count > 1 ? ", and in none of the other caches" : "");
	FILE *file = there == 1 ? hmm_regular_stream(path, NULL) : NULL;
	struct hmm_reader *reader = file ? hmm_reader_open(file, path, HMM_FEATURES) : NULL;
	if (reader)
		hmm_reader_trust(reader);
	const int bad = !reader || read_whole(reader, &reading, record);
	hmm_reader_close(reader);
	if (!bad)
		note_use(fileno(file));
	if (file)
		fclose(file);
	free(path);
	return bad ? -1 : 0;
}

/* Everything that put has seen to, once more. 0, or -1 reported. */
static int
check_file(FILE *file, const char *path, const char *key, struct hmm_record *record)
{
	struct reading reading = {.key = key};
	struct hmm_reader *reader = hmm_reader_open(file, path, HMM_FEATURES);
	int bad = !reader;
	if (!bad) {
		const struct hmm_history *history = hmm_reader_history(reader);
		if (history->chains != 1 || !hmm_history_known(&history->chain[0]))
			bad = hmm_error("%s: no history says how these features were made", path);
	}
	bad = bad || read_whole(reader, &reading, record);
	if (!bad && hmm_reader_streams(reader) > 1)
		bad = hmm_error("%s: %ld streams, want one", path, hmm_reader_streams(reader));
	hmm_reader_close(reader);
	return bad ? -1 : 0;
}

enum hmm_cache_verdict
hmm_cache_check(const char *path, const char *key, struct hmm_record *record)
{
	struct stat link, status;
	size_t size;
	if (lstat(path, &link) && (errno == ENOENT || errno == ENOTDIR))
		return HMM_CACHE_GONE;
	/* what is no file, or a link that leads nowhere, is no entry whoever looks at it */
	const int misfit =
	    stat(path, &status) ? errno == ENOENT || errno == ELOOP : !S_ISREG(status.st_mode);
	FILE *file = hmm_regular_stream(path, &size);
	if (!file)
		return misfit ? HMM_CACHE_BAD : HMM_CACHE_UNREAD;
	const int bad =
	    size ? check_file(file, path, key, record) : hmm_error("%s: empty, want features", path);
	const int unread = bad && (ferror(file) || hmm_memory_short());
	fclose(file);
	return unread ? HMM_CACHE_UNREAD : bad ? HMM_CACHE_BAD : HMM_CACHE_WHOLE;
}
