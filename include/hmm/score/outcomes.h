/* What a system's rows have beside a score where the target is not binary. */
#ifndef HMM_OUTCOMES_H
#define HMM_OUTCOMES_H

#include "hmm/kernel/outcome.h"
#include "hmm/score/score.h"
#include "hmm/score/system.h"

/* Give the rows of a system that was just opened from prediction[count], of such predictions, their
 * outcomes; a score and a label by which they are sorted as they must be to be measured. `tau` is
 * the latest time that counts; NaN: that of the last event. The predictions stay until the system
 * is closed, which frees the outcomes. 0, or -1 reported. */
int hmm_outcomes_open(struct hmm_system *system, const struct hmm_predictions *predictions,
    const struct hmm_prediction *prediction, double tau);
void hmm_outcomes_close(struct hmm_outcomes *outcomes); /* legal on NULL */

/* Warn of what a reader of these numbers should know, as hmm_score_warn() does, and of what the
 * scores of the measures have no value. */
void hmm_outcomes_warn(const char *where, const struct hmm_predictions *predictions,
    const struct hmm_system *system, const struct hmm_measures *measures,
    const struct hmm_score *scores, int many);

#endif
