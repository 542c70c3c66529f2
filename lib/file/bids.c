#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hmm/error.h"
#include "hmm/memory.h"
#include "hmm/source.h"

enum { MAX_NAME = 256, MAX_PATH = 4096, MAX_EXTRA = 64 };

struct bids {
	const char *folder, *suffixes, *entities;
	const struct hmm_labelling *labelling;
	struct hmm_table *participants; /* NULL: none */
	int id, label;                  /* its columns */
	int extra[MAX_EXTRA];           /* its columns that are carried along */
	size_t extras;
	struct hmm_table *manifest;
	size_t unknown; /* images without a row in participants.tsv */
};

/* Whether a word stands in a list such as "T1w,pet". */
static int
in_list(const char *list, const char *word, size_t length)
{
	for (const char *at = list; *at;) {
		const size_t span = strcspn(at, ",");
		if (span == length && !strncmp(at, word, length))
			return 1;
		at += span + (at[span] == ',');
	}
	return 0;
}

/* The modality of a file's name without its ending: the entities that are asked
 * for, then the suffix. Returns 0 when the suffix is not wanted. */
static int
parse_name(const struct bids *bids, const char *name, size_t length, char modality[MAX_NAME])
{
	size_t used = 0;
	for (const char *at = name; at < name + length;) {
		const size_t span = strcspn(at, "_"), left = (size_t)(name + length - at);
		const size_t part = span < left ? span : left, key = strcspn(at, "-");
		const int last = part == left;
		if (last && bids->suffixes && !in_list(bids->suffixes, at, part))
			return 0;
		if (last || (key < part && in_list(bids->entities, at, key))) {
			memcpy(modality + used, at, part);
			used += part;
			modality[used++] = last ? '\0' : '_';
		}
		at += part + 1;
	}
	return used > 1;
}

/* The row of a participant, whose id may lack "sub-"; -1 when there is none. */
static long
find_participant(const struct bids *bids, const char *subject)
{
	for (size_t row = 0; bids->participants && row < bids->participants->rows; row++) {
		const char *id = hmm_table_cell(bids->participants, row, bids->id);
		if (id && (!strcmp(id, subject) || !strcmp(id, subject + strlen("sub-"))))
			return (long)row;
	}
	return -1;
}

/* The label of a session from sub-X_sessions.tsv, where there is that file. */
static int
session_label(const struct bids *bids, const char *subject, const char *session, const char **label)
{
	char path[MAX_PATH + 2 * MAX_NAME];
	snprintf(path, sizeof(path), "%s/%s/%s_sessions.tsv", bids->folder, subject, subject);
	if (!bids->labelling->column || access(path, F_OK))
		return 0;
	struct hmm_table *table = hmm_table_read(path, '\t');
	if (!table)
		return -1;
	const int id = hmm_table_find(table, "session_id");
	const int column = hmm_table_find(table, bids->labelling->column);
	int bad = 0;
	for (size_t row = 0; row < table->rows && !bad; row++) {
		const char *name = hmm_table_cell(table, row, id);
		if (name && !strcmp(name, session))
			bad = hmm_labelling_read(
			    bids->labelling, hmm_table_cell(table, row, column), path, label);
	}
	hmm_table_free(table);
	return bad;
}

static int
add_image(struct bids *bids, const char *subject, const char *session, const char *modality,
    const char *path)
{
	char full[MAX_PATH + MAX_NAME], set[2 * MAX_NAME + 2];
	const char *cells[HMM_MANIFEST_COLUMNS + MAX_EXTRA] = {NULL}, *label = NULL;
	const long row = find_participant(bids, subject);
	size_t length = strlen(bids->folder);
	while (length > 1 && bids->folder[length - 1] == '/')
		length--;
	snprintf(full, sizeof(full), "%.*s/%s", (int)length, bids->folder, path);
	snprintf(set, sizeof(set), "%s%s%s", subject, session[0] ? "_" : "", session);
	if (row >= 0 && bids->label >= 0 &&
	    hmm_labelling_read(bids->labelling,
	        hmm_table_cell(bids->participants, (size_t)row, bids->label), bids->participants->name,
	        &label))
		return -1;
	if (bids->label < 0 && session_label(bids, subject, session, &label))
		return -1;
	bids->unknown += row < 0;
	cells[0] = set;
	cells[1] = modality;
	cells[2] = label;
	cells[3] = subject;
	cells[5] = full;
	for (size_t i = 0; i < bids->extras && row >= 0; i++)
		cells[HMM_MANIFEST_COLUMNS + i] =
		    hmm_table_cell(bids->participants, (size_t)row, bids->extra[i]);
	return hmm_table_append(bids->manifest, cells);
}

