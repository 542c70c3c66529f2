/* What goes missing not at random: with the probability sigma(intercept + gamma * value). */
#ifndef HMM_MECHANISM_H
#define HMM_MECHANISM_H

#include <stddef.h>

double hmm_mechanism_probability(double intercept, double gamma, double value);

/* The intercept from which on what drew `uniform`, in [0, 1), is lost. */
double hmm_mechanism_bar(double uniform, double gamma, double value);

/* The intercept at which `rate` of them are lost on average; infinite at 0 and 1. */
double hmm_mechanism_intercept(const double *value, size_t count, double gamma, double rate);

/* Give them a mean of 0 and a variance of 1 (over n). 0, or -1 (not reported): all are the same. */
int hmm_mechanism_standardise(double *value, size_t count);

#endif
