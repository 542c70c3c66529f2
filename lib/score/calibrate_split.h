/* Whom predictions are calibrated on. */
#ifndef HMM_CALIBRATE_SPLIT_H
#define HMM_CALIBRATE_SPLIT_H

#include "hmm/data/predictions.h"

/* The split, cal, or with a warning val; NULL, reported. */
const char *hmm_calibrate_split(const struct hmm_predictions *predictions);

#endif
