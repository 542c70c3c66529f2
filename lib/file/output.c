#include "hmm/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hmm/error.h"
#include "hmm/memory.h"

int
hmm_output_open(struct hmm_output *output, const char *path)
{
	*output = (struct hmm_output){0};
	if (!path || !strcmp(path, "-")) {
		output->file = stdout;
		return 0;
	}
	const size_t size = strlen(path) + sizeof(".XXXXXX");
	output->path = hmm_strdup(path);
	output->temporary = hmm_alloc(size, 1);
	if (!output->path || !output->temporary) {
		hmm_output_abandon(output);
		return -1;
	}
	snprintf(output->temporary, size, "%s.XXXXXX", path);
	const int descriptor = mkstemp(output->temporary);
	if (descriptor < 0) {
		hmm_error("%s: cannot create: %s", path, strerror(errno));
		free(output->temporary);
		output->temporary = NULL;
		hmm_output_abandon(output);
		return -1;
	}
	const mode_t mask = umask(0);
	umask(mask);
	if (fchmod(descriptor, 0666 & ~mask) || !(output->file = fdopen(descriptor, "wb"))) {
		hmm_error("%s: cannot open: %s", path, strerror(errno));
		close(descriptor);
		hmm_output_abandon(output);
		return -1;
	}
	return 0;
}

int
hmm_output_finish(struct hmm_output *output)
{
	const char *name = output->path ? output->path : "standard output";
	FILE *file = output->file;
	output->file = NULL;
	int bad = fflush(file) || ferror(file);
	if (output->path)
		bad = bad || fsync(fileno(file));
	bad = fclose(file) || bad;
	bad = bad || (output->path && rename(output->temporary, output->path));
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
	if (output->file && output->path)
		fclose(output->file);
	if (output->temporary)
		unlink(output->temporary);
	free(output->temporary);
	free(output->path);
	*output = (struct hmm_output){0};
}
