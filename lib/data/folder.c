#include "hmm/data/folder.h"

#include <stdlib.h>
#include <string.h>

#include "cell.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/manifest.h"
#include "labels.h"
#include "masks.h"
#include "pattern.h"
#include "walk.h"

struct folder {
	const struct hmm_folder_options *options;
	size_t depth; /* of the patterns */
	struct hmm_table *table;
	struct hmm_masks masks;
	struct hmm_leftovers strange, no_group; /* files and folders; groups called NA and the like */
};

enum { SUBJECT = 1 << HMM_FIELD_SUBJECT, ANY = 1 << HMM_FIELD_ANY };

/* ---- what can be asked for ---- */

static int
check_subject(const char *subject, int fields)
{
	const int of_subject = hmm_pattern_fields(subject, "subject");
	if (of_subject < 0)
		return -1;
	if (fields & SUBJECT)
		return hmm_error("--subject: the {subject} of --pattern is one already");
	return of_subject && !(of_subject & (ANY | ~fields))
	           ? 0
	           : hmm_error("--subject: found '%s', want some of the fields of --pattern, such as "
	                       "{group}_{study}",
	                 subject);
}

int
hmm_folder_check(const struct hmm_folder_options *options)
{
	const int fields = hmm_pattern_fields(options->pattern, "pattern");
	if (fields < 0 || (options->subject && check_subject(options->subject, fields)))
		return -1;
	if (!options->subject && !(fields & SUBJECT))
		return hmm_error(
		    "--pattern: found '%s', want a {subject} in it, or --subject", options->pattern);
	if (!options->mask)
		return 0;
	const int of_mask = hmm_pattern_fields(options->mask, "mask");
	if (of_mask < 0)
		return -1;
	return (of_mask & ~ANY) && !(of_mask & ~(fields | SUBJECT | ANY))
	           ? 0
	           : hmm_error(
	                 "--mask: found '%s', want fields of --pattern that tell whose mask it is",
	                 options->mask);
}

/* ---- files ---- */

static int
enter(void *context, const char *relative)
{
	struct folder *source = context;
	return hmm_walk_depth(relative) < source->depth ? 1
	                                                : hmm_leftovers_add(&source->strange, relative);
}

/* What the fields are, to free() each. 0, or -1 reported. */
static int
copy_parts(char *parts[HMM_FIELD_ANY], const struct hmm_match *match)
{
	int bad = 0;
	for (int i = 0; i < HMM_FIELD_ANY && !bad; i++) {
		if (!match->at[i])
			continue;
		parts[i] = hmm_alloc(match->length[i] + 1, 1);
		bad = !parts[i];
		if (!bad)
			memcpy(parts[i], match->at[i], match->length[i]);
	}
	return bad ? -1 : 0;
}

static void
free_parts(char *parts[HMM_FIELD_ANY])
{
	for (int i = 0; i < HMM_FIELD_ANY; i++)
		free(parts[i]);
}

static int
add_image(struct folder *source, char *const *parts, const char *path)
{
	const char *cells[HMM_MANIFEST_COLUMNS + 1] = {
	    [HMM_SUBJECT] = parts[HMM_FIELD_SUBJECT],
	    [HMM_MODALITY] = parts[HMM_FIELD_MODALITY],
	    [HMM_LABEL] = parts[HMM_FIELD_LABEL],
	    [HMM_GROUP] = parts[HMM_FIELD_GROUP],
	    [HMM_PATH] = path,
	};
	const int named = cells[HMM_GROUP] && hmm_cell_missing(cells[HMM_GROUP]);
	if (named && hmm_leftovers_add(&source->no_group, path))
		return -1;
	if (!cells[HMM_GROUP])
		cells[HMM_GROUP] = cells[HMM_SUBJECT];
	if (hmm_cell_missing(cells[HMM_GROUP])) /* it would be read so */
		cells[HMM_GROUP] = NULL;
	return hmm_table_append(source->table, cells) ||
	               (source->options->mask && hmm_masks_add_image(&source->masks, parts))
	           ? -1
	           : 0;
}

static int
add(void *context, const char *path, const char *relative)
{
	struct folder *source = context;
	const struct hmm_folder_options *options = source->options;
	char *parts[HMM_FIELD_ANY] = {NULL};
	struct hmm_match match;
	const char *pattern = options->mask ? options->mask : options->pattern;
	int state = hmm_pattern_match(&match, pattern, relative);
	const int is_mask = options->mask && state > 0;
	if (options->mask && state == 0)
		state = hmm_pattern_match(&match, pattern = options->pattern, relative);
	if (state < 0)
		return hmm_error("%s: too many ways to fit it to '%s'", path, pattern);
	if (state == 0)
		return hmm_leftovers_add(&source->strange, relative);
	int bad = copy_parts(parts, &match);
	if (!bad && options->subject && !is_mask)
		bad = !(parts[HMM_FIELD_SUBJECT] = hmm_pattern_fill(options->subject, &match));
	bad = bad ||
	      (is_mask ? hmm_masks_add(&source->masks, parts, path) : add_image(source, parts, path));
	free_parts(parts);
	return bad ? -1 : 0;
}

static const struct hmm_labels_kind of_labels = {.keys = {"subject", "group"}, .prefix = ""};

/* ---- all of it ---- */

static int
read_all(struct folder *source, const char *folder)
{
	const struct hmm_folder_options *options = source->options;
	const char *header[HMM_MANIFEST_COLUMNS + 1];
	struct hmm_walk walk = {.enter = enter, .file = add, .context = source};
	memcpy(header, hmm_manifest_header, sizeof(hmm_manifest_header));
	header[HMM_MANIFEST_COLUMNS] = "mask";
	source->table = hmm_table_new(folder, header, HMM_MANIFEST_COLUMNS + (options->mask != NULL));
	if (!source->table)
		return -1;
	if (options->mask &&
	    hmm_masks_open(&source->masks, folder, hmm_pattern_fields(options->mask, "mask") & ~ANY))
		return -1;
	if (hmm_walk_run(&walk, folder) ||
	    (options->mask && hmm_masks_fill(&source->masks, source->table, HMM_MANIFEST_COLUMNS)) ||
	    (options->labels &&
	        hmm_labels_fill(source->table, options->labels, options->label, &of_labels, "image")))
		return -1;
	return 0;
}

static void
warn(const struct folder *source)
{
	char names[512];
	if (source->strange.count)
		hmm_warn("%s: %zu %s not fit '%s'%s; left out", source->table->name, source->strange.count,
		    source->strange.count == 1 ? "file or folder does" : "files or folders do",
		    source->options->pattern, hmm_leftovers_list(names, sizeof(names), &source->strange));
	if (source->no_group.count)
		hmm_warn("%s: %zu %s in a group called NA or the like, so in none%s", source->table->name,
		    source->no_group.count, source->no_group.count == 1 ? "image is" : "images are",
		    hmm_leftovers_list(names, sizeof(names), &source->no_group));
}

struct hmm_table *
hmm_folder_read(const char *folder, const struct hmm_folder_options *options)
{
	const size_t depth = hmm_walk_depth(options->pattern);
	const size_t of_mask = options->mask ? hmm_walk_depth(options->mask) : 0;
	struct folder source = {.options = options, .depth = depth > of_mask ? depth : of_mask};
	const int bad = read_all(&source, folder);
	if (!bad)
		warn(&source);
	hmm_masks_close(&source.masks);
	hmm_leftovers_close(&source.strange);
	hmm_leftovers_close(&source.no_group);
	if (!bad)
		return source.table;
	hmm_table_free(source.table);
	return NULL;
}
