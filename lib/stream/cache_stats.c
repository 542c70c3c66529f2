#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "hmm/base/collect.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/parallel.h"
#include "hmm/base/progress.h"
#include "hmm/data/table.h"
#include "hmm/file/regular.h"
#include "hmm/stream/cache.h"
#include "hmm/stream/cache_verbs.h"
#include "hmm/stream/cache_walk.h"

/* Files of a kind, of features by how they were made. */
struct group {
	const char *what;
	struct hmm_history made; /* none: what are no features */
	size_t files;
	uintmax_t bytes;
	time_t oldest, newest;
};

struct stats {
	const char *cache;
	struct hmm_cache_keys keys;
	struct group *group; /* [groups] */
	size_t groups, capacity;
	int bad;
	pthread_mutex_t lock; /* of the groups, and of what follows */
	long done;
	struct hmm_progress progress;
};

static int
is_group(const struct group *group, const char *what, const struct hmm_chain *made)
{
	struct hmm_difference difference;
	if (strcmp(group->what, what) || (group->made.chains == 1) != (made != NULL))
		return 0;
	return !made || !hmm_history_differ(&difference, made, &group->made.chain[0]);
}

/* The group of such files, a new one where there is none; NULL, reported. */
static struct group *
find_group(struct stats *stats, const char *what, const struct hmm_chain *made)
{
	void *groups = stats->group;
	size_t i = 0;
	while (i < stats->groups && !is_group(&stats->group[i], what, made))
		i++;
	if (i < stats->groups)
		return &stats->group[i];
	if (hmm_grow(&groups, &stats->capacity, (i + 1) * sizeof(struct group)))
		return NULL;
	stats->group = groups;
	stats->group[i] = (struct group){.what = what};
	if (made && hmm_history_add(&stats->group[i].made, NULL, made->step, made->count))
		return NULL;
	stats->groups++;
	return &stats->group[i];
}

static void
count_file(
    struct stats *stats, const char *what, const struct hmm_chain *made, const struct stat *status)
{
	struct group *group = find_group(stats, what, made);
	if (!group) {
		stats->bad = 1;
		return;
	}
	const time_t time = status->st_mtime;
	group->oldest = !group->files || time < group->oldest ? time : group->oldest;
	group->newest = !group->files || time > group->newest ? time : group->newest;
	group->bytes += (uintmax_t)status->st_size;
	group->files++;
}

static int
take_file(void *self, enum hmm_cache_kind kind, const char *path, const char *key)
{
	struct stats *stats = self;
	struct stat status;
	if (kind == HMM_CACHE_ENTRY)
		return hmm_cache_keys_add(&stats->keys, key);
	if (lstat(path, &status))
		stats->bad =
		    errno == ENOENT ? stats->bad : hmm_error("%s: cannot read: %s", path, strerror(errno));
	else
		count_file(stats, kind == HMM_CACHE_TEMPORARY ? "temporary" : "stranger", NULL, &status);
	return 0;
}

/* What an entry's header says, counted. 0, or -1 reported. */
static int
count_entry(struct stats *stats, FILE *file, const char *path, const struct stat *status)
{
	struct hmm_reader *reader = hmm_reader_open(file, path, HMM_FEATURES);
	if (!reader)
		return -1;
	const struct hmm_history *history = hmm_reader_history(reader);
	pthread_mutex_lock(&stats->lock);
	count_file(stats, "features", history->chains == 1 ? &history->chain[0] : NULL, status);
	pthread_mutex_unlock(&stats->lock);
	hmm_reader_close(reader);
	return 0;
}

