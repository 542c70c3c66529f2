/* The patients of one split: what each of them has, and what a model says of every subset of it. */
#ifndef HMM_PATIENTS_H
#define HMM_PATIENTS_H

#include <stdint.h>

#include "hmm/data/names.h"
#include "hmm/data/predictions.h"

enum { HMM_PATIENTS_MODALITIES = 16 };

/* Modalities are bits, by their names' order. */
struct hmm_patients_subject {
	const char *name; /* the table's */
	size_t group;
	int label;
	unsigned own;          /* what it has */
	double logit;          /* of all it has */
	const double *subsets; /* [2^modalities]: at hmm_patients_place(); NULL where there are none */
	int drawn;             /* 1: of its group this one counts where rows must be independent */
};

struct hmm_patients {
	struct hmm_names modalities;
	struct hmm_patients_subject *subject; /* [count], group by group */
	size_t count, groups;                 /* groups: their numbers are below it */
	int subsets;                          /* 1: every subject has its subsets' logits */
	struct hmm_patients_pattern {
		unsigned own;
		int label;
	} * train; /* [trained]: of the split that presence is learned from */
	size_t trained;
	double *logit; /* owns all subsets */
};

/* Where one subset of what a subject has stands. */
size_t hmm_patients_place(unsigned own, unsigned subset);

/* The logit from a subset, not empty, of what a subject has. */
double hmm_patients_logit(const struct hmm_patients_subject *subject, unsigned subset);

/* Take the rows of `split`, and the patterns of the whole sets of `from`, of one run (NULL: there
 * is no other). Without a row of `from` there is a warning; a group that is checked too is left out
 * of these patterns, with a warning. Errors are: the same split twice; several runs; a subject with
 * some of its subsets, one without where others have them, or one that stands there twice;
 * something imputed, which is there for everybody; a logit that is not finite; more modalities than
 * fit. 0, or -1 reported; close it in either case, and before the predictions. */
int hmm_patients_open(struct hmm_patients *cohort, const struct hmm_predictions *predictions,
    const char *split, const char *from, const char *run, uint64_t seed);
void hmm_patients_close(struct hmm_patients *cohort);

/* Draw one subject of each group, by the seed and the group's name (NULL: its number). */
void hmm_patients_draw(struct hmm_patients *cohort, const char *const *groups, uint64_t seed);

#endif
