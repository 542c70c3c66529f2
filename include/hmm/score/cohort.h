/* Whom to calibrate on: the rows of one run and split that have a label, by the pattern of their
 * modalities, and one row a patient of them, so that rows are independent of each other. */
#ifndef HMM_COHORT_H
#define HMM_COHORT_H

#include <stdint.h>

#include "hmm/data/names.h"
#include "hmm/data/predictions.h"

struct hmm_patterns {
	struct hmm_names names; /* bytewise ascending; "n/a": rows that do not say what they have */
	size_t *of;             /* [predictions]: the number of each one's pattern */
};

/* 0, or -1 reported; close them in either case. */
int hmm_patterns_open(
    struct hmm_patterns *patterns, const struct hmm_prediction *prediction, size_t count);
void hmm_patterns_close(struct hmm_patterns *patterns);

/* Whether every modality of `part` is one of `whole`, both joined by '+'. */
int hmm_patterns_within(const char *part, const char *whole);

struct hmm_member {
	const struct hmm_prediction *row;
	size_t pattern;
};

struct hmm_cohort {
	struct hmm_member *member; /* [count]: pattern by pattern, group by group */
	size_t *start;             /* [patterns + 1] into member */
	struct hmm_member *whole;  /* [wholes]: the rows of whole sets, group by group */
	size_t count, wholes, patterns;
	/* private */
	size_t *sets;             /* [patterns]: how many rows are of whole sets */
	const char *const *group; /* the names */
	uint64_t seed;
};

/* Take the rows of that run and split; the predictions and `group`, the names of their groups, stay
 * until it is closed. 0, or -1 reported; close it in either case. */
int hmm_cohort_open(struct hmm_cohort *cohort, const struct hmm_prediction *prediction,
    size_t count, const char *const *group, const struct hmm_patterns *patterns, const char *run,
    const char *split, uint64_t seed);
void hmm_cohort_close(struct hmm_cohort *cohort);

/* Draw one row of every patient, by the seed and the group's name, into drawn[cohort->count], and
 * return how many: of whole sets; of those of one pattern; of these and of the subsets of that
 * pattern of those who have more. */
size_t hmm_cohort_draw_whole(struct hmm_member *drawn, const struct hmm_cohort *cohort);
size_t hmm_cohort_draw_own(
    struct hmm_member *drawn, const struct hmm_cohort *cohort, size_t pattern);
size_t hmm_cohort_draw_cut(
    struct hmm_member *drawn, const struct hmm_cohort *cohort, size_t pattern);

/* How many have more than that pattern and no row of it. */
size_t hmm_cohort_uncut(
    const struct hmm_cohort *cohort, const struct hmm_patterns *patterns, size_t pattern);

#endif
