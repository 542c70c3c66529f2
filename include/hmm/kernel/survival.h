/* Metrics of a time to an event, some of which nobody saw (censored).
 *
 * A pair says something where the earlier is an event, at equal times where the other is censored;
 * two events at one time say nothing. Harrell's C is the share of these in which the earlier has
 * the higher risk, equal risks counting half; in Uno's (Statistics in Medicine 2011) a pair counts
 * 1/G(t-)^2 of the earlier's time t, which is at most tau. G is the Kaplan-Meier curve of being
 * uncensored in the measured rows, at ties events before the censored.
 *
 * The Brier score at t is the mean of S(t)^2/G(t_i-) over events up to t and of (1 - S(t))^2/G(t)
 * over those who live on, 0 for those censored before (Graf et al., Statistics in Medicine 1999).
 * What is predicted is a step function: S is 1 before the first of the times, and stays what it is
 * from each to the next. The integrated one is its mean from 0 to tau, to the last of the times
 * or to that of the last row, whichever is earliest: exactly, as all of it is steps. */
#ifndef HMM_SURVIVAL_H
#define HMM_SURVIVAL_H

#include "hmm/kernel/outcome.h"

/* How many numbers of scratch measuring `count` rows wants. */
size_t hmm_survival_scratch(const struct hmm_outcomes *outcomes, size_t count);

/* The predicted share without the event at a time. */
double hmm_survival_at(const double *predicted, const struct hmm_outcomes *outcomes, double time);

/* The Kaplan-Meier estimate at a time of rows sorted by their time, which is their score; their
 * label is the event. */
double hmm_survival_kaplan_meier(const struct hmm_scored *sorted, size_t count, double time);

/* Measure such rows; predicted are the risk and the survivals at the times. */
void hmm_survival_measure(double *values, const struct hmm_scored *sorted, size_t count,
    const struct hmm_measuring *measuring);

#endif
