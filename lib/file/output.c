#include "hmm/file/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

/* A temporary file beside `path`, with the permissions of a new file. 0, or -1 reported. */
static int
open_temporary(struct hmm_output *output)
{
	const size_t size = strlen(output->path) + sizeof(".XXXXXX");
	output->temporary = hmm_alloc(size, 1);
	if (!output->temporary)
		return -1;
	snprintf(output->temporary, size, "%s.XXXXXX", output->path);
	const int descriptor = mkstemp(output->temporary);
	if (descriptor < 0) {
		free(output->temporary);
		output->temporary = NULL;
		return hmm_error("%s: cannot create: %s", output->path, strerror(errno));
	}
	const mode_t mask = umask(0);
	umask(mask);
	if (fchmod(descriptor, 0666 & ~mask) || !(output->file = fdopen(descriptor, "wb"))) {
		hmm_error("%s: cannot open: %s", output->path, strerror(errno));
		close(descriptor);
		return -1;
	}
	return 0;
}

int
hmm_output_open(struct hmm_output *output, const char *path)
{
	struct stat status;
	*output = (struct hmm_output){0};
	if (!path || !strcmp(path, "-")) {
		output->file = open_memstream(&output->text, &output->size);
		return output->file ? 0 : hmm_error("out of memory");
	}
	const int exists = !stat(path, &status), regular = !exists || S_ISREG(status.st_mode);
	char *target = exists && regular ? realpath(path, NULL) : NULL; /* of a link */
	output->path = target ? target : hmm_strdup(path);
	int bad = !output->path;
	if (!bad && regular)
		bad = open_temporary(output);
	else if (!bad && !(output->file = fopen(path, "wb")))
		bad = hmm_error("%s: cannot open: %s", path, strerror(errno));
	if (bad)
		hmm_output_abandon(output);
	return bad ? -1 : 0;
}

int
hmm_output_finish(struct hmm_output *output)
{
	const char *name = output->path ? output->path : "standard output";
	FILE *file = output->file;
	output->file = NULL;
	int bad = fflush(file) || ferror(file);
	if (output->temporary)
		bad = bad || fsync(fileno(file));
	bad = fclose(file) || bad;
	if (!output->path && !bad)
		bad = fwrite(output->text, 1, output->size, stdout) != output->size || fclose(stdout);
	bad = bad || (output->temporary && rename(output->temporary, output->path));
	if (bad) {
		hmm_error("%s: cannot write: %s", name, strerror(errno));
	} else {
		free(output->temporary);
		output->temporary = NULL;
	}
	hmm_output_abandon(output);
	return bad ? -1 : 0;
}

void
hmm_output_abandon(struct hmm_output *output)
{
	if (output->file)
		fclose(output->file);
	if (output->temporary)
		unlink(output->temporary);
	free(output->temporary);
	free(output->path);
	free(output->text);
	*output = (struct hmm_output){0};
}
