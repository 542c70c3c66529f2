/* The rows of a table, or texts, in order, in time that grows little faster than their number. */
#ifndef HMM_ORDER_H
#define HMM_ORDER_H

#include "hmm/data/table.h"

/* The numbers of all rows, bytewise ascending by the first of the columns, where that is equal by
 * the second and so on (a missing cell is ""), and at last by their number. To free(); NULL,
 * reported. */
size_t *hmm_order_rows(const struct hmm_table *table, const int *columns, size_t count);

/* The same of texts[rows][columns], by all columns. again[rows], all zeroes before, unless NULL: 1
 * where a row in the order is the same as that before it. */
size_t *hmm_order_texts(const char *const *texts, size_t rows, size_t columns, char *again);

#endif
