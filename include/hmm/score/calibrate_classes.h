/* A table of predictions of classes with calibrated probabilities and sets of classes. */
#ifndef HMM_CALIBRATE_CLASSES_H
#define HMM_CALIBRATE_CLASSES_H

#include "hmm/score/calibrate.h"

/* The a that makes softmax(a log p) of probabilities p[count][classes] likeliest for the labels, 1
 * over a temperature (Guo, Pleiss, Sun and Weinberger, ICML 2017). 0, or -1 (not reported): there
 * is none, as where the largest probability is always right, or never. Probabilities are above 0.
 */
int hmm_temperature_fit(
    double *a, const double *const *p, const int *label, size_t count, size_t classes);

/* What that makes of one row. */
void hmm_temperature_apply(double *calibrated, double a, const double *p, size_t classes);

/* As hmm_calibrate_write() does for two classes: columns calibrated_NAME, set and set_by; sets have
 * a quantile for each class, or one together. Of what the options have else a temperature alone. 0,
 * or -1 reported. */
int hmm_calibrate_write_classes(
    FILE *file, struct hmm_predictions *predictions, const struct hmm_calibrate_options *options);

#endif
