#include "hmm/kernel/distribution.h"

#include <float.h>
#include <math.h>

static const double pi = 3.14159265358979323846;

double
hmm_distribution_normal(double z)
{
	return erfc(-z / sqrt(2)) / 2;
}

/* Of a p of at most one half: Hastings' rational start (Abramowitz and Stegun 26.2.23, to 5e-4),
 * then Halley's steps, each of which triples the digits. */
static double
lower_normal_quantile(double p)
{
	const double r = sqrt(-2 * log(p));
	double z = (2.515517 + r * (.802853 + r * .010328)) /
	               (1 + r * (1.432788 + r * (.189269 + r * .001308))) -
	           r;
	for (int step = 0; step < 3; step++) {
		const double density = exp(-z * z / 2) / sqrt(2 * pi);
		const double off = (hmm_distribution_normal(z) - p) / density;
		z -= off / (1 + z * off / 2);
	}
	return z;
}

double
hmm_distribution_normal_quantile(double p)
{
	if (!(p >= 0 && p <= 1))
		return (double)NAN;
	if (p <= 0 || p >= 1)
		return p <= 0 ? -(double)INFINITY : (double)INFINITY;
	if (p < DBL_MIN)
		p = DBL_MIN; /* what is not normal has few digits */
	return p <= .5 ? lower_normal_quantile(p) : -lower_normal_quantile(1 - p);
}

/* log of gamma(a + 1/2) / gamma(a), in which lgamma would lose its digits where a is large. */
static double
log_gamma_half(double a)
{
	if (a < 20)
		return lgamma(a + .5) - lgamma(a);
	const double b = 1 / (a * a);
	return log(a) / 2 - (1. / 8 - b * (1. / 192 - b * (1. / 640 - b * 17. / 14336))) / a;
}

/* The continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method. It
 * settles in some sqrt(max(a, b)) steps where x < (a + 1) / (a + b + 2). */
static double
beta_fraction(double x, double a, double b)
{
	static const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1), value;
	d = 1 / (fabs(d) < tiny ? tiny : d);
	value = d;
	for (int k = 1; k < 100000; k++) {
		const double m = k, twice = a + 2 * m;
		double change = 1;
		const double parts[2] = {m * (b - m) * x / ((twice - 1) * twice),
		    -(a + m) * (a + b + m) * x / (twice * (twice + 1))};
		for (int i = 0; i < 2; i++) {
			d = 1 + parts[i] * d;
			c = 1 + parts[i] / c;
			d = 1 / (fabs(d) < tiny ? tiny : d);
			c = fabs(c) < tiny ? tiny : c;
			change = c * d;
			value *= change;
		}
		if (fabs(change - 1) < 2 * DBL_EPSILON)
			break;
	}
	return value;
}

/* The chance of more than t >= 0: half the incomplete beta function of freedom / (freedom + t^2) at
 * freedom / 2 and 1 / 2. */
static double
upper_student(double t, double freedom)
{
	const double a = freedom / 2, ratio = t / freedom * t;
	const double x = 1 / (1 + ratio), rest = t > 0 ? 1 / (1 + freedom / t / t) : 0;
	/* x^a rest^(1/2) / beta(a, 1/2) */
	const double front = exp(log_gamma_half(a) - a * log1p(ratio)) * sqrt(rest) / sqrt(pi);
	if (isinf(ratio))
		return 0;
	if (x < (a + 1) / (a + 2.5))
		return front / a * beta_fraction(x, a, .5) / 2;
	return .5 - front * beta_fraction(rest, .5, a);
}

double
hmm_distribution_student(double t, double freedom)
{
	if (isnan(t) || !(freedom > 0))
		return (double)NAN;
	if (isinf(freedom))
		return hmm_distribution_normal(t);
	const double upper = upper_student(fabs(t), freedom);
	return t > 0 ? 1 - upper : upper;
}

/* Of a p below one half, Newton's steps in the logarithms of both, in which the tail is nearly
 * straight and bends to one side: they come from the normal's, which is nearer to 0, pass the root
 * once at most, and go down to it. */
static double
lower_student_quantile(double p, double freedom)
{
	const double log_front = log_gamma_half(freedom / 2) - log(freedom * pi) / 2;
	double t = -hmm_distribution_normal_quantile(p);
	for (int step = 0; step < 100; step++) {
		const double upper = upper_student(t, freedom);
		const double density = exp(log_front - (freedom + 1) / 2 * log1p(t / freedom * t));
		const double change = log(upper / p) * upper / (density * t);
		t *= exp(change);
		if (fabs(change) < 4 * DBL_EPSILON)
			break;
	}
	return -t;
}

double
hmm_distribution_student_quantile(double p, double freedom)
{
	if (!(p >= 0 && p <= 1) || !(freedom > 0))
		return (double)NAN;
	if (isinf(freedom))
		return hmm_distribution_normal_quantile(p);
	if (p <= 0 || p >= 1)
		return p <= 0 ? -(double)INFINITY : (double)INFINITY;
	if (p < .5)
		return lower_student_quantile(p, freedom);
	return p > .5 ? -lower_student_quantile(1 - p, freedom) : 0;
}