/* Work of a pool: an entry. */
static void
read_header(void *job, size_t entry, size_t thread)
{
	struct stats *stats = job;
	struct stat status = {0};
	char *path = hmm_cache_path(stats->cache, stats->keys.key[entry]);
	const int gone = path && lstat(path, &status) && errno == ENOENT;
	FILE *file = path && !gone ? hmm_regular_stream(path, NULL) : NULL;
	int bad = !file;
	if (!bad && fstat(fileno(file), &status))
		bad = hmm_error("%s: cannot read: %s", path, strerror(errno));
	bad = bad || count_entry(stats, file, path, &status);
	if (file)
		fclose(file);
	free(path);
	pthread_mutex_lock(&stats->lock);
	if (bad && !gone) {
		count_file(stats, "damaged", NULL, &status);
		stats->bad = 1;
	}
	if (thread == 0)
		hmm_progress_step(&stats->progress, stats->done);
	stats->done++;
	pthread_mutex_unlock(&stats->lock);
}

/* What features come first, most files first; nothing depends on which was found first. */
static int
compare(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	const int features = !strcmp(b->what, "features") - !strcmp(a->what, "features");
	if (features || a->files != b->files)
		return features ? features : a->files < b->files ? 1 : -1;
	if (strcmp(a->what, b->what))
		return strcmp(a->what, b->what);
	return a->bytes != b->bytes ? (a->bytes < b->bytes ? 1 : -1) : 0;
}

enum column { WEIGHTS, NUMERICS, MADE };

/* A cell of what a group's steps say, " | " between them. */
static int
print_made(const struct group *group, enum column column)
{
	struct hmm_collected *text = hmm_collect_open();
	const struct hmm_chain *made = group->made.chains == 1 ? &group->made.chain[0] : NULL;
	const char *between = "";
	if (!text)
		return -1;
	for (size_t i = 0; made && i < made->count; i++) {
		const struct hmm_step *step = &made->step[i];
		const char *cell = column == WEIGHTS ? step->weights : step->numerics;
		if (column == MADE)
			fprintf(text->file, "%s%s%s%s", between, step->program, *step->options ? " " : "",
			    step->options);
		else if (*cell)
			fprintf(text->file, "%s%s", between, cell);
		else
			continue;
		between = " | ";
	}
	const int bad = hmm_collect_finish(text);
	if (!bad)
		hmm_table_write(stdout, text->size ? text->text : NULL, 0);
	hmm_collect_free(text);
	return bad ? hmm_memory_out() : 0;
}

static int
print_group(const struct stats *stats, const struct group *group)
{
	char oldest[HMM_CACHE_TIME], newest[HMM_CACHE_TIME];
	hmm_table_write(stdout, stats->cache, 1);
	printf("\t%s\t%zu\t%ju\t%s\t%s", group->what, group->files, group->bytes,
	    hmm_cache_time(oldest, group->oldest), hmm_cache_time(newest, group->newest));
	for (enum column column = WEIGHTS; column <= MADE; column++)
		if (print_made(group, column))
			return -1;
	putchar('\n');
	return 0;
}

static int
print_cache(const char *cache, size_t threads)
{
	struct stats stats = {.cache = cache};
	struct hmm_pool *pool = hmm_pool_open(threads);
	if (!pool)
		return -1;
	pthread_mutex_init(&stats.lock, NULL);
	int bad = hmm_cache_walk(cache, take_file, &stats);
	hmm_progress_start(&stats.progress, "entries", (long)stats.keys.count);
	hmm_pool_run(pool, read_header, &stats, stats.keys.count);
	hmm_progress_end(&stats.progress);
	if (stats.groups)
		qsort(stats.group, stats.groups, sizeof(struct group), compare);
	for (size_t i = 0; i < stats.groups; i++) {
		bad = print_group(&stats, &stats.group[i]) || bad;
		hmm_history_free(&stats.group[i].made);
	}
	free(stats.group);
	hmm_cache_keys_free(&stats.keys);
	pthread_mutex_destroy(&stats.lock);
	hmm_pool_close(pool);
	return bad || stats.bad;
}

int
hmm_cache_verb_stats(const struct hmm_cache_request *request)
{
	const struct hmm_option_list *caches = &request->caches;
	int bad = 0;
	puts("cache\twhat\tfiles\tbytes\toldest\tnewest\tweights\tnumerics\tmade");
	for (size_t i = 0; i < caches->count; i++)
		bad |= print_cache(caches->text[i], (size_t)request->threads);
	return bad ? -1 : 0;
}
