/* The normal and Student's t distribution, and their quantiles, to 12 digits; Student's to 11 with
 * a million degrees of freedom. */
#ifndef HMM_DISTRIBUTION_H
#define HMM_DISTRIBUTION_H

/* The chance of at most z, accurate in the lower tail too. */
double hmm_distribution_normal(double z);

/* Its inverse: -inf at 0, inf at 1, NaN outside. */
double hmm_distribution_normal_quantile(double p);

/* Likewise with more than 0 degrees of freedom, the normal with infinitely many; NaN with others.
 */
double hmm_distribution_student(double t, double freedom);
double hmm_distribution_student_quantile(double p, double freedom);

#endif
