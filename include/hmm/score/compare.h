/* Two systems' predictions of the same rows: is one better? */
#ifndef HMM_COMPARE_H
#define HMM_COMPARE_H

#include "hmm/score/score.h"

enum hmm_test {
	HMM_TEST_NONE,
	HMM_TEST_BOOTSTRAP,
	HMM_TEST_DELONG,
	HMM_TEST_MCNEMAR,
	HMM_TEST_OBUCHOWSKI
};
extern const char *const hmm_test_names[]; /* "n/a", "bootstrap", ... */

struct hmm_compared {
	double value, other, difference; /* NaN: undefined, here and below */
	double low, high;                /* 95 % interval of the difference */
	enum hmm_test test;
	double p;
	double least; /* p that the bootstrap could have given; NaN: of another test */
};

/* Whether each of them has a test: of counts and of what is fitted there is none. NULL, or what is
 * wrong, in words (not reported). */
const char *hmm_compare_check(const struct hmm_measures *measures);

/* Compare every metric of `system` and `other`, in which row i is the same subject,
 * label, group and run; both are sorted in place, and their scores end as decisions.
 * In one run the two areas are tested by DeLong, or by Obuchowski where a group has two rows, with
 * the interval that belongs to it; auc_hard and balanced_accuracy, an area of two scores, with
 * Student's t of the groups less one. Without any such group the p of the accuracy is McNemar's
 * exact one. All else is the paired bootstrap of whole groups with expanded percentiles, see
 * hmm_bootstrap_open(); of counts and of what is fitted there is none. 0, or -1 reported. */
int hmm_compare_run(struct hmm_compared *compared, struct hmm_system *system,
    struct hmm_system *other, size_t groups, const struct hmm_scores_of *of);

#endif
