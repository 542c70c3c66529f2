/* Sets of labels that hold the true one with a chosen chance, by split conformal prediction: the
 * score of a row is 1 less the probability of its label (Sadinle, Lei and Wasserman, JASA 2019),
 * and a set takes every label whose score is at most that of most rows to calibrate on. */
#ifndef HMM_CONFORMAL_H
#define HMM_CONFORMAL_H

#include <stddef.h>

/* Which labels a set holds. */
enum { HMM_CONFORMAL_NONE, HMM_CONFORMAL_0, HMM_CONFORMAL_1, HMM_CONFORMAL_BOTH };

struct hmm_conformal {
	double quantile[2]; /* by label; infinite: too few rows */
	size_t count[2];    /* rows of each label */
};

/* Which of n + 1 scores, counted from 1 in ascending order, has at least the share 1 - alpha of
 * them up to it: more than n where n rows are too few to say. `alpha` is between 0 and 1. */
size_t hmm_conformal_rank(size_t n, double alpha);

/* How many rows are enough to say. */
size_t hmm_conformal_least(double alpha);

/* Calibrate on probability[count] and label[count]: each label by the rows that have it, so that
 * the chance holds for both, or `together`, so that it holds on average. `scratch` holds `count`
 * numbers. */
void hmm_conformal_fit(struct hmm_conformal *conformal, const double *probability, const int *label,
    size_t count, double alpha, int together, double *scratch);

/* Whether there are rows enough, of each label or together as it was fitted. */
int hmm_conformal_enough(const struct hmm_conformal *conformal);

/* Which labels stand in the set of a row. All where there are not rows enough: that of one label
 * alone would say that the other had been looked at. */
int hmm_conformal_set(const struct hmm_conformal *conformal, double probability);

#endif
