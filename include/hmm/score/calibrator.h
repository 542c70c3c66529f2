/* Probabilities that mean what they say: a map of logits, fitted to the labels of patients whom no
 * training has seen. */
#ifndef HMM_CALIBRATOR_H
#define HMM_CALIBRATOR_H

#include "hmm/score/cohort.h"

enum hmm_calibrator_method {
	HMM_CALIBRATOR_TEMPERATURE, /* Guo, Pleiss, Sun and Weinberger, ICML 2017 */
	HMM_CALIBRATOR_PLATT,       /* Platt 1999, with his targets, which shrink a little */
	HMM_CALIBRATOR_INTERCEPT    /* the slope stays 1: another prevalence (Steyerberg 2004) */
};

/* The logit becomes intercept + slope * logit; a temperature is 1 / slope. */
struct hmm_calibrator {
	double intercept, slope;
};

double hmm_calibrator_probability(const struct hmm_calibrator *calibrator, double logit);
double hmm_calibrator_loss(const struct hmm_calibrator *calibrator, double logit, int label);

/* The map of those rows. 0, or -1 (not reported): there is none, as where the sign of the logits
 * separates the labels for a temperature, all logits are the same for Platt's, or all labels for an
 * intercept. `scratch` holds
 * hmm_calibrator_scratch(count) numbers. */
int hmm_calibrator_fit(struct hmm_calibrator *calibrator, const struct hmm_member *row,
    size_t count, enum hmm_calibrator_method method, double *scratch);
size_t hmm_calibrator_scratch(size_t count);

/* The same drawn towards another map: `ridge` of half the squared distance from it, and with the
 * targets of the labels that it had, since Platt's would say more of few rows. */
struct hmm_calibrator_pull {
	struct hmm_calibrator to;
	double ridge, target[2]; /* targets by label */
};
int hmm_calibrator_pull(struct hmm_calibrator *calibrator, const struct hmm_member *row,
    size_t count, enum hmm_calibrator_method method, const struct hmm_calibrator_pull *pull,
    double *scratch);
void hmm_calibrator_targets(double target[2], const struct hmm_member *row, size_t count,
    enum hmm_calibrator_method method);

#endif
