/* Losses of one sample and their gradients. */
#ifndef HMM_LOSS_H
#define HMM_LOSS_H

#include <stddef.h>

/* torch.nn.BCEWithLogitsLoss: log(1 + exp(-|z|)) + max(z, 0) - z * label, and
 * its derivative by the logit z, sigmoid(z) - label. */
double hmm_loss_bce(double logit, int label);
double hmm_loss_bce_gradient(double logit, int label);

double hmm_loss_sigmoid(double logit);

/* The logit of the mean of the probabilities of `count` logits, `stride` apart, and its derivative
 * by one of them. */
double hmm_loss_mean_logit(const double *logit, size_t count, size_t stride);
double hmm_loss_mean_logit_gradient(double mean_logit, double logit, size_t count);

/* torch.nn.MSELoss: mean of (a - b)^2; gradient[i] = scale * d mse / d a[i] (NULL: not wanted). */
double hmm_loss_mse(float *gradient, const float *a, const float *b, size_t count, double scale);

#endif
