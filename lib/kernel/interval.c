#include "hmm/kernel/interval.h"

#include <math.h>

#include "hmm/kernel/distribution.h"

static const struct hmm_interval none = {(double)NAN, (double)NAN};

struct hmm_interval
hmm_interval_wilson(size_t part, size_t whole, double level)
{
	const double k = (double)part, n = (double)whole,
	             z = -hmm_distribution_normal_quantile((1 - level) / 2);
	const double middle = k + z * z / 2, half = z * sqrt(k * (n - k) / n + z * z / 4);
	if (!whole)
		return none;
	/* where rounding would leave something of 0 and 1 */
	return (struct hmm_interval){
	    part ? (middle - half) / (n + z * z) : 0, part < whole ? (middle + half) / (n + z * z) : 1};
}

struct hmm_interval
hmm_interval_student(double value, double variance, double freedom, double level)
{
	const double half =
	    -hmm_distribution_student_quantile((1 - level) / 2, freedom) * sqrt(variance);
	return isnan(value + half) ? none : (struct hmm_interval){value - half, value + half};
}

struct hmm_interval
hmm_interval_normal(double value, double variance, double level)
{
	return hmm_interval_student(value, variance, (double)INFINITY, level);
}

struct hmm_interval
hmm_interval_area_student(double area, double variance, double freedom, double level)
{
	const double slope = area * (1 - area);
	if (!(slope > 0))
		return none;
	const struct hmm_interval logit =
	    hmm_interval_student(log(area / (1 - area)), variance / slope / slope, freedom, level);
	return (struct hmm_interval){1 / (1 + exp(-logit.low)), 1 / (1 + exp(-logit.high))};
}

struct hmm_interval
hmm_interval_area(double area, double variance, double level)
{
	return hmm_interval_area_student(area, variance, (double)INFINITY, level);
}

struct hmm_interval
hmm_interval_mean(const double value[2], const struct hmm_interval of[2])
{
	const double mean = (value[0] + value[1]) / 2;
	const double below = hypot(value[0] - of[0].low, value[1] - of[1].low) / 2;
	const double above = hypot(of[0].high - value[0], of[1].high - value[1]) / 2;
	return isnan(below + above) ? none : (struct hmm_interval){mean - below, mean + above};
}

double
hmm_interval_expanded(size_t count, double level)
{
	if (count < 2)
		return (double)NAN;
	const double n = (double)count;
	return hmm_distribution_normal(
	    hmm_distribution_student_quantile((1 - level) / 2, n - 1) * sqrt(n / (n - 1)));
}

double
hmm_interval_expanded_p(size_t count, double share)
{
	if (count < 2)
		return (double)NAN;
	const double n = (double)count;
	const double t = hmm_distribution_normal_quantile(fmin(share, .5)) * sqrt((n - 1) / n);
	return fmin(1, 2 * hmm_distribution_student(t, n - 1));
}
