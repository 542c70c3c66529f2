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

size_t
hmm_numbers_distinct(double *value, size_t count)
{
	size_t distinct = 0;
	hmm_numbers_sort(value, count);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || value[i] != value[distinct - 1])
			value[distinct++] = value[i];
	return distinct;
}

size_t
hmm_numbers_rank(const double *value, size_t count, double number)
{
	const double *found = bsearch(&number, value, count, sizeof(*value), by_value);
	return found ? (size_t)(found - value) : 0;
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
