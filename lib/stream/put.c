#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/file/output.h"
#include "hmm/file/tree.h"
#include "hmm/stream/cache.h"
#include "hmm/stream/cache_verbs.h"
#include "hmm/stream/writer.h"

/* The image in hand, and the entries that the stream in hand has made. */
struct put {
	const char *folder;
	int refused;               /* what came was read, but is not for the cache */
	int open;                  /* an image is in hand */
	char key[HMM_HASH_SIZE];   /* its name */
	char *path;                /* of its entry */
	struct hmm_output output;  /* no file where its entry was there before */
	struct hmm_writer *writer; /* NULL then */
	long index, count;         /* of its last record */
	void *made;                /* [entries][HMM_HASH_SIZE], their names */
	size_t entries, capacity;
};

static void
drop_image(struct put *put)
{
	hmm_writer_close(put->writer);
	hmm_output_abandon(&put->output);
	free(put->path);
	put->writer = NULL;
	put->path = NULL;
	put->open = 0;
}

/* Whether a file of the cache is no entry, but what an entry is written under before it is one. */
static int
is_temporary(const char *name)
{
	name += *name == '.';
	return strspn(name, "0123456789abcdef") == HMM_HASH_SIZE - 1 &&
	       strcmp(name + HMM_HASH_SIZE - 1, ".hmm");
}

/* Remove what writers that were killed have left beside this entry. No image takes a day. */
static void
remove_leftovers(const char *path)
{
	static const time_t day = 24 * 60 * 60;
	char *folder = hmm_strdup(path), *slash = folder ? strrchr(folder, '/') : NULL;
	struct stat status;
	if (slash)
		*slash = '\0';
	DIR *listing = slash ? opendir(folder) : NULL;
	for (struct dirent *file; listing && (file = readdir(listing));)
		if (is_temporary(file->d_name) &&
		    !fstatat(dirfd(listing), file->d_name, &status, AT_SYMLINK_NOFOLLOW) &&
		    time(NULL) - status.st_mtime > day)
			unlinkat(dirfd(listing), file->d_name, 0);
	if (listing)
		closedir(listing);
	free(folder);
}

static int
begin_image(struct put *put, const struct hmm_reader *reader, const struct hmm_record *record)
{
	char place[600];
	if (!hmm_hash_is_digest(record->source))
		return hmm_error("%s: %s: source '%.80s', want a name that hmm-cache gives",
		    hmm_reader_name(reader),
		    hmm_record_place(place, sizeof(place), record, hmm_reader_number(reader)),
		    record->source);
	const struct hmm_history *history = hmm_reader_history(reader);
	if (history->chains != 1 || !hmm_history_known(&history->chain[0]))
		return hmm_error(
		    "%s: no history says how these features were made", hmm_reader_name(reader));
	memcpy(put->key, record->source, sizeof(put->key));
	put->open = 1;
	const int there = hmm_cache_has(put->folder, put->key);
	if (there)
		return there < 0 ? -1 : 0;
	put->path = hmm_cache_path(put->folder, put->key);
	if (!put->path || hmm_tree_above(put->path))
		return -1;
	remove_leftovers(put->path);
	if (hmm_output_open(&put->output, put->path))
		return -1;
	put->writer = hmm_writer_open(put->output.file, put->path, HMM_FEATURES);
	if (!put->writer)
		return -1;
	hmm_writer_follow(put->writer, hmm_reader_history(reader));
	return 0;
}

/* Nobody is to write an entry again. */
static int
make_readonly(FILE *file, const char *path)
{
	struct stat status;
	const int descriptor = fileno(file);
	return fstat(descriptor, &status) || fchmod(descriptor, status.st_mode & 0444)
	           ? hmm_error("%s: cannot make it read-only: %s", path, strerror(errno))
	           : 0;
}

static int
note_entry(struct put *put)
{
	const size_t used = put->entries * HMM_HASH_SIZE;
	if (hmm_grow(&put->made, &put->capacity, used + HMM_HASH_SIZE))
		return -1;
	memcpy((char *)put->made + used, put->key, HMM_HASH_SIZE);
	put->entries++;
	return 0;
}

/* The image in hand is whole: its entry gets its name. */
static int
finish_image(struct put *put)
{
	int bad = 0;
	if (put->writer)
		bad = hmm_writer_end(put->writer) || make_readonly(put->output.file, put->path) ||
		      note_entry(put) || hmm_output_finish(&put->output);
	drop_image(put);
	return bad ? -1 : 0;
}

/* The image in hand has its last record, if it is one of known length. */
static int
end_image(struct put *put)
{
	if (!put->open)
		return 0;
	if (put->count >= 0 && put->index + 1 != put->count)
		return hmm_error(
		    "%s: found %ld slices' features, want %ld", put->key, put->index + 1, put->count);
	return finish_image(put);
}

static int
take_record(struct put *put, struct hmm_reader *reader, struct hmm_record *record)
{
	const int slice = record->index >= 0;
	if (put->open && (!slice || record->index == 0 || strcmp(record->source, put->key)) &&
	    end_image(put))
		return -1;
	const long wanted = put->open ? put->index + 1 : 0;
	if (slice && record->index != wanted)
		return hmm_error("%s: record %ld: slice %ld, want %ld", hmm_reader_name(reader),
		    hmm_reader_number(reader), record->index, wanted);
	if (!put->open && begin_image(put, reader, record))
		return -1;
	/* what is known of the image elsewhere is no part of its features */
	record->subject[0] = record->group[0] = record->modality[0] = '\0';
	record->observed[0] = record->split[0] = '\0';
	record->label = -1;
	put->index = record->index;
	put->count = record->count;
	if (put->writer && hmm_writer_put(put->writer, record))
		return -1;
	return slice && record->index + 1 != record->count ? 0 : finish_image(put);
}

static int
take(void *self, struct hmm_reader *reader, struct hmm_record *record)
{
	struct put *put = self;
	put->refused = take_record(put, reader, record);
	return put->refused;
}

static int
end_stream(void *self)
{
	struct put *put = self;
	put->refused = end_image(put);
	put->entries = 0; /* its checksum was right: they stay */
	return put->refused;
}

/* Take back what a damaged stream has made. */
static void
remove_entries(const struct put *put)
{
	for (size_t i = 0; i < put->entries; i++) {
		char *path = hmm_cache_path(put->folder, (char *)put->made + i * HMM_HASH_SIZE);
		if (path)
			unlink(path);
		free(path);
	}
}

int
hmm_cache_put(const char *folder, FILE *file, const char *name)
{
	struct put put = {.folder = folder};
	struct hmm_record record = {0};
	struct hmm_reader *reader = hmm_reader_open(file, name, HMM_FEATURES);
	if (!reader)
		return -1;
	const int bad = hmm_reader_each(reader, &record, take, end_stream, &put);
	if (bad && !put.refused && !hmm_reader_cut(reader))
		remove_entries(&put);
	drop_image(&put);
	hmm_reader_close(reader);
	hmm_record_free(&record);
	free(put.made);
	return bad;
}

int
hmm_cache_verb_put(const struct hmm_cache_request *request)
{
	return hmm_cache_put(request->cache, stdin, "standard input");
}
