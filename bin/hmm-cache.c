/* hmm-slice --manifest missing.tsv | hmm-vgg -w vgg11.safetensors | hmm-cache put -c cache */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/base/parallel.h"
#include "hmm/data/table.h"
#include "hmm/image/files.h"
#include "hmm/stream/cache.h"
#include "hmm/stream/cache_rows.h"

static const char *cache, *slice, *vgg, *gan;
static long threads;
static int require, present;

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('c', "cache", &cache, "DIR", "has, put: the folder of entries", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "slice", &slice, "ENTRY", "name: of hmm-slice --show-history", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "vgg", &vgg, "ENTRY", "name: of hmm-vgg --show-history", HMM_UNNOTED),
    HMM_OPTION_TEXT(0, "gan", &gan, "FILE",
        "name, which: lines of hmm-gan --show-history, a generator each", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "name: threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "require", &require, "has: fail where one is missing, and name its image", HMM_UNNOTED),
    HMM_OPTION_FLAG(
        0, "there", &present, "has: print the rows that are there instead", HMM_UNNOTED),
};
static const struct hmm_usage usage = {
    "name --slice ENTRY --vgg ENTRY [--gan FILE] [MANIFEST] >named.tsv\n"
    "       hmm-cache has -c DIR [MANIFEST] >missing.tsv\n"
    "       hmm-cache put -c DIR <features\n"
    "       hmm-cache which --gan FILE [MANIFEST]",
    "Features by the content of what they are made of: their names, which are there, more of them.",
    options, HMM_COUNT_OF(options)};

static struct hmm_generators generators; /* of --gan */

struct naming {
	const struct hmm_table *table;
	int path, mask; /* columns */
	struct hmm_step slice, vgg;
	char **key; /* [rows], owned; NULL: none, and said why */
};

static void
name_row(void *job, size_t row, size_t thread)
{
	(void)thread;
	struct naming *naming = job;
	struct hmm_files files = {0};
	struct hmm_step step[3] = {naming->slice, naming->vgg};
	char key[HMM_HASH_SIZE];
	size_t number = 0;
	const int imputed = hmm_cache_generator(&number, &generators, naming->table, row);
	if (imputed > 0) {
		step[1] = generators.generator[number].step;
		step[2] = naming->vgg;
	}
	const char *path = hmm_table_cell(naming->table, row, naming->path);
	if (!path)
		hmm_error("%s: row %zu: no path", naming->table->name, row + 1);
	else if (imputed >= 0 &&
	         !hmm_files_list(&files, path, hmm_table_cell(naming->table, row, naming->mask)) &&
	         !hmm_cache_key(key, files.path, files.image, files.count, step, 2 + (size_t)imputed))
		naming->key[row] = hmm_strdup(key);
	hmm_files_free(&files);
}

static int
name(struct hmm_table *table)
{
	struct hmm_pool *pool = NULL;
	struct naming naming = {.table = table, .mask = hmm_table_find(table, "mask")};
	naming.path = hmm_table_want(table, "path");
	int bad = naming.path < 0 || hmm_step_parse(&naming.slice, slice, "hmm-slice") ||
	          hmm_step_parse(&naming.vgg, vgg, "hmm-vgg") ||
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

static int
has(const struct hmm_table *table)
{
	char *keep = hmm_alloc(table->rows, 1);
	const long found = keep ? hmm_cache_rows(keep, table, cache, present, require) : -1;
	int bad = found < 0;
	if (!bad)
		hmm_table_print(stdout, table, keep);
	if (!bad && require && (size_t)found < table->rows)
		bad = hmm_error("only %ld of %zu images have features", found, table->rows);
	free(keep);
	return bad;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	const int first = hmm_option_parse(argc, argv, &usage), operands = argc - first;
	enum { NAME, HAS, PUT, WHICH };
	const int what = operands ? hmm_option_place("name|has|put|which", argv[first]) : HMM_UNSET;
	if (what == HMM_UNSET || operands > (what == PUT ? 1 : 2))
		hmm_option_misuse("want name, has or put, or which, and but for put a manifest at most");
	if (what == NAME && (!slice || !vgg))
		hmm_option_misuse("want --slice ENTRY and --vgg ENTRY");
	if (what == WHICH ? !gan : what != NAME && !cache)
		hmm_option_misuse(what == WHICH ? "want --gan FILE" : "want -c DIR");
	if (what == PUT)
		return hmm_cache_put(cache, stdin, "standard input") ? 1 : 0;
	struct hmm_table *table = NULL;
	int bad = (gan && hmm_generators_read(&generators, gan)) ||
	          !(table = hmm_table_read(operands > 1 ? argv[first + 1] : "-", '\t')) ||
	          (what == NAME     ? name(table)
	              : what == HAS ? has(table)
	                            : hmm_cache_which(stdout, &generators, table));
	hmm_table_free(table);
	hmm_generators_free(&generators);
	if (fclose(stdout))
		bad = hmm_error("standard output: cannot write: %s", strerror(errno));
	return bad ? 1 : 0;
}
