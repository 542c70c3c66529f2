/* Command-line options: one table drives the parser, --help, the history that
 * streams carry, and the check of the man page. */
#ifndef HMM_OPTION_H
#define HMM_OPTION_H

#include <stddef.h>

enum hmm_option_type {
	HMM_FLAG,   /* int: set to 1 */
	HMM_COUNT,  /* long: a whole number, 0 or more */
	HMM_NUMBER, /* double: finite, 0 or more */
	HMM_STRING, /* const char * */
	HMM_CHOICE, /* const char *: one of the words in `argument`, split by '|' */
};

struct hmm_option {
	char letter; /* 0: long name only */
	const char *name;
	enum hmm_option_type type;
	void *value;          /* where it goes; the default stands there before parsing */
	const char *argument; /* its placeholder in --help; the words of a choice */
	const char *help;
	int history; /* 1: part of what made the data, so written into its history */
};

struct hmm_usage {
	const char *synopsis; /* what follows the program's name */
	const char *summary;  /* one sentence */
	const struct hmm_option *options;
	size_t count;
};

/* Length of a table defined as an array. */
#define HMM_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* -q: no progress. */
extern int hmm_quiet;

/* Parse argv (options and operands may mix; "--" ends the options), give every
 * program its -q, -h and -V, and return the index of the first operand in argv.
 * This is the one library function that ends the program: 0 after --help and
 * --version, 2 after a usage error. */
int hmm_option_parse(int argc, char **argv, const struct hmm_usage *usage);

/* Report a wrong use of the program and end it with status 2. */
void hmm_option_misuse(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* "name=value ..." of the options that matter to the data, as they stand now,
 * in the table's order. Unset strings and flags are left out. */
void hmm_option_history(char *text, size_t size, const struct hmm_usage *usage);

#endif
