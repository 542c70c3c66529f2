#include "hmm/kernel/solve.h"

#include <math.h>
#include <string.h>

int
hmm_solve_factor(double *a, size_t size)
{
	static const double rounding = 1e-13;
	for (size_t i = 0; i < size; i++) {
		double *const row = a + i * size;
		const double before = row[i];
		for (size_t j = 0; j < i; j++) {
			const double *const other = a + j * size;
			double sum = row[j];
			for (size_t k = 0; k < j; k++)
				sum -= row[k] * other[k];
			row[j] = sum / other[j];
			row[i] -= row[j] * row[j];
		}
		if (!(row[i] > rounding * before))
			return -1;
		row[i] = sqrt(row[i]);
	}
	return 0;
}

void
hmm_solve(double *b, const double *factor, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		for (size_t k = 0; k < i; k++)
			b[i] -= factor[i * size + k] * b[k];
		b[i] /= factor[i * size + i];
	}
	for (size_t i = size; i-- > 0;) {
		b[i] /= factor[i * size + i];
		for (size_t k = 0; k < i; k++)
			b[k] -= factor[i * size + k] * b[i];
	}
}

double
hmm_solve_variance(const double *factor, size_t size, size_t j, double *scratch)
{
	memset(scratch, 0, size * sizeof(*scratch));
	scratch[j] = 1;
	hmm_solve(scratch, factor, size);
	return scratch[j];
}
