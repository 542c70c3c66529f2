#include "hmm/data/folder.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/manifest.h"
#include "labels.h"
#include "pattern.h"
#include "walk.h"

enum { MAX_FIELDS = 16 };

struct folder {
	const char *pattern;
	size_t depth; /* of the pattern */
	struct hmm_table *table;
	size_t strange;
};

int
hmm_folder_check(const char *pattern)
{
	int subject = 0, fields = 0;
	for (const char *at = pattern; *at;) {
		const int field = *at == '{' ? hmm_pattern_field(at, &at) : -1;
		if (field < 0 && (*at == '{' || *at == '}'))
			return hmm_error("--pattern: found '%s' at '%s', want {subject}, {modality}, {group}, "
			                 "{label} or {any}",
			    pattern, at);
		at += field < 0;
		fields += field >= 0;
		subject = subject || field == HMM_FIELD_SUBJECT;
	}
	if (fields > MAX_FIELDS)
		return hmm_error("--pattern: found %d fields, want at most %d", fields, MAX_FIELDS);
	return subject ? 0 : hmm_error("--pattern: found '%s', want a {subject} in it", pattern);
}

static int
enter(void *context, const char *relative)
{
	struct folder *source = context;
	const int goes = hmm_walk_depth(relative) < source->depth;
	source->strange += !goes;
	return goes;
}

static int
add_match(struct hmm_table *table, const struct hmm_match *match, const char *path)
{
	static const enum hmm_manifest_column columns[] = {
	    [HMM_FIELD_SUBJECT] = HMM_SUBJECT,
	    [HMM_FIELD_MODALITY] = HMM_MODALITY,
	    [HMM_FIELD_GROUP] = HMM_GROUP,
	    [HMM_FIELD_LABEL] = HMM_LABEL,
	};
	const char *cells[HMM_MANIFEST_COLUMNS] = {NULL};
	char *parts[HMM_FIELD_ANY] = {NULL};
	int bad = 0;
	for (int i = 0; i < HMM_FIELD_ANY && !bad; i++) {
		if (!match->at[i])
			continue;
		parts[i] = hmm_alloc(match->length[i] + 1, 1);
		bad = !parts[i];
		if (!bad)
			cells[columns[i]] = memcpy(parts[i], match->at[i], match->length[i]);
	}
	cells[HMM_GROUP] = cells[HMM_GROUP] ? cells[HMM_GROUP] : cells[HMM_SUBJECT];
	cells[HMM_PATH] = path;
	bad = bad || hmm_table_append(table, cells);
	for (int i = 0; i < HMM_FIELD_ANY; i++)
		free(parts[i]);
	return bad ? -1 : 0;
}

static int
add(void *context, const char *path, const char *relative)
{
	struct folder *source = context;
	struct hmm_match match;
	const int state = hmm_pattern_match(&match, source->pattern, relative);
	if (state < 0)
		return hmm_error("%s: too many ways to fit it to '%s'", path, source->pattern);
	source->strange += state == 0;
	return state ? add_match(source->table, &match, path) : 0;
}

/* The labels of a table for every row; counts the images that have no row there. */
static int
fill(struct hmm_table *table, struct hmm_labels *labels, const char *column, size_t *unlisted)
{
	if (labels->column < 0)
		return hmm_error("%s: no column '%s' in its header", labels->table->name, column);
	const int by_subject = !strcmp(labels->table->header[labels->key], "subject");
	for (size_t row = 0; row < table->rows; row++) {
		char **cells = table->cells + row * table->columns;
		const long found = hmm_labels_find(labels, cells[by_subject ? HMM_SUBJECT : HMM_GROUP], "");
		const char *label = hmm_labels_at(labels, found);
		*unlisted += found < 0;
		if (label && !(cells[HMM_LABEL] = hmm_strdup(label)))
			return -1;
	}
	return 0;
}

static int
read_labels(struct hmm_table *table, const struct hmm_folder_options *options)
{
	struct hmm_labels labels;
	size_t unlisted = 0;
	int bad = hmm_labels_open(&labels, options->labels, "subject", "group", options->label) ||
	          fill(table, &labels, options->label, &unlisted);
	const size_t unused = bad ? 0 : hmm_labels_unused(&labels);
	if (unused)
		hmm_warn("%s: %zu of its rows have no image", options->labels, unused);
	if (unlisted)
		hmm_warn("%s: %zu images have no row in it; their label is n/a", options->labels, unlisted);
	hmm_labels_close(&labels);
	return bad;
}

struct hmm_table *
hmm_folder_read(const char *folder, const struct hmm_folder_options *options)
{
	struct folder source = {.pattern = options->pattern, .depth = hmm_walk_depth(options->pattern)};
	struct hmm_walk walk = {.enter = enter, .file = add, .context = &source};
	source.table = hmm_table_new(folder, hmm_manifest_header, HMM_MANIFEST_COLUMNS);
	if (!source.table || hmm_walk_run(&walk, folder) ||
	    (options->labels && read_labels(source.table, options))) {
		hmm_table_free(source.table);
		return NULL;
	}
	if (source.strange)
		hmm_warn("%s: %zu files or folders do not fit '%s'; left out", folder, source.strange,
		    options->pattern);
	return source.table;
}
