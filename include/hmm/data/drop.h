/* Missing modalities made on purpose: which subjects lose one. */
#ifndef HMM_DROP_H
#define HMM_DROP_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/data/list.h"
#include "hmm/data/table.h"

/* Who or what loses a modality: a subject, or a line. */
struct hmm_drop_subject {
	const char *name; /* all differ */
	const char *split;
	int has, other; /* 1: has the modality; has something else */
	double value;   /* of the column `by`; the result: standardised */
	size_t *left;   /* of a line: how many its subject still has; NULL: `other` counts */
	size_t index;   /* the caller's */
	uint64_t key;   /* the order in which they lose it, */
	double bar;     /* and before it: the intercept from which on they do */
	int drop;       /* the result */
};

struct hmm_drop_options {
	const char *modality; /* the patterns as they were given */
	const char *splits;   /* only these, with commas; NULL: all */
	double rate;          /* 0 to 1 */
	const char *by;       /* what decides who loses it; NULL: nothing; "label" counts as it is */
	double gamma;         /* how much: of one standard deviation, of the label */
	uint64_t seed;
	uint32_t repeat;
	/* of hmm_drop_table() */
	struct hmm_list patterns; /* of fnmatch(3) */
	int label;                /* only from subjects of this one; -1: of any */
	int each;                 /* 1: each line on its own */
};

/* In each split choose round(rate * n) of the n subjects that have the modality,
 * halves up, but none that has nothing else; a warning says where these are too
 * few. The order depends on seed, repeat, modality and name alone, so a higher
 * rate drops the same subjects and more. With `by` each is lost with the probability
 * sigma(a + gamma * value) instead, one `a` for all splits, that makes `rate` of them go on
 * average; who goes is still the same and more at a higher rate, and hmm_say() tells how many
 * it was. Reorders the subjects. A listed split
 * that no subject is in, or no subject that has the modality, is an error. 0, or
 * -1 reported. */
int hmm_drop_choose(
    struct hmm_drop_subject *subjects, size_t count, const struct hmm_drop_options *options);

/* Which rows of a manifest stay: all but those of the modalities that fit a pattern, of
 * the subjects that lose them; or with `each` all but those of them that are lost. What is imputed
 * is no image that a subject has: it stays unless what it was imputed from goes. A pattern
 * that fits none is an error. 0, or -1 reported. */
int hmm_drop_table(
    char *keep, const struct hmm_table *table, const struct hmm_drop_options *options);

#endif
