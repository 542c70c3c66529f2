/* p values: exact tests of counts, the normal's tails, many tests at once. */
#ifndef HMM_PVALUE_H
#define HMM_PVALUE_H

#include <stddef.h>

/* Two-sided p of a standard normal. */
double hmm_pvalue_normal(double z);

/* McNemar's exact test: of the pairs on which two systems differ, `first` favour
 * the one and `second` the other; two-sided binomial test of one half, 1 without
 * any. */
double hmm_pvalue_mcnemar(size_t first, size_t second);

/* Fisher's exact test of a 2x2 table of counts, row after row, two-sided: the tables with the
 * same margins that are no likelier than this one. */
double hmm_pvalue_fisher(const size_t table[4]);

/* Holm (1979): adjusted[count] of p[count], which control the chance of one false
 * finding or more among all; NaN is no test and stays NaN. */
void hmm_pvalue_holm(double *adjusted, const double *p, size_t count);

#endif