/* A file below the tree: sub-X/[ses-Y/]<folder>/sub-X_..._suffix.nii[.gz]. */
static int
visit(const char *path, void *context)
{
	struct bids *bids = context;
	char subject[MAX_NAME] = "", session[MAX_NAME] = "", modality[MAX_NAME];
	const char *name = strrchr(path, '/');
	if (strncmp(path, "sub-", 4) || !name)
		return 0;
	name++;
	size_t length = strlen(name);
	if (length > 7 && !strcmp(name + length - 7, ".nii.gz"))
		length -= 7;
	else if (length > 4 && !strcmp(name + length - 4, ".nii"))
		length -= 4;
	else
		return 0;
	const size_t first = strcspn(path, "/"), second = strcspn(path + first + 1, "/");
	if (first >= MAX_NAME || second >= MAX_NAME || length >= MAX_NAME)
		return hmm_error("%s/%s: a name of more than %d bytes", bids->folder, path, MAX_NAME - 1);
	memcpy(subject, path, first);
	if (!strncmp(path + first + 1, "ses-", 4))
		memcpy(session, path + first + 1, second);
	return parse_name(bids, name, length, modality)
	           ? add_image(bids, subject, session, modality, path)
	           : 0;
}

static int
open_participants(struct bids *bids)
{
	char path[MAX_PATH + MAX_NAME];
	snprintf(path, sizeof(path), "%s/participants.tsv", bids->folder);
	bids->id = bids->label = -1;
	if (access(path, F_OK))
		return 0;
	bids->participants = hmm_table_read(path, '\t');
	if (!bids->participants)
		return -1;
	bids->id = hmm_table_want(bids->participants, "participant_id");
	if (bids->id < 0)
		return -1;
	if (bids->labelling->column)
		bids->label = hmm_table_find(bids->participants, bids->labelling->column);
	for (size_t i = 0; i < bids->participants->columns && bids->extras < MAX_EXTRA; i++) {
		const char *column = bids->participants->header[i];
		int own = (int)i == bids->id || (int)i == bids->label;
		for (int c = 0; c < HMM_MANIFEST_COLUMNS; c++)
			own |= !strcmp(column, hmm_manifest_columns[c]);
		if (!own)
			bids->extra[bids->extras++] = (int)i;
	}
	return 0;
}

struct hmm_table *
hmm_source_bids(const char *folder, const char *suffixes, const char *entities,
    const struct hmm_labelling *labelling)
{
	struct bids bids = {folder, suffixes, entities, labelling, NULL, -1, -1, {0}, 0, NULL, 0};
	const char *header[HMM_MANIFEST_COLUMNS + MAX_EXTRA];
	int bad = open_participants(&bids);
	memcpy(header, hmm_manifest_columns, sizeof(hmm_manifest_columns));
	for (size_t i = 0; i < bids.extras && !bad; i++)
		header[HMM_MANIFEST_COLUMNS + i] = bids.participants->header[bids.extra[i]];
	if (!bad)
		bids.manifest = hmm_table_new(folder, header, HMM_MANIFEST_COLUMNS + bids.extras);
	bad = !bids.manifest || hmm_source_walk(folder, visit, &bids);
	if (!bad && bids.participants && bids.unknown)
		hmm_warn(
		    "%s: %zu images of subjects that participants.tsv does not list", folder, bids.unknown);
	hmm_table_free(bids.participants);
	if (!bad)
		return bids.manifest;
	hmm_table_free(bids.manifest);
	return NULL;
}
