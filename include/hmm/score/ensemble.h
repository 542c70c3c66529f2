/* The predictions of several models as one's: the mean of their logits (of the averages of
 * probabilities, logits and votes the one that a calibrator can follow). */
#ifndef HMM_ENSEMBLE_H
#define HMM_ENSEMBLE_H

#include "hmm/data/predictions.h"

struct hmm_ensemble { /* zeroes: none */
	struct hmm_predictions predictions;
	char *text; /* private: of its columns logit and probability */
};

/* Read every row of paths[count], a member each, which must have the same rows: a subject, split,
 * modalities and label each; the order does not matter. Of one member it is that. 0, or -1
 * reported; close it in either case. */
int hmm_ensemble_open(struct hmm_ensemble *ensemble, char *const *paths, size_t count);
void hmm_ensemble_close(struct hmm_ensemble *ensemble);

#endif
