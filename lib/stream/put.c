#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/order.h"
#include "hmm/file/output.h"
#include "hmm/file/tree.h"
#include "hmm/stream/cache.h"
#include "hmm/stream/cache_name.h"
#include "hmm/stream/cache_verbs.h"
#include "hmm/stream/cache_walk.h"
#include "hmm/stream/writer.h"

/* The image in hand. */
struct put {
	const struct hmm_option_list *caches;
	const struct hmm_naming *naming; /* how it is to be made; NULL: however */
	const struct hmm_table *asked;   /* whose features are taken; NULL: any */
	size_t *order;                   /* its rows by those */
	int log;                         /* -1: none */
	int unlogged;                    /* a line could not be written, which was said */
	int open;                        /* an image is in hand */
	int whole;                       /* that has its last record, */
	int proven;                      /* with a right checksum behind it */
	char key[HMM_HASH_SIZE];         /* its name */
	char *path;                      /* of its entry, which may be another cache's */
	struct hmm_output output;        /* no file where its entry was there before */
	struct hmm_writer *writer;       /* NULL then */
	long index, count;               /* of its last record */
	char used[256];                  /* the folders that it wrote into, by their name */
};

static void
drop_image(struct put *put)
{
	hmm_writer_close(put->writer);
	hmm_output_abandon(&put->output);
	free(put->path);
	put->writer = NULL;
	put->path = NULL;
	put->open = put->whole = 0;
}

