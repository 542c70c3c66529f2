/* How often sets of labels hold the true one. */
#ifndef HMM_COVERAGE_H
#define HMM_COVERAGE_H

#include <stdio.h>

#include "hmm/score/sets.h"

/* What became of a prediction. */
struct hmm_calibrated {
	double probability;
	int set; /* the labels of hmm_conformal_set(); -1: none was made */
};

/* Write the header, and the lines of count predictions of one run and split: for all patterns and
 * for each, for both labels together and each, how many sets there are and hold the true label,
 * with a Wilson interval where each is of another patient. 0, or -1 reported; of writing, errors
 * stay in the FILE for hmm_output_finish(). */
void hmm_coverage_write_header(FILE *file);
int hmm_coverage_write(FILE *file, const struct hmm_prediction *prediction,
    const struct hmm_calibrated *calibrated, const size_t *pattern, size_t count,
    const struct hmm_patterns *patterns, const struct hmm_set_rule *rule);

/* The word of a rule, as in tables and options. */
const char *hmm_coverage_word(enum hmm_sets_by by);

#endif
