#include "hmm/loss.h"

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
