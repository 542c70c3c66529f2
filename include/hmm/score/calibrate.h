/* A table of predictions with calibrated probabilities and sets of labels. */
#ifndef HMM_CALIBRATE_H
#define HMM_CALIBRATE_H

#include <stdio.h>

#include "hmm/score/calibrators.h"
#include "hmm/score/sets.h"

struct hmm_calibrate_options {
	enum hmm_calibrator_method method;
	int each; /* 1: a map for each pattern */
	struct hmm_sets_options sets;
	uint64_t seed;
	const struct hmm_predictions *on; /* learn from these instead; NULL: from the table itself */
	double threshold; /* of the probability, above which a row is predicted 1; NaN: none */
};

/* Calibrate each run by itself, on split cal, or where there is none on val with a warning, and
 * write the rows of whole sets as they stood, with the columns calibrated, set, set_by and, of a
 * threshold, predicted; what the
 * sets hold to `report`, unless it is NULL. Every row must have been read. 0, or -1 reported; of
 * writing, errors stay in the FILEs for hmm_output_finish(). */
int hmm_calibrate_write(FILE *file, FILE *report, struct hmm_predictions *predictions,
    const struct hmm_calibrate_options *options);

#endif
