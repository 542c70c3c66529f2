/* The rows of a table of predictions. */
#ifndef HMM_PREDICTIONS_ROWS_H
#define HMM_PREDICTIONS_ROWS_H

#include "hmm/data/predictions.h"

/* Read what is wanted of the rows of predictions->table, `any`: of any target, else of the binary
 * one. They stand as in the table. 0, or -1 reported. */
int hmm_predictions_rows(struct hmm_predictions *predictions, int subsets, int any);

#endif
