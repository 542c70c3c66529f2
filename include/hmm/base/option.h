/* Command-line options: one table drives the parser, --help, the history that
 * streams carry, and the check of the man page. */
#ifndef HMM_OPTION_H
#define HMM_OPTION_H

#include <stddef.h>

enum hmm_option_type { HMM_FLAG, HMM_COUNT, HMM_BYTES, HMM_NUMBER, HMM_TEXT, HMM_LIST, HMM_CHOICE };

/* The values of an option that may be given again, in their order. */
struct hmm_option_list { /* zeroes: none */
	const char **text;   /* [count] */
	size_t count;
	size_t capacity; /* private: bytes */
};

/* Whether an option is part of what made the data, and so written into its history; and whether
 * it decides its numbers, so that a model takes only data that was made with the same. */
enum hmm_option_note { HMM_UNNOTED, HMM_NOTED, HMM_BINDING };

struct hmm_option {
	char letter; /* 0: long name only */
	const char *name;
	enum hmm_option_type type;
	union {
		int *flag;
		long *count;
		double *number;
		const char **text;
		struct hmm_option_list *list;
		int *choice;
	} value;              /* where it goes; the default stands there before parsing */
	const char *argument; /* its placeholder in --help; the words of a choice */
	const char *help;
	enum hmm_option_note note;
};

/* The rows of a table of options; a variable of another type does not compile.
 *
 *   FLAG    int, set to 1
 *   COUNT   long: a whole number, 0 or more
 *   BYTES   long: likewise, with K, M, G or T behind it a power of 1024 as many
 *   NUMBER  double: finite, 0 or more
 *   TEXT    const char *
 *   LIST    struct hmm_option_list: a text each time it is given
 *   CHOICE  an enum, or int where HMM_UNSET is among its values: the place of the word in
 *           `words`, which '|' divides, from 0 on */
#define HMM_OPTION_FLAG(letter, name, variable, help, note)                                        \
	{                                                                                              \
		letter, name, HMM_FLAG, {.flag = (variable)}, NULL, help, note                             \
	}
#define HMM_OPTION_COUNT(letter, name, variable, argument, help, note)                             \
	{                                                                                              \
		letter, name, HMM_COUNT, {.count = (variable)}, argument, help, note                       \
	}
#define HMM_OPTION_BYTES(letter, name, variable, argument, help, note)                             \
	{                                                                                              \
		letter, name, HMM_BYTES, {.count = (variable)}, argument, help, note                       \
	}
#define HMM_OPTION_NUMBER(letter, name, variable, argument, help, note)                            \
	{                                                                                              \
		letter, name, HMM_NUMBER, {.number = (variable)}, argument, help, note                     \
	}
#define HMM_OPTION_TEXT(letter, name, variable, argument, help, note)                              \
	{                                                                                              \
		letter, name, HMM_TEXT, {.text = (variable)}, argument, help, note                         \
	}
#define HMM_OPTION_LIST(letter, name, variable, argument, help, note)                              \
	{                                                                                              \
		letter, name, HMM_LIST, {.list = (variable)}, argument, help, note                         \
	}
#define HMM_OPTION_CHOICE(letter, name, variable, words, help, note)                               \
	{                                                                                              \
		letter, name, HMM_CHOICE,                                                                  \
		    {.choice = _Generic(*(variable), int                                                   \
		                        : (void *)(variable), unsigned                                     \
		                        : (void *)(variable))},                                            \
		    words, help, note                                                                      \
	}

/* A choice that was not made, and a count or number that was not given. */
enum { HMM_UNSET = -1 };

/* The place of a word among `words`, or HMM_UNSET; and the word of a place. */
int hmm_option_place(const char *words, const char *word);
const char *hmm_option_word(char *word, size_t size, const char *words, int place);

struct hmm_usage {
	const char *synopsis; /* what follows the program's name */
	const char *summary;  /* one sentence */
	const struct hmm_option *options;
	size_t count;
};

/* Length of a table defined as an array. */
#define HMM_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Parse argv (options and operands may mix; "--" ends the options), give every
 * program its -q, -h and -V, and return the index of the first operand in argv.
 * Then choose the processor's kernels (cpu.h).
 * This and hmm_option_misuse() alone end the program: 0 after --help and
 * --version, 1 after a wrong HMM_CPU or without memory, 2 after a usage error. */
int hmm_option_parse(int argc, char **argv, const struct hmm_usage *usage);

/* The same for a program whose options have no defaults that a script writes before a user's own:
 * a value that is given twice is an error but in a list. Elsewhere the last one counts. */
int hmm_option_parse_once(int argc, char **argv, const struct hmm_usage *usage);

/* Report a wrong use of the program and end it with status 2. */
void hmm_option_misuse(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* After the parser: that one of these options ("seed|folds") was given is a misuse, since `where`,
 * such as "without --train", nothing looks at it. */
void hmm_option_idle(const struct hmm_usage *usage, const char *names, const char *where);

/* The option of that name; NULL: there is none. */
const struct hmm_option *hmm_option_find(const struct hmm_usage *usage, const char *name);

/* An option's value: `text`, or its own ("yes" or "no" of a flag, the first of a list); NULL where
 * it has none. */
const char *hmm_option_value(char *text, size_t size, const struct hmm_option *option);

/* "name=value ..." of the options that are noted so, as they stand now, in the table's
 * order. What is not set is left out. 0, or -1 reported when it does not fit. */
int hmm_option_history(
    char *text, size_t size, const struct hmm_usage *usage, enum hmm_option_note note);

#endif
