#include "hmm/stream/cache_name.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/parallel.h"
#include "hmm/file/files.h"
#include "hmm/stream/cache.h"
#include "hmm/stream/cache_rows.h"
#include "hmm/stream/cache_verbs.h"

int
hmm_naming_read(
    struct hmm_naming *naming, const char *slice, const char *vgg, const char *generators)
{
	*naming = (struct hmm_naming){0};
	return (generators && hmm_generators_read(&naming->generators, generators)) ||
	               hmm_step_parse(&naming->slice, slice, "hmm-slice") ||
	               hmm_step_parse(&naming->vgg, vgg, "hmm-vgg")
	           ? -1
	           : 0;
}

void
hmm_naming_free(struct hmm_naming *naming)
{
	hmm_generators_free(&naming->generators);
}

/* An image's mask is part of its name by its bytes; that there is one is said by no entry of
 * --slice. */
static void
forget_mask(struct hmm_step *step)
{
	static const char word[] = "mask=yes";
	const size_t length = sizeof(word) - 1;
	char *at = step->options, *end;
	if (strcmp(step->program, "hmm-slice"))
		return;
	for (; *at; at = end + (*end == ' ')) {
		end = at + strcspn(at, " ");
		if ((size_t)(end - at) != length || memcmp(at, word, length))
			continue;
		end += *end == ' ';
		memmove(at, end, strlen(end) + 1);
		return;
	}
}

/* The generator that made what this step says, or the first one. */
static const struct hmm_step *
find_generator(const struct hmm_generators *generators, const struct hmm_step *step)
{
	for (size_t i = 0; i < generators->count; i++) {
		const struct hmm_step *own = &generators->generator[i].step;
		if (!strcmp(own->weights, step->weights) && !strcmp(own->options, step->options))
			return own;
	}
	return &generators->generator[0].step;
}

int
hmm_naming_check(const struct hmm_naming *naming, const struct hmm_chain *made, const char *name)
{
	const struct hmm_generators *generators = &naming->generators;
	struct hmm_step want[3] = {naming->slice, naming->vgg};
	struct hmm_chain wanted = {.step = want, .count = 2}, stripped = {.count = made->count};
	struct hmm_difference difference;
	char found[HMM_DIFFERENCE], other[HMM_DIFFERENCE];
	if (generators->count) {
		want[1] = *find_generator(generators, &made->step[made->count > 1]);
		want[2] = naming->vgg;
		wanted.count = 3;
	}
	if (!(stripped.step = hmm_alloc(made->count, sizeof(*made->step))))
		return -1;
	memcpy(stripped.step, made->step, made->count * sizeof(*made->step));
	for (size_t i = 0; i < made->count; i++)
		forget_mask(&stripped.step[i]);
	int bad = hmm_history_differ(&difference, &stripped, &wanted);
	if (bad) {
		hmm_history_tell(found, other, &difference);
		bad = hmm_error("%s: features %s, want %s: none of them is stored", name, found, other);
	}
	free(stripped.step);
	return bad ? -1 : 0;
}

/* The rows on their way to their names. */
struct naming_rows {
	const struct hmm_naming *naming;
	const struct hmm_table *table;
	struct hmm_journal *journal;
	int path, mask; /* columns */
	struct hmm_cache_names *names;
};

/* Where the journal knows both, no file is opened. */
static int
look_up(char sha256[HMM_FILES_SHA256], size_t *image, const struct hmm_journal *journal,
    const char *path, const char *mask)
{
	if (!journal || !hmm_journal_knows(journal, sha256, path) ||
	    (mask && !hmm_journal_knows(journal, sha256 + HMM_HASH_SIZE, mask)))
		return 0;
	if (mask)
		sha256[HMM_HASH_SIZE - 1] = ',';
	*image = 1;
	return 1;
}

