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
struct names {
	const struct hmm_naming *naming;
	const struct hmm_table *table;
	int path, mask; /* columns */
	char **key;
};

static void
name_row(void *job, size_t row, size_t thread)
{
	(void)thread;
	struct names *names = job;
	const struct hmm_naming *naming = names->naming;
	struct hmm_files files = {0};
	struct hmm_step step[3] = {naming->slice, naming->vgg};
	char key[HMM_HASH_SIZE];
	size_t number = 0;
	const int imputed = hmm_cache_generator(&number, &naming->generators, names->table, row);
	if (imputed > 0) {
		step[1] = naming->generators.generator[number].step;
		step[2] = naming->vgg;
	}
	const char *path = hmm_table_cell(names->table, row, names->path);
	if (!path)
		hmm_error("%s: row %zu: no path", names->table->name, row + 1);
	else if (imputed >= 0 &&
	         !hmm_files_list(&files, path, hmm_table_cell(names->table, row, names->mask)) &&
	         !hmm_cache_key(key, files.path, files.image, files.count, step, 2 + (size_t)imputed))
		names->key[row] = hmm_strdup(key);
	hmm_files_free(&files);
}

int
hmm_cache_name_rows(
    char **key, const struct hmm_table *table, const struct hmm_naming *naming, size_t threads)
{
	struct names names = {.naming = naming, .table = table, .key = key};
	names.path = hmm_table_want(table, "path");
	names.mask = hmm_table_find(table, "mask");
	if (names.path < 0)
		return -1;
	if (table->rows == 0)
		return hmm_error("%s: no images", table->name);
	struct hmm_pool *pool = hmm_pool_open(threads);
	if (!pool)
		return -1;
	hmm_pool_run(pool, name_row, &names, table->rows);
	hmm_pool_close(pool);
	return 0;
}

int
hmm_cache_verb_name(const struct hmm_cache_request *request)
{
	struct hmm_naming naming;
	struct hmm_table *table = NULL;
	char **key = NULL;
	int bad = hmm_naming_read(&naming, request->slice, request->vgg, request->gan) ||
	          !(table = hmm_table_read(request->manifest, '\t')) ||
	          !(key = hmm_alloc(table->rows, sizeof(*key))) ||
	          hmm_cache_name_rows(key, table, &naming, (size_t)request->threads) ||
	          hmm_table_set_column(table, "features", key);
	if (!bad)
		hmm_table_print(stdout, table, NULL);
	for (size_t row = 0; key && row < table->rows; row++) {
		bad = bad || !key[row];
		free(key[row]);
	}
	free(key);
	hmm_table_free(table);
	hmm_naming_free(&naming);
	return bad ? -1 : 0;
}
