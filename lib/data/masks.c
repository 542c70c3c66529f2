#include "masks.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/column.h"
#include "hmm/data/manifest.h"
#include "leftovers.h"

enum { KEY, PATH, COLUMNS };
static const char *const header[COLUMNS] = {"key", "path"};

int
hmm_masks_open(struct hmm_masks *masks, const char *folder, int fields)
{
	*masks = (struct hmm_masks){.fields = fields};
	masks->masks = hmm_table_new(folder, header, COLUMNS);
	masks->keys = hmm_table_new(folder, header, 1);
	return masks->masks && masks->keys ? 0 : -1;
}

void
hmm_masks_close(struct hmm_masks *masks)
{
	hmm_table_free(masks->masks);
	hmm_table_free(masks->keys);
	*masks = (struct hmm_masks){0};
}

/* A row with the fields that count; '/' stands in none of them. */
static int
append(struct hmm_table *table, int fields, char *const *parts, const char *path)
{
	size_t size = 1, used = 0;
	for (int i = 0; i < HMM_FIELD_ANY; i++)
		size += fields >> i & 1 ? strlen(parts[i]) + 1 : 0;
	char *key = hmm_alloc(size, 1);
	for (int i = 0; key && i < HMM_FIELD_ANY; i++)
		if (fields >> i & 1)
			used += (size_t)snprintf(key + used, size - used, "%s/", parts[i]);
	const int bad = !key || hmm_table_append(table, (const char *const[COLUMNS]){key, path});
	free(key);
	return bad ? -1 : 0;
}

int
hmm_masks_add(struct hmm_masks *masks, char *const *parts, const char *path)
{
	return append(masks->masks, masks->fields, parts, path);
}

int
hmm_masks_add_image(struct hmm_masks *masks, char *const *parts)
{
	return append(masks->keys, masks->fields, parts, NULL);
}

/* Every key must have one mask. */
static int
check_masks(const struct hmm_table *table, const struct hmm_column *by_key)
{
	for (size_t i = 0; i < by_key->names.count; i++) {
		const size_t *row = by_key->row + by_key->start[i];
		if (hmm_column_rows(by_key, i) > 1)
			return hmm_error("%s and %s: two masks of one image",
			    hmm_table_cell(table, row[0], PATH), hmm_table_cell(table, row[1], PATH));
	}
	return 0;
}

static int
fill(const struct hmm_masks *masks, const struct hmm_column *by_key, struct hmm_table *table,
    size_t column)
{
	char names[512];
	struct hmm_leftovers bare = {0}, unused = {0};
	char *used = hmm_alloc(by_key->names.count, 1);
	int bad = !used;
	for (size_t row = 0; row < table->rows && !bad; row++) {
		const long found = hmm_column_find(by_key, hmm_table_cell(masks->keys, row, KEY));
		if (found < 0) {
			bad = hmm_leftovers_add(&bare, hmm_table_cell(table, row, HMM_PATH));
			continue;
		}
		const size_t of = hmm_column_first(by_key, (size_t)found);
		used[found] = 1;
		table->cells[row * table->columns + column] =
		    hmm_strdup(hmm_table_cell(masks->masks, of, PATH));
		bad = !table->cells[row * table->columns + column];
	}
	for (size_t i = 0; i < by_key->names.count && !bad; i++)
		if (!used[i])
			bad = hmm_leftovers_add(
			    &unused, hmm_table_cell(masks->masks, hmm_column_first(by_key, i), PATH));
	if (!bad && bare.count)
		hmm_warn("%s: %zu %s no mask%s", table->name, bare.count,
		    bare.count == 1 ? "image has" : "images have",
		    hmm_leftovers_list(names, sizeof(names), &bare));
	if (!bad && unused.count)
		hmm_warn("%s: %zu %s no image%s", table->name, unused.count,
		    unused.count == 1 ? "mask has" : "masks have",
		    hmm_leftovers_list(names, sizeof(names), &unused));
	hmm_leftovers_close(&bare);
	hmm_leftovers_close(&unused);
	free(used);
	return bad ? -1 : 0;
}

int
hmm_masks_fill(const struct hmm_masks *masks, struct hmm_table *table, size_t column)
{
	struct hmm_column by_key;
	if (hmm_column_open(&by_key, masks->masks, KEY, -1))
		return -1;
	const int bad = check_masks(masks->masks, &by_key) || fill(masks, &by_key, table, column);
	hmm_column_close(&by_key);
	return bad ? -1 : 0;
}