static int
hash_files(char *sha256, const struct hmm_files *files, struct hmm_journal *journal)
{
	for (size_t i = 0; i < files->count; i++) {
		const size_t with = i < files->image ? files->image : files->count - files->image;
		if (journal ? hmm_journal_hash(journal, sha256, files->path[i], with == 1)
		            : hmm_hash_file(sha256, files->path[i]))
			return -1;
		sha256 += HMM_HASH_SIZE;
		sha256[-1] = i + 1 < files->count ? ',' : '\0';
	}
	return 0;
}

static int
find_sha256(char sha256[HMM_FILES_SHA256], size_t *image, struct hmm_journal *journal,
    const char *path, const char *mask)
{
	struct hmm_files files;
	if (look_up(sha256, image, journal, path, mask))
		return 0;
	if (hmm_files_list(&files, path, mask))
		return -1;
	const int bad = hash_files(sha256, &files, journal);
	*image = files.image;
	hmm_files_free(&files);
	return bad;
}

static void
name_row(void *job, size_t row, size_t thread)
{
	(void)thread;
	struct naming_rows *rows = job;
	const struct hmm_naming *naming = rows->naming;
	struct hmm_step step[3] = {naming->slice, naming->vgg};
	char key[HMM_HASH_SIZE], sha256[HMM_FILES_SHA256];
	size_t number = 0, image;
	const int imputed = hmm_cache_generator(&number, &naming->generators, rows->table, row);
	if (imputed > 0) {
		step[1] = naming->generators.generator[number].step;
		step[2] = naming->vgg;
	}
	const char *path = hmm_table_cell(rows->table, row, rows->path);
	const char *mask = hmm_table_cell(rows->table, row, rows->mask);
	if (!path)
		hmm_error("%s: row %zu: no path", rows->table->name, row + 1);
	else if (imputed >= 0 && !find_sha256(sha256, &image, rows->journal, path, mask) &&
	         !hmm_cache_key(key, sha256, image, step, 2 + (size_t)imputed) &&
	         (rows->names->sha256[row] = hmm_strdup(sha256)))
		rows->names->key[row] = hmm_strdup(key);
}

int
hmm_cache_name_rows(struct hmm_cache_names *names, const struct hmm_table *table,
    const struct hmm_naming *naming, struct hmm_journal *journal, size_t threads)
{
	struct naming_rows rows = {naming, table, journal, hmm_table_want(table, "path"),
	    hmm_table_find(table, "mask"), names};
	*names = (struct hmm_cache_names){.rows = table->rows};
	if (rows.path < 0)
		return -1;
	if (table->rows == 0)
		return hmm_error("%s: no images", table->name);
	names->key = hmm_alloc(table->rows, sizeof(*names->key));
	names->sha256 = hmm_alloc(table->rows, sizeof(*names->sha256));
	struct hmm_pool *pool = names->key && names->sha256 ? hmm_pool_open(threads) : NULL;
	if (!pool)
		return -1;
	hmm_pool_run(pool, name_row, &rows, table->rows);
	hmm_pool_close(pool);
	for (size_t row = 0; row < table->rows; row++)
		names->named += names->key[row] != NULL;
	return 0;
}

void
hmm_cache_names_free(struct hmm_cache_names *names)
{
	for (size_t row = 0; row < names->rows; row++) {
		if (names->key)
			free(names->key[row]);
		if (names->sha256)
			free(names->sha256[row]);
	}
	free(names->key);
	free(names->sha256);
	*names = (struct hmm_cache_names){0};
}

int
hmm_cache_verb_name(const struct hmm_cache_request *request)
{
	struct hmm_naming naming;
	struct hmm_cache_names names = {0};
	struct hmm_table *table = NULL;
	int bad = hmm_naming_read(&naming, request->slice, request->vgg, request->gan) ||
	          !(table = hmm_table_read(request->manifest, '\t')) ||
	          hmm_cache_name_rows(&names, table, &naming, NULL, (size_t)request->threads) ||
	          hmm_table_set_column(table, "features", names.key);
	if (!bad)
		hmm_table_print(stdout, table, NULL);
	bad = bad || names.named < names.rows;
	hmm_table_free(table);
	hmm_cache_names_free(&names);
	hmm_naming_free(&naming);
	return bad ? -1 : 0;
}
