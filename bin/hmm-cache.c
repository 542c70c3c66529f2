/* hmm-slice --manifest missing.tsv | hmm-vgg -w vgg11.safetensors | hmm-cache put -c cache */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/data/order.h"
#include "hmm/data/table.h"
#include "hmm/image/files.h"
#include "hmm/stream/cache.h"

static const char *cache, *slice, *vgg;
static long threads;
static int require, present;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('c', "cache", &cache, "DIR", "has, put: the folder of entries", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "slice", &slice, "ENTRY", "name: of hmm-slice --show-history", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "vgg", &vgg, "ENTRY", "name: of hmm-vgg --show-history", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "name: threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "require", &require, "has: fail where one is missing, and name its image", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "there", &present, "has: print the rows that are there instead", HMM_UNNOTED),
};
static const struct hmm_usage usage = {"name --slice ENTRY --vgg ENTRY [MANIFEST] >named.tsv\n"
                                       "       hmm-cache has -c DIR [MANIFEST] >missing.tsv\n"
                                       "       hmm-cache put -c DIR <features",
    "Features by the content of what they are made of: their names, which are there, more of them.",
    options, HMM_COUNT_OF(options)};

enum { STEPS = 2 };

struct naming {
	const struct hmm_table *table;
	int path, mask; /* columns */
	struct hmm_step step[STEPS];
	char **key; /* [rows], owned; NULL: none, and said why */
};

static void
name_row(void *job, size_t row, size_t thread)
{
	(void)thread;
	struct naming *naming = job;
	struct hmm_files files = {0};
	char key[HMM_HASH_SIZE];
	const char *path = hmm_table_cell(naming->table, row, naming->path);
	if (!path)
		hmm_error("%s: row %zu: no path", naming->table->name, row + 1);
	else if (!hmm_files_list(&files, path, hmm_table_cell(naming->table, row, naming->mask)) &&
	         !hmm_cache_key(key, files.path, files.image, files.count, naming->step, STEPS))
		naming->key[row] = hmm_strdup(key);
	hmm_files_free(&files);
}

static int
name(struct hmm_table *table)
{
	struct hmm_pool *pool = NULL;
	struct naming naming = {.table = table, .mask = hmm_table_find(table, "mask")};
	naming.path = hmm_table_want(table, "path");
	int bad = naming.path < 0 || hmm_step_parse(&naming.step[0], slice, "hmm-slice") ||
	          hmm_step_parse(&naming.step[1], vgg, "hmm-vgg") ||
	          (table->rows == 0 && hmm_error("%s: no images", table->name)) ||
	          !(naming.key = hmm_alloc(table->rows, sizeof(*naming.key))) ||
	          !(pool = hmm_pool_open((size_t)threads));
	if (!bad) {
		hmm_pool_run(pool, name_row, &naming, table->rows);
		bad = hmm_table_set_column(table, "features", naming.key);
	}
	if (!bad)
		hmm_table_print(stdout, table, NULL);
	for (size_t row = 0; naming.key && row < table->rows; row++) {
		bad = bad || !naming.key[row];
		free(naming.key[row]);
	}
	hmm_pool_close(pool);
	free(naming.key);
	return bad;
}

/* Whether the features of a row are there, are wanted, or have no name or are wanted again. */
enum { THERE, WANTED, OTHER };

static int
look_up(char *state, const struct hmm_table *table, int features, const size_t *order)
{
	const char *key = NULL;
	for (size_t i = 0; i < table->rows; i++) {
		const char *before = key;
		key = hmm_table_cell(table, order[i], features);
		const int there = key ? hmm_cache_has(cache, key) : 0;
		if (there < 0)
			return -1;
		const int again = !key || (before && !strcmp(key, before));
		state[order[i]] = there ? THERE : again ? OTHER : WANTED;
	}
	return 0;
}

static int
has(const struct hmm_table *table)
{
	const int features = hmm_table_want(table, "features"), path = hmm_table_find(table, "path");
	size_t *order = features < 0 ? NULL : hmm_order_rows(table, &features, 1);
	char *state = order ? hmm_alloc(table->rows, 1) : NULL;
	int bad = !state || look_up(state, table, features, order);
	size_t found = 0;
	for (size_t row = 0; !bad && row < table->rows; row++) {
		const char *image = hmm_table_cell(table, row, path);
		found += state[row] == THERE;
		if (require && state[row] != THERE)
			hmm_error("row %zu (%s): no features in %s", row + 1, image ? image : "n/a", cache);
		state[row] = state[row] == (present ? THERE : WANTED); /* the rows to print */
	}
	if (!bad)
		hmm_table_print(stdout, table, state);
	if (!bad && require && found < table->rows)
		bad = hmm_error("only %zu of %zu images have features", found, table->rows);
	free(order);
	free(state);
	return bad;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	const int first = hmm_option_parse(argc, argv, &usage), operands = argc - first;
	enum { NAME, HAS, PUT };
	const int what = operands ? hmm_option_place("name|has|put", argv[first]) : HMM_UNSET;
	if (what == HMM_UNSET || operands > (what == PUT ? 1 : 2))
		hmm_option_misuse("want name, has or put, and of the first two a manifest at most");
	if (what == NAME ? !slice || !vgg : !cache)
		hmm_option_misuse("want %s", what == NAME ? "--slice ENTRY and --vgg ENTRY" : "-c DIR");
	if (what == PUT)
		return hmm_cache_put(cache, stdin, "standard input") ? 1 : 0;
	struct hmm_table *table = hmm_table_read(operands > 1 ? argv[first + 1] : "-", '\t');
	int bad = !table || (what == NAME ? name(table) : has(table));
	hmm_table_free(table);
	if (fclose(stdout))
		bad = hmm_error("standard output: cannot write: %s", strerror(errno));
	return bad ? 1 : 0;
}
