/* The predictions of one system, ready to be measured. */
#ifndef HMM_SYSTEM_H
#define HMM_SYSTEM_H

#include "hmm/kernel/metrics.h"
#include "hmm/data/predictions.h"

/* Runs are models of their own, whose scores do not compare: what is measured is
 * measured in each run, and the mean of these counts. */
struct hmm_system {
	struct hmm_scored *rows; /* [count], run after run */
	size_t count;
	size_t *end; /* [runs]: where the rows of each run end */
	size_t runs;
	size_t patterns;               /* of modalities; 0: unknown */
	struct hmm_outcomes *outcomes; /* of targets but the binary one, outcomes.h; else NULL */
};

/* Take the probabilities, logits and modalities of prediction[count], run after run, and all else
 * from like[count], the same rows. Nothing is called positive yet. 0, or -1 reported; close it in
 * either case. */
int hmm_system_open(struct hmm_system *system, const struct hmm_prediction *prediction,
    const struct hmm_prediction *like, size_t count);
void hmm_system_close(struct hmm_system *system);

/* 1 if no row depends on another: there is one run, and no group below `groups` has two rows. -1,
 * reported. */
int hmm_system_is_independent(const struct hmm_system *system, size_t groups);

/* Take each run's model to a population with this share of positives: its logits are shifted by
 * the difference of the logits of that share and of the share that the run's rows have. What was
 * called positive stays. A run with one label stays as it is. */
void hmm_system_shift(struct hmm_system *system, double prevalence);

/* Order each run as hmm_metrics_sort() does. */
void hmm_system_sort(struct hmm_system *system);

/* Make one run of all, sorted: rows of several models, as if one had made them. */
void hmm_system_pool(struct hmm_system *system);

/* From here on all rows of group g count weight[g] times, at first once. */
void hmm_system_weigh(struct hmm_system *system, const double *weight);

/* Measure sorted rows of one run into values; NaN: undefined. */
typedef void hmm_measure(
    double *values, const struct hmm_scored *sorted, size_t count, const void *context);

/* The standard deviation (n - 1) over the runs in which any row counts and a value is
 * defined, into values[statistics]; NaN where these are fewer than two. `scratch` holds four times
 * as many. */
void hmm_system_spread(double *values, const struct hmm_system *system, size_t statistics,
    hmm_measure *measure, const void *context, double *scratch);

/* The mean over the runs in which any row counts and a value is defined, into
 * values[statistics]; NaN without any, and where one is infinite. `scratch` holds twice as many. */
void hmm_system_measure(double *values, const struct hmm_system *system, size_t statistics,
    hmm_measure *measure, const void *context, double *scratch);

#endif
