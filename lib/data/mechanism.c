#include "hmm/data/mechanism.h"

#include <math.h>

double
hmm_mechanism_probability(double intercept, double gamma, double value)
{
	return 1 / (1 + exp(-(intercept + gamma * value)));
}

double
hmm_mechanism_bar(double uniform, double gamma, double value)
{
	return log(uniform) - log1p(-uniform) - gamma * value;
}

double
hmm_mechanism_intercept(const double *value, size_t count, double gamma, double rate)
{
	if (rate <= 0 || rate >= 1)
		return rate <= 0 ? (double)-INFINITY : (double)INFINITY;
	double low = -1, high = 1;
	for (size_t i = 0; i < count; i++) {
		low = fmin(low, -1 - gamma * value[i]);
		high = fmax(high, 1 - gamma * value[i]);
	}
	/* there each is lost with less than the rate, and with more */
	low += log(rate / (1 - rate));
	high += log(rate / (1 - rate));
	for (double middle = (low + high) / 2; middle > low && middle < high;
	     middle = (low + high) / 2) {
		double sum = 0;
		for (size_t i = 0; i < count; i++)
			sum += hmm_mechanism_probability(middle, gamma, value[i]);
		*(sum < rate * (double)count ? &low : &high) = middle;
	}
	return high;
}

int
hmm_mechanism_standardise(double *value, size_t count)
{
	static const double rounding = 1e-12;
	double mean = 0, square = 0, most = 0;
	int exponent;
	for (size_t i = 0; i < count; i++)
		most = fmax(most, fabs(value[i]));
	most = frexp(most, &exponent);
	for (size_t i = 0; i < count; i++) { /* the unit does not count, and squares stay in range */
		value[i] = ldexp(value[i], -exponent);
		mean += value[i] / (double)count;
	}
	for (size_t i = 0; i < count; i++)
		square += (value[i] - mean) * (value[i] - mean) / (double)count;
	const double deviation = sqrt(square);
	if (!(deviation > rounding * most))
		return -1;
	for (size_t i = 0; i < count; i++)
		value[i] = (value[i] - mean) / deviation;
	return 0;
}
