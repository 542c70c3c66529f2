/* From which probability on a row is predicted positive: a number, or one that the rows of another
 * split choose. */
#ifndef HMM_THRESHOLD_H
#define HMM_THRESHOLD_H

#include "hmm/score/system.h"

enum hmm_threshold_rule {
	HMM_THRESHOLD_FIXED,
	HMM_THRESHOLD_YOUDEN,     /* the most sensitivity + specificity */
	HMM_THRESHOLD_F1,         /* the highest F1 */
	HMM_THRESHOLD_SENSITIVITY /* the highest with at least this sensitivity */
};

struct hmm_threshold {
	enum hmm_threshold_rule rule;
	double value; /* the number, or the sensitivity */
};

/* Read "0.3", "youden", "f1" or "sensitivity=0.9". 0, or -1 (not reported). */
int hmm_threshold_read(struct hmm_threshold *threshold, const char *text);

/* The best of 0, 1 and what lies midway between neighbouring scores, of sorted rows; where several
 * are as good the one with the higher sensitivity, and of these the lowest. */
double hmm_threshold_best(
    const struct hmm_threshold *threshold, const struct hmm_scored *sorted, size_t count);

/* The thresholds of each run. */
struct hmm_thresholds { /* zeroes: 0 for all */
	double fixed;       /* where there are no runs */
	const char **run;   /* [runs], ascending: the table's */
	double *value;      /* [runs] */
	size_t runs;
};

/* Choose them on split cal, else on val with a warning, and say what they are and of how many rows
 * they come. 0, or -1 reported; close them in either case. */
int hmm_thresholds_open(struct hmm_thresholds *thresholds, const struct hmm_threshold *threshold,
    const struct hmm_predictions *predictions);
void hmm_thresholds_close(struct hmm_thresholds *thresholds);

/* Call the rows of a system that was just opened from these predictions. 0, or -1 reported: a run
 * has no threshold. */
int hmm_thresholds_call(const struct hmm_thresholds *thresholds, struct hmm_system *system,
    const struct hmm_prediction *prediction, const char *name);

#endif
