#include "hmm/data/bids.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bids_name.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/manifest.h"
#include "labels.h"
#include "walk.h"

struct bids {
	const char *folder;
	const struct hmm_bids_options *options;
	struct hmm_labels participants; /* zeroes: there is no such table */
	struct hmm_table *table;        /* the manifest */
	size_t strange;                 /* images whose name is not BIDS */
	int labelled;                   /* 1: a table with the label's column was seen */
	size_t unlisted;                /* subjects in no table */
};

/* ---- images ---- */

/* sub-X/<datatype> and sub-X/ses-Y/<datatype> */
static int
enter(void *context, const char *relative)
{
	(void)context;
	const char *second = strchr(relative, '/');
	const size_t deepest = second && !strncmp(second, "/ses-", 5) ? 2 : 1;
	return !strncmp(relative, "sub-", 4) && hmm_walk_depth(relative) <= deepest;
}

static int
add(void *context, const char *path, const char *relative)
{
	struct bids *bids = context;
	const struct hmm_bids_options *options = bids->options;
	struct hmm_bids_name name;
	const int state = hmm_bids_name_parse(&name, relative, options->entities);
	if (state < 0)
		return hmm_error("%s: in the folder of another subject or session", path);
	bids->strange += state == HMM_BIDS_STRANGE;
	if (state != HMM_BIDS_IMAGE ||
	    (options->suffixes && !hmm_list_has(options->suffixes, name.suffix, strlen(name.suffix))))
		return 0;
	const char **cells = hmm_alloc(bids->table->columns, sizeof(*cells));
	if (!cells)
		return -1;
	cells[HMM_SUBJECT] = name.subject;
	cells[HMM_MODALITY] = name.modality;
	cells[HMM_GROUP] = name.group;
	cells[HMM_PATH] = path;
	const int bad = hmm_table_append(bids->table, cells);
	free(cells);
	return bad;
}

/* ---- tables ---- */

/* Open <folder>/<a><b> where there is such a table. 0, or -1 reported. */
static int
open_labels(struct hmm_labels *labels, const struct bids *bids, const char *a, const char *b,
    const char *key)
{
	char path[PATH_MAX];
	*labels = (struct hmm_labels){0};
	const int length = snprintf(path, sizeof(path), "%s/%s%s", bids->folder, a, b);
	if (length < 0 || (size_t)length >= sizeof(path) || access(path, F_OK))
		return 0;
	return hmm_labels_open(labels, path, key, NULL, bids->options->label);
}

static int
open_sessions(struct hmm_labels *sessions, const struct bids *bids, const char *group)
{
	char name[2 * NAME_MAX + 3];
	snprintf(name, sizeof(name), "%s/%s", group, group);
	return open_labels(sessions, bids, name, "_sessions.tsv", "session_id");
}

/* An empty manifest with the columns of participants.tsv behind its own. */
static struct hmm_table *
new_table(const struct bids *bids)
{
	const struct hmm_table *more = bids->participants.table;
	const size_t columns = HMM_MANIFEST_COLUMNS + (more ? more->columns - 1 : 0);
	const char **header = hmm_alloc(columns, sizeof(*header));
	char **longer = hmm_alloc(columns, sizeof(*longer));
	struct hmm_table *table = NULL;
	int bad = !header || !longer;
	size_t at = HMM_MANIFEST_COLUMNS;
	if (!bad)
		memcpy(header, hmm_manifest_header, sizeof(hmm_manifest_header));
	for (size_t i = 0; more && !bad && i < more->columns; i++) {
		int taken = 0;
		if (i == (size_t)bids->participants.key)
			continue;
		for (size_t k = 0; k < HMM_MANIFEST_COLUMNS; k++)
			taken = taken || !strcmp(more->header[i], hmm_manifest_header[k]);
		const size_t size = strlen(more->header[i]) + sizeof("participants_");
		bad = !(longer[at] = hmm_alloc(size, 1));
		if (!bad)
			snprintf(longer[at], size, "%s%s", taken ? "participants_" : "", more->header[i]);
		header[at] = longer[at];
		at++;
	}
	if (!bad)
		table = hmm_table_new(bids->folder, header, columns);
	for (size_t i = 0; longer && i < columns; i++)
		free(longer[i]);
	free(longer);
	free(header);
	return table;
}

