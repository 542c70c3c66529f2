/* The power of a two-sided test at .05 of a difference that is normal with a known standard error.
 * NaN where anything is, or an error is below 0. */
#ifndef HMM_POWER_H
#define HMM_POWER_H

/* The chance that a true difference is found. */
double hmm_power_of(double difference, double error);

/* The least difference that is found with that chance, above .05. */
double hmm_power_difference(double error, double power);

/* How many units find a difference with that chance, whole ones, if the error is one of `count`
 * units and falls with the root of their number; INFINITY: none do. */
double hmm_power_count(double count, double error, double difference, double power);

#endif
