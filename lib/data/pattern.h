/* Paths taken apart by a pattern, see hmm/folder.h for its rules. */
#ifndef HMM_PATTERN_H
#define HMM_PATTERN_H

#include <stddef.h>

enum hmm_field {
	HMM_FIELD_SUBJECT,
	HMM_FIELD_MODALITY,
	HMM_FIELD_GROUP,
	HMM_FIELD_LABEL,
	HMM_FIELD_STUDY,
	HMM_FIELD_ANY,
	HMM_FIELDS
};

struct hmm_match {
	const char *at[HMM_FIELDS]; /* into the path; NULL: not in the pattern */
	size_t length[HMM_FIELDS];
	long tries; /* left, before a pattern and a name are given up */
};

/* Which fields stand in a pattern, a bit each; -1, reported of the option: it cannot be used. */
int hmm_pattern_fields(const char *pattern, const char *option);

/* A template with the fields of a match in their places, to free(); NULL, reported. */
char *hmm_pattern_fill(const char *template, const struct hmm_match *match);

/* What "{name}" is, and the text behind it; -1: it is no field. */
int hmm_pattern_field(const char *pattern, const char **behind);

/* Whether the whole path fits. 1, 0, or -1 (not reported) when there are too many
 * ways to try. */
int hmm_pattern_match(struct hmm_match *match, const char *pattern, const char *path);

#endif
