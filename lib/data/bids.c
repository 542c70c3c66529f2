#include "hmm/data/bids.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bids_name.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/list.h"
#include "hmm/data/manifest.h"
#include "hmm/file/regular.h"
#include "labels.h"
#include "walk.h"

struct bids {
	const char *folder;
	const struct hmm_bids_options *options;
	struct hmm_labels participants;                      /* zeroes: there is no such table */
	struct hmm_labels given;                             /* of options->labels; zeroes: none */
	struct hmm_table *table;                             /* the manifest */
	struct hmm_leftovers strange, astray, unread, aside; /* images that are left out */
	int labelled;    /* 1: a table with the label's column was seen */
	size_t unlisted; /* subjects in no table */
};

/* ---- images ---- */

/* sub-X/<datatype> and sub-X/ses-Y/<datatype> */
static int
enter(void *context, const char *relative)
{
	struct bids *bids = context;
	struct hmm_bids_name name;
	const char *second = strchr(relative, '/');
	const size_t deepest = second && !strncmp(second, "/ses-", 5) ? 2 : 1;
	if (strncmp(relative, "sub-", 4))
		return 0;
	if (hmm_walk_depth(relative) <= deepest)
		return 1;
	return hmm_bids_name_parse(&name, relative, "") == HMM_BIDS_UNREAD /* .ome.zarr */
	           ? hmm_leftovers_add(&bids->unread, relative)
	           : 0;
}

/* Whether an image is asked for: without a list all are but masks and the like. */
static int
is_wanted(const struct bids *bids, const struct hmm_bids_name *name, enum hmm_bids_kind state)
{
	const char *suffixes = bids->options->suffixes;
	return suffixes ? hmm_list_has(suffixes, name->suffix, strlen(name->suffix))
	                : state == HMM_BIDS_IMAGE;
}

