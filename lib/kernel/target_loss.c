#include "hmm/kernel/target_loss.h"

#include <math.h>

#include "hmm/kernel/loss.h"

static double
largest(const double *z, size_t count)
{
	double most = z[0];
	for (size_t k = 1; k < count; k++)
		most = fmax(most, z[k]);
	return most;
}

void
hmm_loss_softmax(double *probability, const double *z, size_t classes)
{
	const double most = largest(z, classes);
	double sum = 0;
	for (size_t k = 0; k < classes; k++)
		sum += probability[k] = exp(z[k] - most);
	for (size_t k = 0; k < classes; k++)
		probability[k] /= sum;
}

void
hmm_loss_log_softmax(double *log_probability, const double *z, size_t classes)
{
	const double most = largest(z, classes);
	double sum = 0;
	for (size_t k = 0; k < classes; k++)
		sum += exp(z[k] - most);
	for (size_t k = 0; k < classes; k++)
		log_probability[k] = z[k] - most - log(sum);
}

double
hmm_loss_cross_entropy(double *slope, const double *z, size_t classes, size_t label)
{
	const double most = largest(z, classes);
	double sum = 0;
	for (size_t k = 0; k < classes; k++)
		sum += exp(z[k] - most);
	hmm_loss_softmax(slope, z, classes);
	slope[label] -= 1;
	return log(sum) + most - z[label];
}

double
hmm_loss_gaussian(double *slope, const double *z, double value)
{
	const double off = z[0] - value, precision = exp(-z[1]);
	slope[0] = off * precision;
	slope[1] = (1 - off * off * precision) / 2;
	return (z[1] + off * off * precision) / 2;
}

double
hmm_loss_huber(double *slope, double z, double value)
{
	const double off = z - value;
	*slope = fmax(-1, fmin(1, off));
	return fabs(off) <= 1 ? off * off / 2 : fabs(off) - .5;
}

/* ---- a time ---- */

double
hmm_loss_hazards(
    double *slope, const double *z, const double *end, size_t count, double time, int event)
{
	double sum = 0, start = 0;
	size_t k = 0;
	for (; k < count && (event ? time > end[k] : time >= (start + end[k]) / 2); start = end[k++]) {
		sum += hmm_loss_bce(z[k], 0);
		slope[k] = hmm_loss_bce_gradient(z[k], 0);
	}
	if (k < count && event) {
		sum += hmm_loss_bce(z[k], 1);
		slope[k] = hmm_loss_bce_gradient(z[k], 1);
		k++;
	}
	for (; k < count; k++)
		slope[k] = 0;
	return sum;
}

void
hmm_loss_hazards_sum(double *sum, const double *z, size_t count)
{
	double so_far = 0;
	for (size_t k = 0; k < count; k++)
		sum[k] = so_far += hmm_loss_bce(z[k], 0); /* -log(1 - h) */
}
