#include "hmm/base/error.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *hmm_program = "hmm";
int hmm_quiet, hmm_warnings_off;

static void print_line(const char *prefix, const char *format, va_list args) HMM_PRINTF(2, 0);

enum { LINE = 2048, KINDS = 32 };

static void
print_line(const char *prefix, const char *format, va_list args)
{
	char line[LINE];
	vsnprintf(line, sizeof(line), format, args);
	for (unsigned char *c = (unsigned char *)line; *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			*c = '?';
		else if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) /* U+0080 to U+009F */
			c[0] = c[1] = '?';
	fprintf(stderr, "%s: %s%s\n", hmm_program, prefix, line);
}

int
hmm_error(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	print_line("", format, args);
	va_end(args);
	return -1;
}

void
hmm_note(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	print_line("", format, args);
	va_end(args);
}

void
hmm_say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (!hmm_quiet)
		print_line("", format, args);
	va_end(args);
}

void
hmm_warn(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (!hmm_warnings_off)
		print_line("warning: ", format, args);
	va_end(args);
}

/* The warnings of a kind so far. */
static struct {
	const char *format;
	char *first;
	unsigned long more;
} counted[KINDS];

static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;

void
hmm_warn_flush(void)
{
	pthread_mutex_lock(&counting);
	for (int i = 0; i < KINDS && counted[i].format; i++) {
		if (counted[i].more)
			hmm_warn("%s (and %lu more of this kind)", counted[i].first, counted[i].more);
		else
			hmm_warn("%s", counted[i].first);
		free(counted[i].first);
		counted[i].format = NULL;
	}
	pthread_mutex_unlock(&counting);
}

/* Its place, where it is not the first of its kind or can be kept; or -1. */
static int
count_kind(const char *format, const char *line)
{
	static int flushed_at_exit;
	int i = 0;
	while (i < KINDS && counted[i].format && counted[i].format != format)
		i++;
	if (i == KINDS || (!flushed_at_exit && atexit(hmm_warn_flush)))
		return -1;
	flushed_at_exit = 1;
	if (counted[i].format) {
		counted[i].more++;
		return i;
	}
	counted[i].first = strdup(line);
	counted[i].more = 0;
	counted[i].format = counted[i].first ? format : NULL;
	return counted[i].first ? i : -1;
}

void
hmm_warn_counted(const char *format, ...)
{
	char line[LINE];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (hmm_warnings_off)
		return;
	pthread_mutex_lock(&counting);
	const int kept = count_kind(format, line);
	pthread_mutex_unlock(&counting);
	if (kept < 0)
		hmm_warn("%s", line);
}
