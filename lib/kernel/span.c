#include "hmm/kernel/span.h"

#include <math.h>
#include <string.h>

/* In eight sums, which a processor has under way at a time. */
static double
dot(const double *a, const double *b, size_t count)
{
	enum { SUMS = 8 };
	double sum[SUMS] = {0}, all = 0;
	size_t i = 0;
	for (; i + SUMS <= count; i += SUMS)
		for (size_t k = 0; k < SUMS; k++)
			sum[k] += a[i + k] * b[i + k];
	for (; i < count; i++)
		sum[0] += a[i] * b[i];
	for (size_t k = 0; k < SUMS; k++)
		all += sum[k];
	return all;
}

size_t
hmm_span_make(double *base, double *z, size_t z_stride, const double *x, size_t x_stride,
    size_t count, size_t columns)
{
	static const double rounding = 1e-12; /* of a row: what is left of it is nothing new */
	size_t rank = 0;
	for (size_t i = 0; i < count; i++) {
		double *const left = base + rank * columns, *const row = z + i * z_stride;
		memcpy(left, x + i * x_stride, columns * sizeof(*left));
		const double whole = dot(left, left, columns);
		for (int pass = 0; pass < 2; pass++)
			for (size_t k = 0; k < rank; k++) {
				const double *along = base + k * columns, share = dot(along, left, columns);
				row[k] += share;
				for (size_t c = 0; c < columns; c++)
					left[c] -= share * along[c];
			}
		const double rest = dot(left, left, columns);
		if (!(rest > rounding * rounding * whole))
			continue;
		row[rank++] = sqrt(rest);
		for (size_t c = 0; c < columns; c++)
			left[c] /= sqrt(rest);
	}
	return rank;
}