static int
add(void *context, const char *path, const char *relative)
{
	struct bids *bids = context;
	struct hmm_bids_name name;
	const enum hmm_bids_kind state = hmm_bids_name_parse(&name, relative, bids->options->entities);
	if (state == HMM_BIDS_OTHER)
		return 0;
	if (state == HMM_BIDS_STRANGE || state == HMM_BIDS_ASTRAY || state == HMM_BIDS_UNREAD)
		return hmm_leftovers_add(state == HMM_BIDS_STRANGE  ? &bids->strange
		                         : state == HMM_BIDS_ASTRAY ? &bids->astray
		                                                    : &bids->unread,
		    relative);
	if (!is_wanted(bids, &name, state))
		return state == HMM_BIDS_ASIDE ? hmm_leftovers_add(&bids->aside, relative) : 0;
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

static const struct hmm_labels_kind of_participants = {
    .keys = {"participant_id"},
    .prefix = "sub-",
    .session = "session_id",
    .only_once = "participant_id",
};
static const struct hmm_labels_kind of_sessions = {
    .keys = {"session_id"},
    .prefix = "ses-",
    .only_once = "session_id",
};
static const struct hmm_labels_kind of_given = {
    .keys = {"participant_id", "subject", "group"},
    .prefix = "sub-",
    .session = "session_id",
    .only_once = "participant_id",
};

/* Open <folder>/<a><b> where there is such a table. 0, or -1 reported. */
static int
open_labels(struct hmm_labels *labels, const struct bids *bids, const char *a, const char *b,
    const struct hmm_labels_kind *kind)
{
	char path[PATH_MAX];
	*labels = (struct hmm_labels){0};
	const int length = snprintf(path, sizeof(path), "%s/%s%s", bids->folder, a, b);
	if (length < 0 || (size_t)length >= sizeof(path))
		return hmm_error("%s: the path of its tables is too long", bids->folder);
	if (access(path, F_OK))
		return errno == ENOENT || errno == ENOTDIR
		           ? 0
		           : hmm_error("%s: cannot look at it: %s", path, strerror(errno));
	if (hmm_regular_check(path)) /* nobody named it, so nobody writes to a pipe of that name */
		return -1;
	return hmm_labels_open(labels, path, kind, bids->options->label);
}

static int
open_sessions(struct hmm_labels *sessions, const struct bids *bids, const char *group)
{
	char name[2 * NAME_MAX + 3];
	snprintf(name, sizeof(name), "%s/%s", group, group);
	return open_labels(sessions, bids, name, "_sessions.tsv", &of_sessions);
}

static int
open_given(struct bids *bids)
{
	const struct hmm_bids_options *options = bids->options;
	if (!options->labels)
		return 0;
	return hmm_labels_open(&bids->given, options->labels, &of_given, options->label) ||
	               hmm_labels_want(&bids->given, options->label)
	           ? -1
	           : 0;
}

/* ---- the manifest's columns ---- */

/* A participants' column in the manifest; one that has a meaning there gets a prefix. To free();
 * NULL, reported. */
static char *
name_column(const char *column)
{
	static const char reserved[] =
	    "subject,modality,label,group,split,path,mask,features,content,imputed";
	static const char prefix[] = "participants_";
	const size_t size = strlen(column) + sizeof(prefix);
	char *name = hmm_alloc(size, 1);
	if (name)
		snprintf(name, size, "%s%s", hmm_list_has(reserved, column, strlen(column)) ? prefix : "",
		    column);
	return name;
}

/* The header: a manifest's columns, then those of participants.tsv but its key. 0, or -1 reported:
 * a prefix may make one that is there already. */
static int
name_columns(struct hmm_names *header, const struct hmm_labels *participants)
{
	const struct hmm_table *more = participants->table;
	int bad = 0;
	for (size_t i = 0; i < HMM_MANIFEST_COLUMNS && !bad; i++)
		bad = hmm_names_add(header, hmm_manifest_header[i]) < 0;
	for (size_t i = 0; more && !bad && i < more->columns; i++) {
		if (i == (size_t)participants->key)
			continue;
		char *name = name_column(more->header[i]);
		const size_t before = header->count;
		bad = !name || hmm_names_add(header, name) < 0;
		if (!bad && header->count == before)
			bad = hmm_error("%s: column '%s' would stand twice in the manifest", more->name, name);
		free(name);
	}
	return bad;
}

/* An empty manifest with the columns of participants.tsv behind its own. */
static struct hmm_table *
new_table(const struct bids *bids)
{
	struct hmm_names header = {0};
	struct hmm_table *table = NULL;
	if (!name_columns(&header, &bids->participants))
		table = hmm_table_new(bids->folder, (const char *const *)header.name, header.count);
	hmm_names_close(&header);
	return table;
}

static int
set_cell(char **cell, const char *value)
{
	return value && !(*cell = hmm_strdup(value)) ? -1 : 0;
}

/* The row of an image in the table that --labels names. */
static long
find_given(struct bids *bids, char *const *cells, const char *session)
{
	struct hmm_labels *given = &bids->given;
	const int by_subject = !strcmp(given->table->header[given->key], "subject");
	return by_subject ? hmm_labels_find(given, cells[HMM_SUBJECT], "")
	                  : hmm_labels_find(given, cells[HMM_GROUP], session);
}

/* The label and the participant's columns of one image. */
static int
fill_row(struct bids *bids, struct hmm_labels *sessions, char **cells, int new_subject)
{
	struct hmm_labels *participants = &bids->participants, *given = &bids->given;
	const char *group = cells[HMM_GROUP], *session = cells[HMM_SUBJECT] + strlen(group);
	session += *session == '_';
	const long row = participants->table ? hmm_labels_find(participants, group, session) : -1;
	const long visit = sessions->table && *session ? hmm_labels_find(sessions, session, "") : -1;
	const long extra = given->table ? find_given(bids, cells, session) : -1;
	if (row < -1 || visit < -1 || extra < -1)
		return -1;
	const int by_visit = visit >= 0 && sessions->column >= 0;
	bids->unlisted += new_subject && (given->table ? extra < 0 : row < 0 && visit < 0);
	if (set_cell(&cells[HMM_LABEL], given->table ? hmm_labels_at(given, extra)
	                                : by_visit   ? hmm_labels_at(sessions, visit)
	                                             : hmm_labels_at(participants, row)))
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
	int bad = hmm_manifest_sort(bids->table);
	bids->labelled =
	    bids->given.table || (bids->participants.table && bids->participants.column >= 0);
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
warn_left(const struct bids *bids, const struct hmm_leftovers *left, const char *one,
    const char *many, const char *what)
{
	char names[512];
	if (left->count)
		hmm_warn("%s: %zu %s %s%s; left out", bids->folder, left->count,
		    left->count == 1 ? one : many, what, hmm_leftovers_list(names, sizeof(names), left));
}

static void
warn(const struct bids *bids)
{
	static const char image[] = "image is", images[] = "images are";
	const struct hmm_labels *tables[] = {&bids->participants, &bids->given};
	warn_left(bids, &bids->strange, "NIfTI file is", "NIfTI files are", "not named as BIDS wants");
	warn_left(bids, &bids->astray, image, images, "in the folder of another subject or session");
	warn_left(bids, &bids->unread, image, images, "neither NIfTI nor a PNG of micr/");
	warn_left(bids, &bids->aside, "mask, segmentation or photograph is",
	    "masks, segmentations or photographs are", "no modality");
	for (int i = 0; i < 2; i++) {
		const size_t unused = tables[i]->table ? hmm_labels_unused(tables[i]) : 0;
		const char *slash = unused ? strrchr(tables[i]->table->name, '/') : NULL;
		if (unused)
			hmm_warn("%s: %zu subject%s of %s %s no image", bids->folder, unused,
			    unused == 1 ? "" : "s", slash ? slash + 1 : tables[i]->table->name,
			    unused == 1 ? "has" : "have");
	}
	if (bids->unlisted && (bids->participants.table || bids->labelled))
		hmm_warn("%s: %zu %s in no table, so the label is n/a", bids->folder, bids->unlisted,
		    bids->unlisted == 1 ? "subject with images stands" : "subjects with images stand");
}

static int
read_all(struct bids *bids)
{
	struct hmm_walk walk = {.enter = enter, .file = add, .context = bids};
	const char *label = bids->options->label;
	if (open_labels(&bids->participants, bids, "participants", ".tsv", &of_participants) ||
	    open_given(bids))
		return -1;
	bids->table = new_table(bids);
	if (!bids->table || hmm_walk_run(&walk, bids->folder) || fill(bids))
		return -1;
	if (label && bids->table->rows && !bids->labelled)
		return bids->participants.table
		           ? hmm_labels_want(&bids->participants, label)
		           : hmm_error(
		                 "%s: no column '%s', as it has no participants.tsv and no sessions.tsv",
		                 bids->folder, label);
	warn(bids);
	return 0;
}

struct hmm_table *
hmm_bids_read(const char *folder, const struct hmm_bids_options *options)
{
	struct bids bids = {.folder = folder, .options = options};
	const int bad = read_all(&bids);
	hmm_labels_close(&bids.participants);
	hmm_labels_close(&bids.given);
	hmm_leftovers_close(&bids.strange);
	hmm_leftovers_close(&bids.astray);
	hmm_leftovers_close(&bids.unread);
	hmm_leftovers_close(&bids.aside);
	if (!bad)
		return bids.table;
	hmm_table_free(bids.table);
	return NULL;
}
