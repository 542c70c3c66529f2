/* Refusals: what a library function reported while it failed. */
#ifndef REFUSE_H
#define REFUSE_H

#include <stdio.h>
#include <string.h>

static char refuse_text[4096];

/* Send standard error to a file that refuse_end() reads. */
static inline void
refuse_begin(void)
{
	if (!freopen("refused.txt", "w", stderr))
		puts("cannot redirect standard error");
}

/* Whether one line was printed and contains `part`. */
static inline int
refuse_end(const char *part)
{
	fflush(stderr);
	FILE *file = fopen("refused.txt", "r");
	const size_t size = file ? fread(refuse_text, 1, sizeof(refuse_text) - 1, file) : 0;
	refuse_text[size] = '\0';
	if (file)
		fclose(file);
	const char *end = strchr(refuse_text, '\n');
	if (end && !end[1] && strstr(refuse_text, part))
		return 1;
	printf("reported: %s, want one line with '%s'\n", refuse_text, part);
	return 0;
}

#endif
