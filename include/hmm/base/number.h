/* Numbers in order, and how many members a set of bits has. */
#ifndef HMM_NUMBER_H
#define HMM_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* Ascending; none is NaN. */
void hmm_numbers_sort(double *value, size_t count);

/* Sort and keep one of each: how many these are. None is NaN. */
size_t hmm_numbers_distinct(double *value, size_t count);

/* Where a number lies among such; 0 of one that is not there, such as NaN. */
size_t hmm_numbers_rank(const double *value, size_t count, double number);

/* Which comes first, for comparers: less than, equal to or more than 0. */
int hmm_size_order(size_t a, size_t b);

/* The bits that are 1. */
size_t hmm_bits_count(uint64_t set);

#endif
