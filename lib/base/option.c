#include "hmm/base/option.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/version.h"

enum { MAX_OPTIONS = 48, FIRST_LONG = 256 };

int hmm_quiet;

static const struct hmm_option common[] = {
    {'q', "quiet", HMM_FLAG, &hmm_quiet, NULL, "no progress on standard error", 0},
    {'h', "help", HMM_FLAG, NULL, NULL, "print this help", 0},
    {'V', "version", HMM_FLAG, NULL, NULL, "print the version", 0},
};

void
hmm_option_misuse(const char *format, ...)
{
	char line[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	hmm_error("%s (try %s --help)", line, hmm_program);
	exit(2);
}

static void
print_option(const struct hmm_option *option)
{
	char left[80] = "";
	if (option->letter)
		snprintf(left, sizeof(left), "-%c, ", option->letter);
	else
		snprintf(left, sizeof(left), "    ");
	const size_t used = strlen(left);
	snprintf(left + used, sizeof(left) - used, "--%s%s%s", option->name,
	    option->argument ? " " : "", option->argument ? option->argument : "");
	printf("  %-32s %s\n", left, option->help);
}

static void
print_help(const struct hmm_usage *usage)
{
	printf("usage: %s %s\n\n%s\n\n", hmm_program, usage->synopsis, usage->summary);
	for (size_t i = 0; i < usage->count; i++)
		print_option(&usage->options[i]);
	for (size_t i = 0; i < HMM_COUNT_OF(common); i++)
		print_option(&common[i]);
}

static int
is_choice(const char *words, const char *word)
{
	const size_t length = strlen(word);
	for (const char *at = words; *at;) {
		const size_t span = strcspn(at, "|");
		if (span == length && !strncmp(at, word, span))
			return 1;
		at += span + (at[span] == '|');
	}
	return 0;
}

static void
set_value(const struct hmm_option *option, const char *text)
{
	char *end = NULL;
	errno = 0;
	switch (option->type) {
	case HMM_FLAG:
		*(int *)option->value = 1;
		break;
	case HMM_COUNT: {
		const long value = strtol(text, &end, 10);
		if (errno || end == text || *end || value < 0)
			hmm_option_misuse("--%s: found '%s', want a whole number", option->name, text);
		*(long *)option->value = value;
		break;
	}
	case HMM_NUMBER: {
		const double value = strtod(text, &end);
		if (errno || end == text || *end || !isfinite(value) || value < 0)
			hmm_option_misuse("--%s: found '%s', want a number, 0 or more", option->name, text);
		*(double *)option->value = value;
		break;
	}
	case HMM_CHOICE:
		if (!is_choice(option->argument, text))
			hmm_option_misuse("--%s: found '%s', want %s", option->name, text, option->argument);
		*(const char **)option->value = text;
		break;
	case HMM_STRING:
		*(const char **)option->value = text;
		break;
	}
}

/* The tables of getopt_long(3); returns the number of entries in `all`. */
static size_t
getopt_tables(const struct hmm_usage *usage, const struct hmm_option **all, struct option *longs,
    char *shorts)
{
	size_t count = 0;
	for (size_t i = 0; i < usage->count; i++)
		all[count++] = &usage->options[i];
	for (size_t i = 0; i < HMM_COUNT_OF(common); i++)
		all[count++] = &common[i];
	for (size_t i = 0; i < count; i++) {
		const int takes = all[i]->type != HMM_FLAG;
		longs[i] = (struct option){
		    all[i]->name, takes ? required_argument : no_argument, NULL, FIRST_LONG + (int)i};
		if (all[i]->letter) {
			*shorts++ = all[i]->letter;
			if (takes)
				*shorts++ = ':';
		}
	}
	longs[count] = (struct option){NULL, 0, NULL, 0};
	*shorts = '\0';
	return count;
}

static const struct hmm_option *
find_option(const struct hmm_option **all, size_t count, int got)
{
	if (got >= FIRST_LONG)
		return all[got - FIRST_LONG];
	for (size_t i = 0; i < count; i++)
		if (all[i]->letter == got)
			return all[i];
	return NULL;
}

int
hmm_option_parse(int argc, char **argv, const struct hmm_usage *usage)
{
	const struct hmm_option *all[MAX_OPTIONS];
	struct option longs[MAX_OPTIONS + 1];
	char shorts[2 * MAX_OPTIONS + 1];

	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	hmm_program = slash ? slash + 1 : argc > 0 ? argv[0] : "hmm";
	const size_t count = getopt_tables(usage, all, longs, shorts);
	opterr = 0;
	for (int got; (got = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
		const struct hmm_option *option = find_option(all, count, got);
		if (!option)
			hmm_option_misuse("unknown option or missing argument: '%s'", argv[optind - 1]);
		if (option->value) {
			set_value(option, optarg);
			continue;
		}
		if (option->letter == 'h')
			print_help(usage);
		else
			printf("%s %s (numerics %s)\n", hmm_program, HMM_VERSION, HMM_NUMERICS);
		if (fflush(stdout))
			exit(hmm_error("standard output: cannot write: %s", strerror(errno)) ? 1 : 0);
		exit(0);
	}
	return optind;
}

static int
print_value(char *text, size_t size, const struct hmm_option *option)
{
	const char *string = NULL;
	switch (option->type) {
	case HMM_FLAG:
		return *(int *)option->value ? snprintf(text, size, "%s", option->name) : 0;
	case HMM_COUNT:
		return snprintf(text, size, "%s=%ld", option->name, *(long *)option->value);
	case HMM_NUMBER:
		return snprintf(text, size, "%s=%.9g", option->name, *(double *)option->value);
	case HMM_STRING:
	case HMM_CHOICE:
		string = *(const char **)option->value;
		return string ? snprintf(text, size, "%s=%s", option->name, string) : 0;
	}
	return 0;
}

void
hmm_option_history(char *text, size_t size, const struct hmm_usage *usage)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < usage->count; i++) {
		char value[256] = "";
		if (!usage->options[i].history ||
		    print_value(value, sizeof(value), &usage->options[i]) <= 0)
			continue;
		const int length = snprintf(text + used, size - used, "%s%s", used ? " " : "", value);
		if (length < 0 || (size_t)length >= size - used)
			return;
		used += (size_t)length;
	}
}
