/* What the tests of resizes share: the images and the tables of make_resize.py. */
#ifndef SCRAMBLED_H
#define SCRAMBLED_H

#include <stdint.h>
#include <stdlib.h>

#include "hmm/data/table.h"

/* The bytes of make_resize.py. */
static inline void
scramble(unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t h = (uint32_t)(i * 2654435761u);
		h = (h ^ h >> 15) * 2246822519u;
		bytes[i] = (unsigned char)(h >> 24);
	}
}

static inline size_t
number(const struct hmm_table *table, size_t row, const char *column)
{
	return strtoul(hmm_table_cell(table, row, hmm_table_want(table, column)), NULL, 10);
}

#endif
