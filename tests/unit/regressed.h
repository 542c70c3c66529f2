/* What the tests of regressions share: the numbers of make_ridge.py and make_cox.R. */
#ifndef REGRESSED_H
#define REGRESSED_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "hmm/data/table.h"

static inline double
scramble(size_t i, unsigned seed)
{
	uint32_t h = (uint32_t)((i + seed * 1000003u) * 2654435761u);
	h = (h ^ h >> 15) * 2246822519u;
	return h >> 24;
}

/* Of `size` columns, but for that of ones. */
static inline double
x_of(size_t i, size_t column, size_t size)
{
	return scramble(i * size + column, 1) / 64 - 2;
}

/* Many of them at one time. */
static inline double
time_of(size_t i, size_t size)
{
	return floor(scramble(i, 5) / 16) + floor(2 * (2 - x_of(i, 0, size)));
}

static inline int
event_of(size_t i)
{
	return scramble(i, 6) < 160;
}

static inline double
cell(const struct hmm_table *table, size_t row, const char *column)
{
	return strtod(hmm_table_cell(table, row, hmm_table_want(table, column)), NULL);
}

#endif
