#include "hmm/kernel/power.h"

#include <math.h>

#include "hmm/kernel/distribution.h"

static const double critical = 1.959963984540054;

double
hmm_power_of(double difference, double error)
{
	const double away = fabs(difference) / error;
	if (isnan(away) || error < 0)
		return (double)NAN;
	return hmm_distribution_normal(away - critical) + hmm_distribution_normal(-away - critical);
}

double
hmm_power_difference(double error, double power)
{
	/* the other tail's part, which is none to speak of, only adds */
	double low = 0, high = critical + hmm_distribution_normal_quantile(power);
	if (isnan(error) || error < 0 || !(power > .05 && power < 1))
		return (double)NAN;
	for (int step = 0; step < 100; step++) {
		const double middle = (low + high) / 2;
		if (hmm_power_of(middle, 1) < power)
			low = middle;
		else
			high = middle;
	}
	return error * (low + high) / 2;
}

double
hmm_power_count(double count, double error, double difference, double power)
{
	const double wanted = hmm_power_difference(error, power) / fabs(difference);
	return ceil(count * wanted * wanted);
}
