#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* A folder that the walk is in. */
struct folder {
	const struct folder *above;
	const char *path;
	dev_t device;
	ino_t inode;
};

static int walk_folder(struct hmm_walk *walk, const struct folder *folder, size_t top);

static int
is_above(const struct folder *folder, const struct stat *status)
{
	for (; folder; folder = folder->above)
		if (folder->device == status->st_dev && folder->inode == status->st_ino)
			return 1;
	return 0;
}

/* `top`: the length of the top folder's path. */
static int
visit(struct hmm_walk *walk, const struct folder *folder, size_t top, const char *name)
{
	const size_t above = strlen(folder->path);
	const int slash = above > 0 && folder->path[above - 1] != '/';
	const size_t size = above + 1 + strlen(name) + 1;
	char *path = hmm_alloc(size, 1);
	struct stat status;
	int bad = path ? 0 : -1;
	if (bad)
		return bad;
	snprintf(path, size, "%s%s%s", folder->path, slash ? "/" : "", name);
	const char *relative = path + top + (path[top] == '/');
	if (stat(path, &status)) {
		walk->dangling++;
	} else if (S_ISREG(status.st_mode)) {
		bad = walk->file(walk->context, path, relative);
	} else if (S_ISDIR(status.st_mode) && !is_above(folder, &status) &&
	           walk->enter(walk->context, relative)) {
		const struct folder below = {folder, path, status.st_dev, status.st_ino};
		bad = walk_folder(walk, &below, top);
	}
	free(path);
	return bad;
}

static int
walk_folder(struct hmm_walk *walk, const struct folder *folder, size_t top)
{
	DIR *directory = opendir(folder->path);
	if (!directory)
		return hmm_error("%s: cannot open: %s", folder->path, strerror(errno));
	int bad = 0;
	while (!bad) {
		errno = 0;
		const struct dirent *entry = readdir(directory);
		if (!entry)
			break;
		if (entry->d_name[0] != '.')
			bad = visit(walk, folder, top, entry->d_name);
	}
	if (!bad && errno)
		bad = hmm_error("%s: cannot read: %s", folder->path, strerror(errno));
	closedir(directory);
	return bad;
}

int
hmm_walk_run(struct hmm_walk *walk, const char *top)
{
	struct stat status;
	char *path = hmm_strdup(top);
	if (!path)
		return -1;
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	walk->dangling = 0;
	int bad = stat(path, &status) ? hmm_error("%s: cannot open: %s", path, strerror(errno)) : 0;
	if (!bad) {
		const struct folder folder = {NULL, path, status.st_dev, status.st_ino};
		bad = walk_folder(walk, &folder, length);
	}
	if (!bad && walk->dangling)
		hmm_warn("%s: %zu links below it lead nowhere", path, walk->dangling);
	free(path);
	return bad;
}

size_t
hmm_walk_depth(const char *relative)
{
	size_t depth = 0;
	for (; *relative; relative++)
		depth += *relative == '/';
	return depth;
}

const char *
hmm_walk_base(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}