static int
set_cell(char **cell, const char *value)
{
	return value && !(*cell = hmm_strdup(value)) ? -1 : 0;
}

/* The label and the participant's columns of one image. */
static int
fill_row(struct bids *bids, struct hmm_labels *sessions, char **cells, int new_subject)
{
	struct hmm_labels *participants = &bids->participants;
	const char *group = cells[HMM_GROUP], *session = cells[HMM_SUBJECT] + strlen(group);
	const long row = participants->table ? hmm_labels_find(participants, group, "sub-") : -1;
	const long visit =
	    sessions->table && *session ? hmm_labels_find(sessions, session + 1, "ses-") : -1;
	bids->unlisted += new_subject && row < 0 && visit < 0;
	const int by_visit = visit >= 0 && sessions->column >= 0;
	if (set_cell(&cells[HMM_LABEL],
	        by_visit ? hmm_labels_at(sessions, visit) : hmm_labels_at(participants, row)))
		return -1;
	char **cell = cells + HMM_MANIFEST_COLUMNS;
	for (size_t i = 0; row >= 0 && i < participants->table->columns; i++)
		if (i != (size_t)participants->key &&
		    set_cell(cell++, hmm_table_cell(participants->table, (size_t)row, (int)i)))
			return -1;
	return 0;
}

/* All labels, subject by subject: the manifest is sorted for that. */
static int
fill(struct bids *bids)
{
	struct hmm_labels sessions = {0};
	const char *group = "", *subject = "";
	int bad = 0;
	hmm_manifest_sort(bids->table);
	bids->labelled = bids->participants.table && bids->participants.column >= 0;
	for (size_t row = 0; row < bids->table->rows && !bad; row++) {
		char **cells = bids->table->cells + row * bids->table->columns;
		if (strcmp(group, cells[HMM_GROUP])) {
			hmm_labels_close(&sessions);
			bad = open_sessions(&sessions, bids, cells[HMM_GROUP]);
			bids->labelled = bids->labelled || (sessions.table && sessions.column >= 0);
		}
		bad = bad || fill_row(bids, &sessions, cells, strcmp(subject, cells[HMM_SUBJECT]) != 0);
		group = cells[HMM_GROUP];
		subject = cells[HMM_SUBJECT];
	}
	hmm_labels_close(&sessions);
	return bad;
}

/* ---- all of it ---- */

static void
warn(const struct bids *bids)
{
	const size_t unused = bids->participants.table ? hmm_labels_unused(&bids->participants) : 0;
	if (bids->strange)
		hmm_warn("%s: %zu NIfTI files are not named as BIDS wants; left out", bids->folder,
		    bids->strange);
	if (unused)
		hmm_warn("%s: %zu subjects of participants.tsv have no image", bids->folder, unused);
	if (bids->unlisted && (bids->participants.table || bids->labelled))
		hmm_warn("%s: %zu subjects with images stand in no table; their label is n/a", bids->folder,
		    bids->unlisted);
}

static int
read_all(struct bids *bids)
{
	struct hmm_walk walk = {.enter = enter, .file = add, .context = bids};
	const struct hmm_labels *participants = &bids->participants;
	const char *label = bids->options->label;
	if (open_labels(&bids->participants, bids, "participants", ".tsv", "participant_id"))
		return -1;
	if (participants->table && participants->by_key.names.count < participants->table->rows)
		return hmm_error("%s: a participant_id stands in two rows", participants->table->name);
	bids->table = new_table(bids);
	if (!bids->table || hmm_walk_run(&walk, bids->folder) || fill(bids))
		return -1;
	if (label && bids->table->rows && !bids->labelled)
		return hmm_error(
		    "%s: no column '%s' in participants.tsv or a sessions.tsv", bids->folder, label);
	warn(bids);
	return 0;
}

struct hmm_table *
hmm_bids_read(const char *folder, const struct hmm_bids_options *options)
{
	struct bids bids = {.folder = folder, .options = options};
	const int bad = read_all(&bids);
	hmm_labels_close(&bids.participants);
	if (!bad)
		return bids.table;
	hmm_table_free(bids.table);
	return NULL;
}
