/* Losses of targets but the binary one, and their derivatives by the outputs of a model. */
#ifndef HMM_TARGET_LOSS_H
#define HMM_TARGET_LOSS_H

#include <stddef.h>

/* The probabilities of `classes` outputs: softmax. */
void hmm_loss_softmax(double *probability, const double *z, size_t classes);
/* Their logs, which are finite even so. */
void hmm_loss_log_softmax(double *log_probability, const double *z, size_t classes);

/* torch.nn.CrossEntropyLoss of one sample: -log softmax(z)[label]. slope[classes]. */
double hmm_loss_cross_entropy(double *slope, const double *z, size_t classes, size_t label);

/* torch.nn.GaussianNLLLoss of one value: z[0] is the mean, z[1] the log of the variance:
 * (z[1] + (value - z[0])^2 / e^z[1]) / 2. slope[2]. */
double hmm_loss_gaussian(double *slope, const double *z, double value);

/* torch.nn.HuberLoss with a delta of 1. slope[1]. */
double hmm_loss_huber(double *slope, double z, double value);

/* Discrete hazards (Gensheimer and Narasimhan, PeerJ 7:e6257, 2019): output k is the logit of an
 * event within (end[k - 1], end[k]] of who has come so far without one, from 0 on; end[count]
 * ascend. The loss is the sum of the cross-entropies of the intervals that were come through, and
 * of that of the event. Who is censored within one counts as through it from its middle on. */
double hmm_loss_hazards(
    double *slope, const double *z, const double *end, size_t count, double time, int event);

/* -log S(end[k]) of such outputs, [count]: the hazards so far. */
void hmm_loss_hazards_sum(double *sum, const double *z, size_t count);

#endif
