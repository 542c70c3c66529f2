/* Curves of targets but the binary one. */
#ifndef HMM_CURVES_H
#define HMM_CURVES_H

#include "hmm/kernel/calibration.h"
#include "hmm/score/scores.h"

/* The context of those who write a curve. */
struct hmm_curve_writing {
	FILE *file;
	enum hmm_curve curve;
	int begun; /* 1: the header stands there */
};

/* What every line of bins begins with. */
struct hmm_curve_line {
	const struct hmm_scoring_part *part;
	const char *name; /* the first cell; NULL: none */
	int pooled;
};

/* A line a bin of sorted rows, of which a row of a label counts share[label]; with intervals. */
void hmm_curve_write_bins(FILE *file, const struct hmm_curve_line *line,
    const struct hmm_scored *sorted, size_t count, const double share[2], int intervals);

/* See hmm_scoring_visit: the bins of each class, the quarters at each time, and the classes by what
 * they are called. */
int hmm_curve_classes(const struct hmm_scoring_part *part, void *context);
int hmm_curve_quarters(const struct hmm_scoring_part *part, void *context);
int hmm_curve_confusion(const struct hmm_scoring_part *part, void *context);

#endif
