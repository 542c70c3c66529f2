#define _GNU_SOURCE /* O_TMPFILE */

#include "hmm/file/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { SUFFIX = 48, ATTEMPTS = 1000, LINK = 64 };

/* What /proc calls an open file. */
static const char *
name_descriptor(char name[LINK], int descriptor)
{
	snprintf(name, LINK, "/proc/self/fd/%d", descriptor);
	return name;
}

/* A file without a name in the folder of `path`, which vanishes with the process whatever ends it;
 * -1 (not reported) where the file system has no such files, or where it could not be linked. */
static int
open_unnamed(const char *path)
{
#ifdef O_TMPFILE
	char name[LINK];
	char *folder = strdup(path); /* where memory is short, the other way tells */
	char *slash = folder ? strrchr(folder, '/') : NULL;
	if (slash)
		slash[slash == folder] = '\0';
	const int descriptor =
	    folder ? open(slash ? folder : ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666) : -1;
	free(folder);
	if (descriptor < 0 || !access(name_descriptor(name, descriptor), F_OK))
		return descriptor;
	close(descriptor);
#else
	(void)path;
#endif
	return -1;
}

/* Give the output's file the name of a temporary file beside its path: a new one, or a link to
 * `unnamed` where that is not negative. Its descriptor, or -1 with errno. */
static int
name_temporary(struct hmm_output *output, int unnamed)
{
	char name[LINK];
	const size_t size = strlen(output->path) + SUFFIX;
	char *temporary = hmm_alloc(size, 1);
	int descriptor = -1;
	errno = temporary ? EEXIST : ENOMEM;
	for (int i = 0; i < ATTEMPTS && descriptor < 0 && errno == EEXIST; i++) {
		snprintf(temporary, size, "%s.tmp-%ld-%d", output->path, (long)getpid(), i);
		if (unnamed < 0)
			descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		else if (!linkat(AT_FDCWD, name_descriptor(name, unnamed), AT_FDCWD, temporary,
		             AT_SYMLINK_FOLLOW))
			descriptor = unnamed;
	}
	if (descriptor < 0)
		free(temporary);
	else
		output->temporary = temporary;
	return descriptor;
}

/* A file that is not yet seen under the output's path. 0, or -1 reported. */
static int
open_unseen(struct hmm_output *output)
{
	int descriptor = open_unnamed(output->path);
	output->unnamed = descriptor >= 0;
	if (!output->unnamed)
		descriptor = name_temporary(output, -1);
	if (descriptor < 0)
		return hmm_error("%s: cannot create: %s", output->path, strerror(errno));
	output->file = fdopen(descriptor, "wb");
	if (output->file)
		return 0;
	hmm_error("%s: cannot open: %s", output->path, strerror(errno));
	close(descriptor);
	return -1;
}

/* Whether the file of an output would replace another one, which is read. 0, or -1 reported. */
static int
replaces(const struct hmm_output *output, const struct stat *in)
{
	struct stat out;
	if (!output->path || stat(output->path, &out) || !S_ISREG(in->st_mode) ||
	    in->st_dev != out.st_dev || in->st_ino != out.st_ino)
		return 0;
	return hmm_error("%s: is what is read, want another file to write", output->path);
}

int
hmm_output_open(struct hmm_output *output, const char *path)
{
	struct stat status;
	*output = (struct hmm_output){0};
	if (!path || !strcmp(path, "-")) {
		output->collected = hmm_collect_open();
		output->file = output->collected ? output->collected->file : NULL;
		return output->file ? 0 : -1;
	}
	if (!*path)
		return hmm_error("the name of an output is empty, want that of a file, or -");
	const int exists = !stat(path, &status), regular = !exists || S_ISREG(status.st_mode);
	char *target = exists && regular ? realpath(path, NULL) : NULL; /* of a link */
	output->path = target ? target : hmm_strdup(path);
	int bad = !output->path || (!fstat(STDIN_FILENO, &status) && replaces(output, &status));
	if (!bad && regular)
		bad = open_unseen(output);
	else if (!bad && !(output->file = fopen(path, "wb")))
		bad = hmm_error("%s: cannot open: %s", path, strerror(errno));
	if (bad)
		hmm_output_abandon(output);
	return bad ? -1 : 0;
}

