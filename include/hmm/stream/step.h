/* The history of a stream: an entry a program that its data went through. */
#ifndef HMM_STEP_H
#define HMM_STEP_H

#include <stddef.h>

#include "hmm/base/hash.h"
#include "hmm/base/option.h"

/* What one program did; an empty string is an absent field. One that has neither numerics nor
 * options nor weights passed its data on as they were. */
struct hmm_step {
	char program[64];
	char version[64];
	char numerics[16];  /* HMM_NUMERICS: what decides its numbers, see hmm/base/version.h */
	char options[1024]; /* those that decide numbers too, see hmm_option_history() */
	char notes[1024];   /* and those that are only to be known */
	char weights[HMM_HASH_SIZE]; /* SHA-256 of those it used */
};

/* The program whose weights are a generator: images that went through it are imputed. */
#define HMM_STEP_IMPUTES "hmm-gan"

/* The fields of an entry by their keys in streams and JSON, in this order. */
enum { HMM_STEP_FIELDS = 6 };
struct hmm_step_field {
	const char *key;
	char *text;
	size_t size;
};
void hmm_step_fields(struct hmm_step_field fields[HMM_STEP_FIELDS], struct hmm_step *step);

/* The value of an option of the entry, which may have blanks, up to the next one that has a value.
 * 1, or 0 where there is none or it does not fit. */
int hmm_step_option(char *value, size_t size, const struct hmm_step *step, const char *name);

/* Whether a modality can stand in an entry: it has a name, and the entry's option gives that very
 * name back. NULL: there is none, which is right. 0, or -1 reported. */
int hmm_step_holds(const struct hmm_step *step, const char *option, const char *modality);

/* The entry that this program writes with the options as they stand now (NULL: none) and weights
 * of that digest (NULL: none). 0, or -1 reported: what does not fit is not cut. */
int hmm_step_make(struct hmm_step *step, const struct hmm_usage *usage, const char *weights);

/* A row for the table of options of every program that writes streams. */
#define HMM_OPTION_SHOW_HISTORY                                                                    \
	HMM_OPTION_FLAG(0, "show-history", &hmm_show_history,                                          \
	    "print the entry it would add to the history, no more", HMM_UNNOTED)
extern int hmm_show_history;

/* Read an entry of that program from its JSON, as hmm_json_step() prints it. 0, or -1 reported. */
int hmm_step_parse(struct hmm_step *step, const char *json, const char *program);
/* The same, reported with its place, as "file: line 3". */
int hmm_step_parse_at(
    struct hmm_step *step, const char *json, const char *program, const char *place);

#endif
