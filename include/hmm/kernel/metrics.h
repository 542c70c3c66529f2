/* Metrics of binary classification, by scikit-learn's definitions: positive iff
 * the score exceeds the threshold; precision, recall and F1 with a zero
 * denominator are 0; what needs both classes is NaN without them. */
#ifndef HMM_METRICS_H
#define HMM_METRICS_H

#include <stddef.h>

struct hmm_scored {
	double score;  /* a probability, or for the AUC alone any number */
	int label;     /* 0, 1 */
	double weight; /* how often it counts: 1, or a bootstrap's multiplicity */
	size_t group;  /* the caller's */
};

enum hmm_metric {
	HMM_ACC,
	HMM_AUC,      /* Mann-Whitney, ties half */
	HMM_AUC_HARD, /* of the thresholded predictions: balanced accuracy */
	HMM_F1,
	HMM_PRECISION,
	HMM_RECALL,
	HMM_BRIER,
	HMM_METRICS
};

extern const char *const hmm_metric_names[HMM_METRICS]; /* "acc", ... */

/* Order by score, ascending, which the functions below want; ties by label and
 * group, so that no sum depends on the order of the rows. */
void hmm_metrics_sort(struct hmm_scored *scored, size_t count);

/* Whether a score is NaN: then all that is made of them is. */
int hmm_metrics_lost(const struct hmm_scored *scored, size_t count);

/* The area under the ROC curve of sorted scores. */
double hmm_metrics_auc(const struct hmm_scored *sorted, size_t count);

/* All metrics of sorted probabilities. */
void hmm_metrics_all(
    double values[HMM_METRICS], const struct hmm_scored *sorted, size_t count, double threshold);

#endif
