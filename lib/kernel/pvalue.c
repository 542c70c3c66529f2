#include "hmm/kernel/pvalue.h"

#include <math.h>

double
hmm_pvalue_normal(double z)
{
	return erfc(fabs(z) / sqrt(2));
}

/* Of a distribution over the counts low..high: the probability of k + 1 over that
 * of k. */
typedef double ratio(const double *parameters, double k);

/* The share of what is no likelier than `at`. Everything is in units of that one's
 * probability, so that no factorial is computed; equal ones differ by rounding. */
static double
two_sided(ratio *step, const double *parameters, size_t low, size_t high, size_t at)
{
	static const double equal = 1 + 1e-7;
	double all = 1, extreme = 1, here = 1;
	for (size_t k = at; k < high; k++) {
		here *= step(parameters, (double)k);
		all += here;
		extreme += here <= equal ? here : 0;
	}
	here = 1;
	for (size_t k = at; k-- > low;) {
		here /= step(parameters, (double)k);
		all += here;
		extreme += here <= equal ? here : 0;
	}
	return extreme < all ? extreme / all : 1;
}

static double
binomial(const double *n, double k)
{
	return (*n - k) / (k + 1);
}

double
hmm_pvalue_mcnemar(size_t first, size_t second)
{
	const double n = (double)(first + second);
	return two_sided(binomial, &n, 0, first + second, first);
}

/* Of the first corner, given the sums of the rows and of the first column. */
static double
hypergeometric(const double *sums, double k)
{
	return (sums[0] - k) * (sums[2] - k) / ((k + 1) * (sums[1] - sums[2] + k + 1));
}

double
hmm_pvalue_fisher(const size_t table[4])
{
	const size_t top = table[0] + table[1], bottom = table[2] + table[3];
	const size_t left = table[0] + table[2];
	const double sums[3] = {(double)top, (double)bottom, (double)left};
	return two_sided(
	    hypergeometric, sums, left > bottom ? left - bottom : 0, left < top ? left : top, table[0]);
}

void
hmm_pvalue_holm(double *adjusted, const double *p, size_t count)
{
	size_t left = 0;
	for (size_t i = 0; i < count; i++) {
		adjusted[i] = p[i];
		left += isnan(p[i]) ? 0 : 1;
	}
	double last = -1, most = 0;
	while (left) {
		double next = (double)INFINITY;
		size_t tied = 0;
		for (size_t i = 0; i < count; i++)
			if (p[i] > last && p[i] < next)
				next = p[i];
		most = fmax(most, fmin(1, (double)left * next));
		for (size_t i = 0; i < count; i++)
			if (p[i] == next) {
				adjusted[i] = most;
				tied++;
			}
		left -= tied;
		last = next;
	}
}
