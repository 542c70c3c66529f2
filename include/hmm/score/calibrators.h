/* The map of all patients' logits, and those of the patterns of modalities, drawn towards it. */
#ifndef HMM_CALIBRATORS_H
#define HMM_CALIBRATORS_H

#include "hmm/score/calibrator.h"

struct hmm_calibrators {
	struct hmm_calibrator all;
	struct hmm_calibrator *pattern; /* [patterns]: without rows of its own that of all */
	double ridge;                   /* infinite: every pattern's is that of all */
};

/* Fit them to one row a patient; with `each` patterns are not all the same, and their ridge is that
 * of 1, 5, 25 and infinity which has the least loss over five folds of the patients, dealt by the
 * seed and the groups' names. `place` says in messages of what. 0, or -1 reported; close them in
 * either case. */
int hmm_calibrators_open(struct hmm_calibrators *calibrators, const struct hmm_cohort *cohort,
    enum hmm_calibrator_method method, int each, const char *place);
void hmm_calibrators_close(struct hmm_calibrators *calibrators);

#endif
