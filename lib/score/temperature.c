#include <math.h>

#include "hmm/score/calibrate_classes.h"

/* The loss at a, its slope and its curvature. */
struct loss {
	double value, slope, curvature;
};

static struct loss
measure(double a, const double *const *p, const int *label, size_t count, size_t classes)
{
	struct loss loss = {0, 0, 0};
	for (size_t i = 0; i < count; i++) {
		double most = -HUGE_VAL, sum = 0, mean = 0, square = 0;
		const double own = log(p[i][label[i]]);
		for (size_t k = 0; k < classes; k++)
			most = fmax(most, a * log(p[i][k]));
		for (size_t k = 0; k < classes; k++) {
			const double z = log(p[i][k]), weight = exp(a * z - most);
			sum += weight;
			mean += weight * (z - own); /* about its own: nothing large is taken off */
			square += weight * (z - own) * (z - own);
		}
		mean /= sum;
		loss.value += most + log(sum) - a * own;
		loss.slope += mean;
		loss.curvature += square / sum - mean * mean;
	}
	return loss;
}

/* Whether every row's own probability is the largest, or every one's the least: then more is always
 * better. */
static int
is_separated(const double *const *p, const int *label, size_t count, size_t classes)
{
	int largest = 1, least = 1;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < classes; k++) {
			largest &= p[i][label[i]] >= p[i][k];
			least &= p[i][label[i]] <= p[i][k];
		}
	return largest || least;
}

int
hmm_temperature_fit(
    double *a, const double *const *p, const int *label, size_t count, size_t classes)
{
	enum { STEPS = 100, HALVES = 60 };
	static const double close = 1e-14, rounding = 1e-14;
	*a = 1;
	if (!count || is_separated(p, label, count, classes))
		return -1;
	for (int step = 0; step < STEPS; step++) {
		const struct loss here = measure(*a, p, label, count, classes);
		double by = -here.slope / here.curvature;
		if (!(here.curvature > 0) || !isfinite(by))
			return -1;
		for (int half = 0; half < HALVES; half++, by /= 2)
			if (measure(*a + by, p, label, count, classes).value <= here.value * (1 + rounding))
				break;
		*a += by;
		if (fabs(by) <= close * (1 + fabs(*a)))
			return 0;
	}
	return 0;
}

void
hmm_temperature_apply(double *calibrated, double a, const double *p, size_t classes)
{
	double most = -HUGE_VAL, sum = 0;
	for (size_t k = 0; k < classes; k++)
		most = fmax(most, a * log(p[k]));
	for (size_t k = 0; k < classes; k++)
		sum += calibrated[k] = exp(a * log(p[k]) - most);
	for (size_t k = 0; k < classes; k++)
		calibrated[k] /= sum;
}
