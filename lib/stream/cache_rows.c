#include "hmm/stream/cache_rows.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/manifest.h"
#include "hmm/data/order.h"
#include "hmm/stream/cache.h"
#include "hmm/stream/cache_verbs.h"

/* Whether the features of a row are there, are wanted, or have no name or are wanted again. */
enum { THERE, WANTED, OTHER };

static int
look_up(char *state, const struct hmm_table *table, const struct hmm_option_list *caches,
    int features, const size_t *order)
{
	const char *key = NULL;
	for (size_t i = 0; i < table->rows; i++) {
		const char *before = key;
		key = hmm_table_cell(table, order[i], features);
		const int there = key ? hmm_cache_has(caches, key) : 0;
		if (there < 0)
			return -1;
		const int again = !key || (before && !strcmp(key, before));
		state[order[i]] = there ? THERE : again ? OTHER : WANTED;
	}
	return 0;
}

long
hmm_cache_rows(char *keep, const struct hmm_table *table, const struct hmm_option_list *caches,
    int there, int require)
{
	const int features = hmm_table_want(table, "features"), path = hmm_table_find(table, "path");
	size_t *order = features < 0 ? NULL : hmm_order_rows(table, &features, 1);
	long found = order && !look_up(keep, table, caches, features, order) ? 0 : -1;
	for (size_t row = 0; found >= 0 && row < table->rows; row++) {
		const char *image = hmm_table_cell(table, row, path);
		found += keep[row] == THERE;
		if (require && keep[row] != THERE)
			hmm_error("row %zu (%s): no features in %s%s", row + 1, image ? image : "n/a",
			    caches->text[0], caches->count > 1 ? " or the other caches" : "");
		keep[row] = keep[row] == (there ? THERE : WANTED);
	}
	free(order);
	return found;
}

int
hmm_cache_verb_has(const struct hmm_cache_request *request)
{
	const struct hmm_option_list *caches = &request->caches;
	struct hmm_table *table =
	    hmm_cache_check_folders(caches) ? NULL : hmm_table_read(request->manifest, '\t');
	if (!table)
		return -1;
	char *keep = hmm_alloc(table->rows, 1);
	const long found =
	    keep ? hmm_cache_rows(keep, table, caches, request->there, request->require) : -1;
	int bad = found < 0;
	if (!bad)
		hmm_table_print(stdout, table, keep);
	if (!bad && request->require && (size_t)found < table->rows)
		bad = hmm_error("only %ld of %zu images have features", found, table->rows);
	free(keep);
	hmm_table_free(table);
	return bad ? -1 : 0;
}

int
hmm_cache_generator(size_t *number, const struct hmm_generators *generators,
    const struct hmm_table *table, size_t row)
{
	const int column = hmm_table_find(table, HMM_IMPUTED);
	const char *digest = hmm_table_cell(table, row, column);
	const char *path = hmm_table_cell(table, row, hmm_table_find(table, "path"));
	const char *to = hmm_table_cell(table, row, hmm_table_find(table, "modality"));
	if (!digest)
		return 0;
	if (hmm_manifest_imputed(table, row, column))
		return -1;
	const long found = hmm_generators_find(generators, digest, to);
	*number = found < 0 ? 0 : (size_t)found;
	return found >= 0 ? 1
	                  : hmm_error("%s: row %zu (%s): imputed as '%s' by %.12s, want a generator of "
	                              "that digest that "
	                              "imputes that, in --gan FILE",
	                        table->name, row + 1, path ? path : "n/a", to ? to : "n/a", digest);
}
