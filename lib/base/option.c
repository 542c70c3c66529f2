#include "hmm/base/option.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/cpu.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/version.h"

enum { MAX_OPTIONS = 48, FIRST_LONG = 256 };

static int help_wanted, version_wanted;

static const struct hmm_option common[] = {
    HMM_OPTION_FLAG('q', "quiet", &hmm_quiet, "say nothing but errors and warnings", HMM_UNNOTED),
    HMM_OPTION_FLAG('h', "help", &help_wanted, "print this help", HMM_UNNOTED),
    HMM_OPTION_FLAG('V', "version", &version_wanted, "print the version", HMM_UNNOTED),
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
	const char letter[] = {'-', option->letter, ',', ' ', '\0'};
	const int width = printf("  %s--%s%s%s", option->letter ? letter : "    ", option->name,
	    option->argument ? " " : "", option->argument ? option->argument : "");
	printf("%*s %s\n", width < 34 ? 34 - width : 0, "", option->help);
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

int
hmm_option_place(const char *words, const char *word)
{
	const size_t length = strlen(word);
	for (int place = 0; *words; place++) {
		const size_t span = strcspn(words, "|");
		if (span == length && !strncmp(words, word, span))
			return place;
		words += span + (words[span] == '|');
	}
	return HMM_UNSET;
}

const char *
hmm_option_word(char *word, size_t size, const char *words, int place)
{
	for (; place > 0; place--)
		words = strchr(words, '|') + 1;
	snprintf(word, size, "%.*s", (int)strcspn(words, "|"), words);
	return word;
}

/* A number of bytes, with a letter behind it or not; -1 where it is none. */
static long
parse_bytes(const char *text)
{
	static const char units[] = "KMGT";
	char *end;
	errno = 0;
	long bytes = strtol(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;
	if (errno || end == text || end[unit != NULL] || bytes < 0)
		return -1;
	for (long i = 0; unit && i <= unit - units; i++)
		if (__builtin_mul_overflow(bytes, 1024, &bytes))
			return -1;
	return bytes;
}

static void
add_text(struct hmm_option_list *list, const char *text)
{
	void *texts = list->text;
	if (hmm_grow(&texts, &list->capacity, (list->count + 1) * sizeof(text)))
		exit(1);
	list->text = texts;
	list->text[list->count++] = text;
}

static void
set_value(const struct hmm_option *option, const char *text)
{
	char *end = NULL;
	errno = 0;
	switch (option->type) {
	case HMM_FLAG:
		*option->value.flag = 1;
		break;
	case HMM_COUNT:
		*option->value.count = strtol(text, &end, 10);
		if (errno || end == text || *end || *option->value.count < 0)
			hmm_option_misuse("--%s: found '%s', want a whole number", option->name, text);
		break;
	case HMM_BYTES:
		*option->value.count = parse_bytes(text);
		if (*option->value.count < 0)
			hmm_option_misuse("--%s: found '%s', want a number of bytes, such as 500M or 20G",
			    option->name, text);
		break;
	case HMM_NUMBER: {
		const double value = *option->value.number = strtod(text, &end);
		if (errno || end == text || *end || !isfinite(value) || value < 0)
			hmm_option_misuse("--%s: found '%s', want a number, 0 or more", option->name, text);
		break;
	}
	case HMM_CHOICE:
		*option->value.choice = hmm_option_place(option->argument, text);
		if (*option->value.choice == HMM_UNSET)
			hmm_option_misuse("--%s: found '%s', want %s", option->name, text, option->argument);
		break;
	case HMM_TEXT:
		*option->value.text = text;
		break;
	case HMM_LIST:
		add_text(option->value.list, text);
		break;
	}
}

/* The tables of getopt_long(3); returns the number of entries in `all`. */
static size_t
getopt_tables(const struct hmm_usage *usage, const struct hmm_option **all, struct option *longs,
    char *shorts)
{
	size_t count = 0;
	*shorts++ = ':'; /* tell a missing value from an unknown option */
	assert(usage->count + HMM_COUNT_OF(common) <= MAX_OPTIONS);
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

/* Its place in `all`, or -1. */
static int
find_option(const struct hmm_option **all, size_t count, int got)
{
	if (got >= FIRST_LONG)
		return got - FIRST_LONG;
	for (size_t i = 0; i < count; i++)
		if (all[i]->letter == got)
			return (int)i;
	return -1;
}

/* What getopt_long(3) did not take: `got` is '?' or ':', `word` the last argument that it left. */
static void
refuse(const struct hmm_option **all, size_t count, int got, const char *word)
{
	const int place = optopt ? find_option(all, count, optopt) : -1;
	const struct hmm_option *option = place < 0 ? NULL : all[place];
	if (got == ':' && option)
		hmm_option_misuse("--%s: no value, want %s", option->name, option->argument);
	if (option)
		hmm_option_misuse("--%s takes no value", option->name);
	if (optopt)
		hmm_option_misuse("unknown option '-%c'", optopt);
	hmm_option_misuse("unknown option '%s'", word);
}

static int is_given[MAX_OPTIONS]; /* how often, by the place in the program's table */

/* once: 1: a value that is given twice is an error. */
static int
parse(int argc, char **argv, const struct hmm_usage *usage, int once)
{
	const struct hmm_option *all[MAX_OPTIONS];
	struct option longs[MAX_OPTIONS + 1];
	char shorts[2 * MAX_OPTIONS + 2];
	memset(is_given, 0, sizeof(is_given));

	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	hmm_program = slash ? slash + 1 : argc > 0 ? argv[0] : "hmm";
	const size_t count = getopt_tables(usage, all, longs, shorts);
	opterr = 0;
	for (int got; (got = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
		if (got == '?' || got == ':')
			refuse(all, count, got, argv[optind - 1]);
		const int place = find_option(all, count, got);
		if (is_given[place]++ && once && all[place]->type != HMM_FLAG &&
		    all[place]->type != HMM_LIST)
			hmm_option_misuse("--%s is given twice, want it once", all[place]->name);
		set_value(all[place], optarg);
		if (!help_wanted && !version_wanted)
			continue;
		if (help_wanted)
			print_help(usage);
		else
			printf("%s %s (numerics %s)\n", hmm_program, HMM_VERSION, HMM_NUMERICS);
		if (fflush(stdout))
			exit(hmm_error("standard output: cannot write: %s", strerror(errno)) ? 1 : 0);
		exit(0);
	}
	if (hmm_cpu_choose())
		exit(1);
	return optind;
}

int
hmm_option_parse(int argc, char **argv, const struct hmm_usage *usage)
{
	return parse(argc, argv, usage, 0);
}

int
hmm_option_parse_once(int argc, char **argv, const struct hmm_usage *usage)
{
	return parse(argc, argv, usage, 1);
}

void
hmm_option_idle(const struct hmm_usage *usage, const char *names, const char *where)
{
	for (size_t i = 0; i < usage->count; i++)
		if (is_given[i] && hmm_option_place(names, usage->options[i].name) != HMM_UNSET)
			hmm_option_misuse("--%s does nothing %s", usage->options[i].name, where);
}

const struct hmm_option *
hmm_option_find(const struct hmm_usage *usage, const char *name)
{
	for (size_t i = 0; i < usage->count; i++)
		if (!strcmp(usage->options[i].name, name))
			return &usage->options[i];
	return NULL;
}

const char *
hmm_option_value(char *text, size_t size, const struct hmm_option *option)
{
	switch (option->type) {
	case HMM_FLAG:
		return *option->value.flag ? "yes" : "no";
	case HMM_COUNT:
	case HMM_BYTES:
		snprintf(text, size, "%ld", *option->value.count);
		return *option->value.count == HMM_UNSET ? NULL : text;
	case HMM_NUMBER:
		snprintf(text, size, "%.9g", *option->value.number);
		return *option->value.number < 0 ? NULL : text;
	case HMM_TEXT:
		return *option->value.text;
	case HMM_LIST:
		return option->value.list->count ? option->value.list->text[0] : NULL;
	case HMM_CHOICE:
		return *option->value.choice == HMM_UNSET
		           ? NULL
		           : hmm_option_word(text, size, option->argument, *option->value.choice);
	}
	return NULL;
}

int
hmm_option_history(
    char *text, size_t size, const struct hmm_usage *usage, enum hmm_option_note note)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < usage->count; i++) {
		const struct hmm_option *option = &usage->options[i];
		const int is_flag = option->type == HMM_FLAG;
		char own[64];
		const char *value = hmm_option_value(own, sizeof(own), option);
		if (option->note != note || !value || (is_flag && !*option->value.flag))
			continue;
		const int length = snprintf(text + used, size - used, "%s%s%s%s", used ? " " : "",
		    option->name, is_flag ? "" : "=", is_flag ? "" : value);
		if (length < 0 || (size_t)length >= size - used)
			return hmm_error("--%s: too long for the history", option->name);
		used += (size_t)length;
	}
	return 0;
}
