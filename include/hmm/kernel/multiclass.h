/* Metrics of several classes, by scikit-learn's definitions. A macro mean is over the classes that
 * have a row or are predicted, be it one that counts 0, and each of them that has nothing to divide
 * by is 0 in it; of balanced accuracy and the areas it is over those that have a row which counts.
 * A weighted one is by the rows of the classes. An area is that of one class against all others; of
 * one class alone there is none. The Brier score is the sum over the classes, 0 to 2; ece is that
 * of the largest probability and whether it is right. */
#ifndef HMM_MULTICLASS_H
#define HMM_MULTICLASS_H

#include "hmm/kernel/outcome.h"

/* The class of the largest of these probabilities, the first of those that are as large. */
size_t hmm_multiclass_top(const double *predicted, size_t classes);

/* How many numbers of scratch measuring wants. */
size_t hmm_multiclass_scratch(const struct hmm_outcomes *outcomes);

/* Measure rows that are sorted by the largest probability, which is their score; their label is
 * whether its class, which they are called, is right. */
void hmm_multiclass_measure(double *values, const struct hmm_scored *sorted, size_t count,
    const struct hmm_measuring *measuring);

#endif
