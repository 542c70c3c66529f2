#include "hmm/base/number.h"

#include <stdlib.h>

static int
by_value(const void *left, const void *right)
{
	const double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

void
hmm_numbers_sort(double *value, size_t count)
{
	qsort(value, count, sizeof(*value), by_value);
}

int
hmm_size_order(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

size_t
hmm_bits_count(uint64_t set)
{
	size_t count = 0;
	for (; set; set &= set - 1)
		count++;
	return count;
}
