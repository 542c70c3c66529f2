/* What a model would say of a subject of which it knows nothing: the logit of the prevalence that
 * it was trained on. Of the empty set neither a mean nor a maximum is defined. */
#ifndef HMM_PRIOR_H
#define HMM_PRIOR_H

#include "hmm/learn/model.h"

#define HMM_PRIOR_KEY "prevalence" /* in the metadata */

/* The share of label 1 among the labelled subjects of split train, their full sets, as the weights
 * of the loss have it: a half where classes count alike. How many pairs of metadata it makes: 1, or
 * 0 where there is one label alone, whose logit is infinite, or another target. */
enum { HMM_PRIOR_TEXT = 32 };
size_t hmm_prior_note(char text[HMM_PRIOR_TEXT], const struct hmm_dataset *data,
    const struct hmm_objective *objective, int balanced);

/* The logit of what stands in the model's metadata. 0, or -1 reported: nothing does, or no number
 * between 0 and 1. */
int hmm_prior_read(double *logit, const struct hmm_model *model);

#endif
