#include "hmm/base/error.h"

#include <stdarg.h>
#include <stdio.h>

const char *hmm_program = "hmm";
int hmm_quiet;

static void print_line(const char *prefix, const char *format, va_list args) HMM_PRINTF(2, 0);

static void
print_line(const char *prefix, const char *format, va_list args)
{
	char line[2048];
	vsnprintf(line, sizeof(line), format, args);
	for (unsigned char *c = (unsigned char *)line; *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			*c = '?';
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
	print_line("warning: ", format, args);
	va_end(args);
}
