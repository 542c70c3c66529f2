/* What is known of a label from the pattern of modalities alone. */
#ifndef HMM_PRESENCE_H
#define HMM_PRESENCE_H

#include "hmm/base/random.h"
#include "hmm/score/patients.h"
#include "spread.h"

/* Of every subject's own pattern S score[count]: the share (n1 + pi) / (n + 1) of label 1 among the
 * training subjects of that pattern, where pi is the share among all. NaN without any. */
void hmm_presence_table(double *score, const struct hmm_patients *cohort, size_t *scratch);
enum { HMM_PRESENCE_SCRATCH = 2 << HMM_PATIENTS_MODALITIES };

/* And the logit of a logistic regression on indicators of the modalities, whose coefficients have a
 * ridge of 1 but the intercept. NaN without both labels in training. 0, or -1 reported. */
int hmm_presence_logistic(double *score, const struct hmm_patients *cohort);

/* The share of `permutations` of the labels that reach the AUC of these rows, all of which weigh
 * the same, itself among them: (1 + #) / (1 + permutations). NaN without an AUC; -1, reported. */
double hmm_presence_p(struct hmm_spread *spread, size_t permutations, struct hmm_place place);

#endif
