#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/source.h"

enum { MAX_PATH = 8192, MAX_FIELDS = 8, MAX_NAME = 512 };

struct folder {
	const char *folder;
	const struct hmm_table *labels;
	const struct hmm_labelling *labelling;
	int by_group, key, column; /* how labels are looked up */
	regex_t regex;
	int field[4]; /* the regex's group of each field, or 0 */
	struct hmm_table *manifest;
	size_t strangers; /* files that do not match */
};

static const struct {
	const char *name, *regex;
} fields[] = {{"{subject}", "([^/]+)"}, {"{modality}", "([^/_]+)"}, {"{label}", "([01])"},
    {"{group}", "([^/]+)"}, {"{any}", "[^/]*"}};
enum { SUBJECT, MODALITY, LABEL, GROUP, ANY, FIELDS };

/* Turn the pattern into a regular expression. */
static int
compile(struct folder *folder, const char *pattern)
{
	char text[4096] = "^";
	size_t used = 1;
	int groups = 0;
	for (const char *at = pattern; *at;) {
		int f = 0;
		if (used + 16 > sizeof(text))
			return hmm_error("pattern '%.40s...' is too long", pattern);
		while (f < FIELDS && strncmp(at, fields[f].name, strlen(fields[f].name)))
			f++;
		if (f < FIELDS) {
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s", fields[f].regex);
			if (f != ANY && folder->field[f])
				return hmm_error("pattern '%s': %s stands twice", pattern, fields[f].name);
			if (f != ANY)
				folder->field[f] = ++groups;
			at += strlen(fields[f].name);
		} else if (*at == '{') {
			return hmm_error(
			    "pattern '%s': want {subject}, {modality}, {group}, {label} or {any}", pattern);
		} else {
			if (strchr(".[]()*+?|^$\\}", *at))
				text[used++] = '\\';
			text[used++] = *at++;
		}
	}
	text[used++] = '$';
	text[used] = '\0';
	if (!folder->field[SUBJECT] || !folder->field[MODALITY])
		return hmm_error("pattern '%s': want both {subject} and {modality}", pattern);
	if (regcomp(&folder->regex, text, REG_EXTENDED))
		return hmm_error("pattern '%s' cannot be used", pattern);
	return 0;
}

/* The label of a subject or group in the table of labels. */
static int
look_up(const struct folder *folder, const char *subject, const char *group, const char **label)
{
	const char *want = folder->by_group ? group : subject;
	for (size_t row = 0; row < folder->labels->rows; row++) {
		const char *key = hmm_table_cell(folder->labels, row, folder->key);
		if (key && !strcmp(key, want))
			return hmm_labelling_read(folder->labelling,
			    hmm_table_cell(folder->labels, row, folder->column), folder->labels->name, label);
	}
	return 0;
}

static int
visit(const char *path, void *context)
{
	struct folder *folder = context;
	regmatch_t match[MAX_FIELDS];
	char part[4][MAX_NAME] = {"", "", "", ""}, full[MAX_PATH];
	if (regexec(&folder->regex, path, MAX_FIELDS, match, 0)) {
		folder->strangers++;
		return 0;
	}
	for (int f = 0; f < 4; f++) {
		const regmatch_t *m = &match[folder->field[f]];
		if (!folder->field[f])
			continue;
		if (m->rm_eo - m->rm_so >= MAX_NAME)
			return hmm_error("%s: a name of more than %d bytes", path, MAX_NAME - 1);
		snprintf(part[f], MAX_NAME, "%.*s", (int)(m->rm_eo - m->rm_so), path + m->rm_so);
	}
	size_t length = strlen(folder->folder);
	while (length > 1 && folder->folder[length - 1] == '/')
		length--;
	snprintf(full, sizeof(full), "%.*s/%s", (int)length, folder->folder, path);
	const char *group = part[GROUP][0] ? part[GROUP] : part[SUBJECT];
	const char *label = part[LABEL][0] ? part[LABEL] : NULL;
	if (folder->labels && look_up(folder, part[SUBJECT], group, &label))
		return -1;
	const char *cells[] = {part[SUBJECT], part[MODALITY], label, group, NULL, full};
	return hmm_table_append(folder->manifest, cells);
}

struct hmm_table *
hmm_source_folder(const char *path, const char *pattern, const struct hmm_table *labels,
    const struct hmm_labelling *labelling)
{
	struct folder folder = {.folder = path, .labels = labels, .labelling = labelling};
	if (compile(&folder, pattern))
		return NULL;
	int bad = 0;
	if (labels) {
		folder.key = hmm_table_find(labels, "subject");
		folder.by_group = folder.key < 0;
		if (folder.by_group)
			folder.key = hmm_table_want(labels, "group");
		folder.column = hmm_table_want(labels, labelling->column);
		bad = folder.key < 0 || folder.column < 0;
	}
	if (!bad)
		folder.manifest = hmm_table_new(path, hmm_manifest_columns, HMM_MANIFEST_COLUMNS);
	bad = !folder.manifest || hmm_source_walk(path, visit, &folder);
	regfree(&folder.regex);
	if (!bad && folder.strangers)
		hmm_warn("%s: %zu files do not match %s", path, folder.strangers, pattern);
	if (!bad)
		return folder.manifest;
	hmm_table_free(folder.manifest);
	return NULL;
}
