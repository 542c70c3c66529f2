/* Confidence intervals; `level` is the share of them that is to hold the truth, such as .95. */
#ifndef HMM_INTERVAL_H
#define HMM_INTERVAL_H

#include <stddef.h>

struct hmm_interval {
	double low, high; /* both NaN: there is none */
};

/* Of a proportion, `part` of `whole` independent rows (Wilson, JASA 1927); none of no rows. */
struct hmm_interval hmm_interval_wilson(size_t part, size_t whole, double level);

/* Of what is normal with this variance, or whose variance has these degrees of freedom (INFINITY:
 * it is known); none where anything is NaN. */
struct hmm_interval hmm_interval_normal(double value, double variance, double level);
struct hmm_interval hmm_interval_student(
    double value, double variance, double freedom, double level);

/* Likewise of an area, on the scale of its logit; none where it is 0 or 1, which has no logit. */
struct hmm_interval hmm_interval_area(double area, double variance, double level);
struct hmm_interval hmm_interval_area_student(
    double area, double variance, double freedom, double level);

/* Of the mean of two independent values by the interval of each (Zou and Donner, Statistics in
 * Medicine 2008): balanced accuracy, of the recalls of both labels and Wilson's intervals. None
 * where one has none. */
struct hmm_interval hmm_interval_mean(const double value[2], const struct hmm_interval of[2]);

/* The share of the replicates to leave out at either end, so that a percentile bootstrap of `count`
 * independent units (of groups, not of their rows) is as wide as an interval of Student's t with
 * the variance's n - 1 (expanded percentile; Hesterberg, The American Statistician 2015). NaN of
 * fewer than two. */
double hmm_interval_expanded(size_t count, double level);

/* The two-sided p of the same test: where `share` of the replicates lies at or beyond the
 * hypothesis, on the side that has less. At most 1. */
double hmm_interval_expanded_p(size_t count, double share);

#endif
