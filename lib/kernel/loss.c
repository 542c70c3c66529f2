#include "hmm/kernel/loss.h"

#include <math.h>

double
hmm_loss_bce(double logit, int label)
{
	return log1p(exp(-fabs(logit))) + (logit > 0 ? logit : 0) - logit * label;
}

double
hmm_loss_sigmoid(double logit)
{
	return logit >= 0 ? 1 / (1 + exp(-logit)) : exp(logit) / (1 + exp(logit));
}

double
hmm_loss_mean_logit(const double *logit, size_t count, size_t stride)
{
	double positive = 0, negative = 0;
	for (size_t i = 0; i < count; i++) {
		positive += hmm_loss_sigmoid(logit[i * stride]);
		negative += hmm_loss_sigmoid(-logit[i * stride]);
	}
	return log(positive) - log(negative);
}

double
hmm_loss_mean_logit_gradient(double mean_logit, double logit, size_t count)
{
	const double here = hmm_loss_sigmoid(logit) * hmm_loss_sigmoid(-logit);
	const double mean = hmm_loss_sigmoid(mean_logit) * hmm_loss_sigmoid(-mean_logit);
	return here / mean / (double)count;
}

double
hmm_loss_bce_gradient(double logit, int label)
{
	return hmm_loss_sigmoid(logit) - label;
}

double
hmm_loss_mse(float *gradient, const float *a, const float *b, size_t count, double scale)
{
	double sum = 0;
	const float factor = (float)(2 * scale / (double)count);
	for (size_t i = 0; i < count; i++) {
		const float difference = a[i] - b[i];
		sum += (double)difference * (double)difference;
		if (gradient)
			gradient[i] = factor * difference;
	}
	return sum / (double)count;
}
