#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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

/* What cannot be looked at: a link to nothing is passed over. */
static int
visit_nothing(struct hmm_walk *walk, const char *path, const char *relative)
{
	const int error = errno;
	struct stat status;
	if ((error == ENOENT || error == ENOTDIR || error == ELOOP) && !lstat(path, &status) &&
	    S_ISLNK(status.st_mode))
		return hmm_leftovers_add(&walk->dangling, relative);
	return hmm_error("%s: cannot look at it: %s", path, strerror(error));
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
		bad = visit_nothing(walk, path, relative);
	} else if (S_ISREG(status.st_mode)) {
		bad = walk->file(walk->context, path, relative);
	} else if (!S_ISDIR(status.st_mode)) {
		bad = hmm_leftovers_add(&walk->odd, relative);
	} else if (!is_above(folder, &status)) {
		const struct folder below = {folder, path, status.st_dev, status.st_ino};
		bad = walk->enter(walk->context, relative);
		bad = bad > 0 ? walk_folder(walk, &below, top) : bad;
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

static void
warn(const struct hmm_walk *walk, const char *path)
{
	char names[512];
	if (walk->dangling.count)
		hmm_warn("%s: %zu %s nowhere%s", path, walk->dangling.count,
		    walk->dangling.count == 1 ? "link below it leads" : "links below it lead",
		    hmm_leftovers_list(names, sizeof(names), &walk->dangling));
	if (walk->odd.count)
		hmm_warn("%s: %zu %s below it%s; left out", path, walk->odd.count,
		    walk->odd.count == 1 ? "pipe, socket or device" : "pipes, sockets or devices",
		    hmm_leftovers_list(names, sizeof(names), &walk->odd));
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
	walk->dangling = walk->odd = (struct hmm_leftovers){0};
	int bad = stat(path, &status) ? hmm_error("%s: cannot open: %s", path, strerror(errno)) : 0;
	if (!bad) {
		const struct folder folder = {NULL, path, status.st_dev, status.st_ino};
		bad = walk_folder(walk, &folder, length);
	}
	if (!bad)
		warn(walk, path);
	hmm_leftovers_close(&walk->dangling);
	hmm_leftovers_close(&walk->odd);
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

size_t
hmm_walk_stem(const char *name, const char *const *endings, size_t count)
{
	const size_t length = strlen(name);
	for (size_t i = 0; i < count; i++) {
		const size_t ending = strlen(endings[i]);
		if (length > ending && !strcasecmp(name + length - ending, endings[i]))
			return length - ending;
	}
	return 0;
}
