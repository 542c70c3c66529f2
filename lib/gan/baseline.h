/* What has no network. An imputation must beat the mean image of a slice's index and the best table
 * from intensity to intensity; a control passes real slices through a generator's size. */
#ifndef BASELINE_H
#define BASELINE_H

#include "hmm/gan/examples.h"
#include "hmm/gan/imputer.h"

/* Learn it from pairs (of a resize: write down its side), and write the file. 0, or -1 reported. */
int baseline_learn(enum hmm_imputer_kind kind, long size, const struct hmm_examples *examples,
    const struct hmm_model_facts *facts, struct hmm_output *output);

#endif