int
hmm_output_spares(const struct hmm_output *output, const char *input)
{
	struct stat in;
	return input && !stat(input, &in) && replaces(output, &in) ? -1 : 0;
}

/* Where a path's last name begins, and the folder that is before it. 0, or -1 where none is. */
static int
stat_folder(struct stat *status, const char **name, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = hmm_strdup(path);
	*name = slash ? slash + 1 : path;
	if (folder && slash)
		folder[slash == path ? 1 : slash - path] = '\0';
	const int bad = !folder || stat(slash ? folder : ".", status);
	free(folder);
	return bad ? -1 : 0;
}

/* Whether a path is what standard output is. A device takes both, but a terminal, where they mix.
 */
static int
is_standard_output(const char *path)
{
	struct stat one, other;
	return !stat(path, &one) && !fstat(STDOUT_FILENO, &other) && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino && (!S_ISCHR(one.st_mode) || isatty(STDOUT_FILENO));
}

int
hmm_output_same(const struct hmm_output *a, const struct hmm_output *b)
{
	struct stat one, other;
	const char *name, *other_name;
	if (!a->path || !b->path)
		return a->path == b->path || is_standard_output(a->path ? a->path : b->path);
	return !stat_folder(&one, &name, a->path) && !stat_folder(&other, &other_name, b->path) &&
	       one.st_dev == other.st_dev && one.st_ino == other.st_ino && !strcmp(name, other_name);
}

/* The file, whole and synced, gets its name. 0, or -1 with errno. */
static int
put_in_place(struct hmm_output *output)
{
	char name[LINK];
	const int descriptor = fileno(output->file);
	if (output->unnamed) {
		if (!linkat(AT_FDCWD, name_descriptor(name, descriptor), AT_FDCWD, output->path,
		        AT_SYMLINK_FOLLOW))
			return 0;
		/* there is one already, which a link cannot replace */
		if (errno != EEXIST || name_temporary(output, descriptor) < 0)
			return -1;
	}
	if (!output->temporary)
		return 0;
	if (rename(output->temporary, output->path))
		return -1;
	free(output->temporary);
	output->temporary = NULL;
	return 0;
}

/* Close what was collected for standard output, and print it. 0, or -1 with errno. */
static int
print_text(struct hmm_output *output)
{
	const struct hmm_collected *collected = output->collected;
	output->file = NULL;
	errno = ENOMEM;
	if (hmm_collect_finish(output->collected))
		return -1;
	return fwrite(collected->text, 1, collected->size, stdout) != collected->size || fclose(stdout)
	           ? -1
	           : 0;
}

int
hmm_output_finish(struct hmm_output *output)
{
	const int hidden = output->unnamed || output->temporary;
	int bad = output->collected ? print_text(output) : fflush(output->file) || ferror(output->file);
	if (!bad && hidden)
		bad = fsync(fileno(output->file)) || put_in_place(output);
	if (output->file) {
		/* what was flushed is written: only a device has more to say */
		bad = (fclose(output->file) && !hidden) || bad;
		output->file = NULL;
	}
	if (bad)
		hmm_error("%s: cannot write: %s", output->path ? output->path : "standard output",
		    strerror(errno));
	hmm_output_abandon(output);
	return bad ? -1 : 0;
}

void
hmm_output_abandon(struct hmm_output *output)
{
	if (output->file && !output->collected)
		fclose(output->file);
	if (output->temporary)
		unlink(output->temporary);
	free(output->temporary);
	free(output->path);
	hmm_collect_free(output->collected);
	*output = (struct hmm_output){0};
}
