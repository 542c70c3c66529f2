/* Refusals: what a library function reported while it failed. */
#ifndef REFUSE_H
#define REFUSE_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char refuse_text[4096];
static FILE *refuse_file; /* takes standard error's place, without a name */

/* Send standard error to a file that refuse_end() reads. */
static inline void
refuse_begin(void)
{
	if (!refuse_file)
		refuse_file = tmpfile();
	fflush(stderr);
	if (!refuse_file || ftruncate(fileno(refuse_file), 0) ||
	    lseek(fileno(refuse_file), 0, SEEK_SET) || dup2(fileno(refuse_file), STDERR_FILENO) < 0)
		puts("cannot redirect standard error");
}

/* Whether one line was printed and contains `part`. */
static inline int
refuse_end(const char *part)
{
	fflush(stderr);
	const ssize_t size = pread(fileno(refuse_file), refuse_text, sizeof(refuse_text) - 1, 0);
	refuse_text[size > 0 ? size : 0] = '\0';
	const char *end = strchr(refuse_text, '\n');
	if (end && !end[1] && strstr(refuse_text, part))
		return 1;
	printf("reported: %s, want one line with '%s'\n", refuse_text, part);
	return 0;
}

/* Whether nothing was printed. */
static inline int
refuse_nothing(void)
{
	char text[1];
	fflush(stderr);
	return pread(fileno(refuse_file), text, 1, 0) == 0;
}

#endif
