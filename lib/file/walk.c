#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/error.h"
#include "hmm/source.h"

enum { MAX_PATH = 4096, MAX_DEPTH = 32 };

const char *const hmm_manifest_columns[HMM_MANIFEST_COLUMNS] = {
    "subject", "modality", "label", "group", "split", "path"};

/* `path` is the folder and then `below`, which is part of it. */
static int
walk(char *path, size_t below, int depth, int (*visit)(const char *, void *), void *context)
{
	struct dirent **entries;
	const size_t length = strlen(path);
	const int count = scandir(path, &entries, NULL, NULL);
	if (count < 0)
		return hmm_error("%s: cannot open: %s", path, strerror(errno));
	int state = 0;
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		struct stat status;
		if (state == 0 && name[0] != '.') {
			if (length + strlen(name) + 2 > MAX_PATH || depth == MAX_DEPTH) {
				state = hmm_error("%s/%s: nested too deep", path, name);
			} else {
				path[length] = '/';
				strcpy(path + length + 1, name);
				if (stat(path, &status))
					state = hmm_error("%s: %s", path, strerror(errno));
				else if (S_ISDIR(status.st_mode))
					state = walk(path, below, depth + 1, visit, context);
				else if (S_ISREG(status.st_mode))
					state = visit(path + below, context);
				path[length] = '\0';
			}
		}
		free(entries[i]);
	}
	free(entries);
	return state;
}

int
hmm_source_walk(const char *folder, int (*visit)(const char *path, void *context), void *context)
{
	char path[MAX_PATH];
	size_t length = strlen(folder);
	while (length > 1 && folder[length - 1] == '/')
		length--;
	if (length + 1 >= sizeof(path))
		return hmm_error("%s: too long a name", folder);
	memcpy(path, folder, length);
	path[length] = '\0';
	return walk(path, length + 1, 0, visit, context);
}

int
hmm_labelling_read(
    const struct hmm_labelling *labelling, const char *cell, const char *where, const char **label)
{
	*label = NULL;
	if (!cell || !*cell)
		return 0;
	if (labelling->positive) {
		*label = strcmp(cell, labelling->positive) ? "0" : "1";
		return 0;
	}
	if (strcmp(cell, "0") && strcmp(cell, "1"))
		return hmm_error("%s: column '%s' holds '%s', want 0 or 1 (--positive names the value that "
		                 "means 1)",
		    where, labelling->column, cell);
	*label = cell[0] == '1' ? "1" : "0";
	return 0;
}
