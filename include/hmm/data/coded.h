/* A column of cells as numbers for a model: a number, standardised, or an indicator of each of its
 * values; behind them an indicator of what is missing, where that was met. */
#ifndef HMM_CODED_H
#define HMM_CODED_H

#include "hmm/data/names.h"
#include "hmm/data/table.h"

struct hmm_coded {
	int numbers, missing;    /* 1: it is numbers; 1: it has an indicator of what is missing */
	double mean, scale;      /* of numbers; scale: 1 over the standard deviation, or 0 */
	struct hmm_names values; /* else: an indicator each, bytewise ascending */
};

/* A cell that is learned from, or only looked at. */
struct hmm_coded_cell {
	const char *text; /* NULL: missing */
	const struct hmm_table *table;
	size_t row;
	int fits; /* 1: it is learned from */
};

/* A number of a cell, and far from what its square would need. 0, or -1 (not reported). */
int hmm_coded_number(double *value, const char *text);

/* Mean and scale of numbers; and the scale of so many by their mean and the sum of squares off it.
 * A deviation that is rounding alone is none. */
double hmm_coded_scale(double mean, double squares, size_t count);
void hmm_coded_standardise(struct hmm_coded *coded, const double *value, size_t count);

/* Find what the cells of the column of that name are. Cells that are numbers but for some (a slip
 * of the pen is not to make categories of all), values of which nearly each stands once (they are
 * names, and an indicator of each would tell nothing of others), and none at all are errors. 0, or
 * -1 reported; close it in either case. */
int hmm_coded_learn(
    struct hmm_coded *coded, const char *column, const struct hmm_coded_cell *cell, size_t count);
void hmm_coded_close(struct hmm_coded *coded); /* legal on zeroes */

/* How many numbers it has. */
size_t hmm_coded_width(const struct hmm_coded *coded);

/* A cell's numbers, x[width]; those of a missing one are 0 but for its indicator. 1: the value was
 * not learned, or is missing where none was: all are 0. -1 (not reported): no number where all
 * were, and all are 0. Else 0. */
int hmm_coded_write(double *x, const struct hmm_coded *coded, const char *text);

#endif