/* Remove what writers that were killed have left beside this entry. No image takes a day. */
static void
remove_leftovers(struct put *put)
{
	static const time_t day = 24 * 60 * 60;
	const char name[] = {put->key[0], put->key[1], '\0'};
	char *used = &put->used[strtoul(name, NULL, 16)];
	char *folder = *used ? NULL : hmm_strdup(put->path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	*used = 1;
	struct stat status;
	if (slash)
		*slash = '\0';
	DIR *listing = slash ? opendir(folder) : NULL;
	for (struct dirent *file; listing && (file = readdir(listing));)
		if (hmm_cache_is_temporary(file->d_name) &&
		    !fstatat(dirfd(listing), file->d_name, &status, AT_SYMLINK_NOFOLLOW) &&
		    time(NULL) - status.st_mtime > day)
			unlinkat(dirfd(listing), file->d_name, 0);
	if (listing)
		closedir(listing);
	free(folder);
}

/* Whether that image is one of the table's. */
static int
is_asked(const struct put *put, const char *key)
{
	const int features = hmm_table_find(put->asked, "features");
	size_t low = 0, high = put->asked->rows;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const char *cell = hmm_table_cell(put->asked, put->order[middle], features);
		const int after = strcmp(cell ? cell : "", key);
		if (!after)
			return 1;
		if (after < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
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
	if (put->asked && !is_asked(put, record->source))
		return hmm_error("%s: record %ld: source '%s', want one of %s", hmm_reader_name(reader),
		    hmm_reader_number(reader), record->source, put->asked->name);
	const struct hmm_history *history = hmm_reader_history(reader);
	if (history->chains != 1 || !hmm_history_known(&history->chain[0]))
		return hmm_error(
		    "%s: no history says how these features were made", hmm_reader_name(reader));
	if (put->naming && hmm_naming_check(put->naming, &history->chain[0], hmm_reader_name(reader)))
		return -1;
	memcpy(put->key, record->source, sizeof(put->key));
	put->open = 1;
	const int there = hmm_cache_find(&put->path, put->caches, put->key);
	if (there)
		return there < 0 || hmm_cache_has(put->caches, put->key) < 0 ? -1 : 0;
	put->path = hmm_cache_path(put->caches->text[0], put->key);
	if (!put->path || hmm_tree_above(put->path))
		return -1;
	remove_leftovers(put);
	if (hmm_output_open(&put->output, put->path))
		return -1;
	put->writer = hmm_writer_open(put->output.file, put->path, HMM_FEATURES);
	if (!put->writer)
		return -1;
	hmm_writer_follow(put->writer, history);
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

static off_t
size_of(const char *path)
{
	struct stat status;
	return stat(path, &status) ? 0 : status.st_size;
}

/* A line of the log, in one piece, so that others can write there too. 0, or -1 reported. */
static int
log_entry(struct put *put, const char *what)
{
	struct timespec now;
	char line[HMM_HASH_SIZE + 80];
	if (put->log < 0)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	const int length = snprintf(line, sizeof(line), "%s\t%jd\t%jd.%03ld\t%s\n", put->key,
	    (intmax_t)size_of(put->path), (intmax_t)now.tv_sec, now.tv_nsec / 1000000, what);
	const ssize_t wrote = write(put->log, line, (size_t)length);
	if (wrote == length || put->unlogged)
		return put->unlogged ? -1 : 0;
	put->unlogged = 1;
	return hmm_error("the log: cannot write: %s", strerror(wrote < 0 ? errno : ENOSPC));
}

/* The image in hand is whole, and known to be as it was made: its entry gets its name. */
static int
finish_image(struct put *put)
{
	const int stores = put->writer != NULL;
	int bad = 0;
	if (stores)
		bad = hmm_writer_end(put->writer) || make_readonly(put->output.file, put->path) ||
		      hmm_output_finish(&put->output);
	if (!bad)
		log_entry(put, stores ? "stored" : "there");
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

/* The image in hand, behind which another comes. */
static int
end_before(struct put *put, const struct hmm_reader *reader)
{
	if (!put->proven)
		return hmm_error("%s: record %ld: no checksum behind the features before it, want one "
		                 "behind each image's where a stream has more than one: make it again",
		    hmm_reader_name(reader), hmm_reader_number(reader));
	return end_image(put);
}

static int
take(void *self, struct hmm_reader *reader, struct hmm_record *record)
{
	struct put *put = self;
	const int slice = record->index >= 0;
	if (put->open &&
	    (put->whole || !slice || record->index == 0 || strcmp(record->source, put->key)) &&
	    end_before(put, reader))
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
	record->label[0] = '\0';
	record->event = -1;
	put->index = record->index;
	put->count = record->count;
	put->whole = !slice || record->index + 1 == record->count;
	put->proven = hmm_reader_proven(reader);
	if (put->writer && hmm_writer_put(put->writer, record))
		return -1;
	return put->whole && put->proven ? finish_image(put) : 0;
}

/* The stream's own checksum was right: so is what is in hand. */
static int
end_stream(void *self)
{
	return end_image(self);
}

/* Let the entries' names outlast a crash: at once, as one is as dear as many. */
static void
sync_folders(const struct put *put)
{
	const char *cache = put->caches->text[0];
	const size_t size = strlen(cache) + sizeof("/ab");
	char *folder = memchr(put->used, 1, sizeof(put->used)) ? hmm_alloc(size, 1) : NULL;
	for (unsigned i = 0; folder && i < sizeof(put->used); i++) {
		snprintf(folder, size, "%s/%02x", cache, i);
		if (put->used[i])
			hmm_tree_sync(folder);
	}
	if (folder)
		hmm_tree_sync(cache);
	free(folder);
}

int
hmm_cache_put(const struct hmm_option_list *caches, FILE *file, const char *name,
    const struct hmm_naming *naming, const struct hmm_table *asked, int log)
{
	struct put put = {.caches = caches, .naming = naming, .asked = asked, .log = log};
	struct hmm_record record = {0};
	const int features = asked ? hmm_table_want(asked, "features") : HMM_UNSET;
	if (asked && (features < 0 || !(put.order = hmm_order_rows(asked, &features, 1))))
		return -1;
	struct hmm_reader *reader = hmm_reader_open(file, name, HMM_FEATURES);
	if (!reader) {
		free(put.order);
		return -1;
	}
	const int bad = hmm_reader_each(reader, &record, take, end_stream, &put);
	drop_image(&put);
	sync_folders(&put);
	hmm_reader_close(reader);
	hmm_record_free(&record);
	free(put.order);
	return bad || put.unlogged ? -1 : 0;
}

static int
open_log(int *log, const char *path)
{
	*log = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666) : -1;
	return path && *log < 0 ? hmm_error("%s: cannot open: %s", path, strerror(errno)) : 0;
}

int
hmm_cache_verb_put(const struct hmm_cache_request *request)
{
	struct hmm_naming naming = {0};
	struct hmm_table *asked = NULL;
	int log = -1;
	const int made = request->slice != NULL;
	const int bad =
	    hmm_cache_check_folders(&request->caches) || open_log(&log, request->log) ||
	    (request->manifest && !(asked = hmm_table_read(request->manifest, '\t'))) ||
	    (made && hmm_naming_read(&naming, request->slice, request->vgg, request->gan)) ||
	    hmm_cache_put(&request->caches, stdin, "standard input", made ? &naming : NULL, asked, log);
	hmm_naming_free(&naming);
	hmm_table_free(asked);
	if (log >= 0)
		close(log);
	return bad ? -1 : 0;
}
