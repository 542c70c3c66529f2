/* The rows of a table in the order of some of its columns. */
#ifndef HMM_ORDER_H
#define HMM_ORDER_H

#include "hmm/data/table.h"

/* The numbers of all rows, bytewise ascending by the first of the columns, where that is equal by
 * the second and so on (a missing cell is ""), and at last by their number. To free(); NULL,
 * reported. */
size_t *hmm_order_rows(const struct hmm_table *table, const int *columns, size_t count);

#endif
