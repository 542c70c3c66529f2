/* Calibration-in-the-large and slope: what a logistic regression of the labels on the logits finds
 * (Cox 1958; Steyerberg, Clinical Prediction Models). */
#ifndef HMM_RECALIBRATION_H
#define HMM_RECALIBRATION_H

#include "hmm/score/system.h"

/* NaN: there is no fit, as where a logit is not finite, one label is missing, or the logits
 * separate the labels. */
struct hmm_recalibration {
	double citl;  /* a of logit P(y) = a + z */
	double slope; /* b of logit P(y) = a + b z */
	double citl_variance, slope_variance;
	double freedom; /* of the variances: INFINITY, or where they are robust the groups less one */
};

/* Of all rows of a system. A row of a label counts so that the share of positives is `prevalence`
 * (NaN: once). The variance is the inverse information's; where groups below `groups` repeat, or
 * rows count differently, it is robust: the groups' gradients around it, by G / (G - 1). 0, or -1
 * reported. */
int hmm_recalibration_fit(struct hmm_recalibration *fit, const struct hmm_system *system,
    size_t groups, double prevalence);

#endif
