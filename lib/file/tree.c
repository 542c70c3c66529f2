#include "hmm/file/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

char *
hmm_tree_join(const char *folder, const char *name)
{
	const size_t size = strlen(folder) + strlen(name) + 2;
	char *path = hmm_alloc(size, 1);
	if (path)
		snprintf(path, size, "%s/%s", folder, name);
	return path;
}

static int
make(const char *folder)
{
	return mkdir(folder, 0777) && errno != EEXIST
	           ? hmm_error("%s: cannot create: %s", folder, strerror(errno))
	           : 0;
}

int
hmm_tree_start(const char *folder)
{
	if (make(folder))
		return -1;
	DIR *listing = opendir(folder);
	if (!listing)
		return hmm_error("%s: cannot open: %s", folder, strerror(errno));
	int entries = 0;
	errno = 0;
	while (readdir(listing))
		entries++;
	const int error = errno;
	closedir(listing);
	return error         ? hmm_error("%s: cannot read: %s", folder, strerror(error))
	       : entries > 2 ? hmm_error("%s: is not empty", folder)
	                     : 0;
}

int
hmm_tree_above(const char *path)
{
	char *folder = hmm_strdup(path);
	int bad = !folder;
	for (char *slash = folder; !bad && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		bad = make(folder);
		*slash = '/';
	}
	free(folder);
	return bad ? -1 : 0;
}

void
hmm_tree_sync(const char *folder)
{
	const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0)
		return;
	fsync(descriptor);
	close(descriptor);
}
