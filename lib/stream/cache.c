#include "hmm/stream/cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
static int
put_facts(FILE *file, char *const *path, size_t image, size_t files, const struct hmm_step *step,
    size_t steps)
{
	char digest[HMM_HASH_SIZE];
	put_text(file, "image");
	for (size_t i = 0; i < files; i++) {
		if (i == image)
			put_text(file, "mask");
		if (hmm_hash_file(digest, path[i]))
			return -1;
		put_text(file, digest);
	}
	for (size_t i = 0; i < steps; i++) {
		put_text(file, step[i].program);
		put_text(file, step[i].numerics);
		put_text(file, step[i].options);
		put_text(file, step[i].weights);
	}
	return 0;
}

int
hmm_cache_key(char key[HMM_HASH_SIZE], char *const *file, size_t image, size_t files,
    const struct hmm_step *step, size_t steps)
{
	struct hmm_collected *facts = hmm_collect_open();
	int bad = !facts || put_facts(facts->file, file, image, files, step, steps);
	if (!bad && hmm_collect_finish(facts))
		bad = hmm_error("out of memory");
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

int
hmm_cache_has(const char *folder, const char *key)
{
	if (!hmm_hash_is_digest(key))
		return hmm_error("features '%.80s', want a name that hmm-cache gives", key);
	char *path = hmm_cache_path(folder, key);
	if (!path)
		return -1;
	const int there = !access(path, F_OK);
	int bad = 0;
	if (there)
		bad = check_entry(path);
	else if (errno != ENOENT)
		bad = hmm_error("%s: cannot read: %s", path, strerror(errno));
	free(path);
	return bad ? -1 : there;
}

/* An entry while it is read: one image, whole, and nothing else. */
struct reading {
	const char *key;
	hmm_record_take *take;
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
	return reading->take(reading->self, reader, record);
}

static FILE *
open_entry(const char *path, const char *image)
{
	if (access(path, F_OK)) {
		hmm_error(
		    "%s: cannot open: %s (the features of %s: run extract)", path, strerror(errno), image);
		return NULL;
	}
	const int descriptor = hmm_regular_open(path, NULL);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "rb");
	if (descriptor >= 0 && !file) {
		hmm_error("%s: cannot open: %s", path, strerror(errno));
		close(descriptor);
	}
	return file;
}

int
hmm_cache_read(const char *folder, const char *key, const char *image, struct hmm_record *record,
    hmm_record_take *take, void *self)
{
	struct reading reading = {key, take, self, -1, -1};
	char *path = hmm_cache_path(folder, key);
	FILE *file = path ? open_entry(path, image) : NULL;
	struct hmm_reader *reader = file ? hmm_reader_open(file, path, HMM_FEATURES) : NULL;
	if (reader)
		hmm_reader_trust(reader);
	int bad = !reader || hmm_reader_each(reader, record, take_own, NULL, &reading);
	if (!bad && hmm_reader_number(reader) == 0)
		bad = hmm_error("%s: no features in it", path);
	if (!bad && reading.index >= 0 && reading.count >= 0 && reading.index + 1 != reading.count)
		bad = hmm_error(
		    "%s: found %ld slices' features, want %ld", path, reading.index + 1, reading.count);
	hmm_reader_close(reader);
	if (file)
		fclose(file);
	free(path);
	return bad ? -1 : 0;
}
