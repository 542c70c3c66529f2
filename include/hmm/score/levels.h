/* Groups of predictions: by a column of theirs, or of a table of their subjects. */
#ifndef HMM_LEVELS_H
#define HMM_LEVELS_H

#include "hmm/base/option.h"
#include "hmm/data/predictions.h"

/* What is asked for. */
struct hmm_by {
	const char *columns;                /* "sex,site"; NULL: nothing */
	const char *table;                  /* a file; NULL: the predictions' columns alone */
	const struct hmm_option_list *bins; /* "age=50,65,80" or "age=quartiles", each a column */
};

/* One column. */
struct hmm_levels {
	char *column; /* its name */
	const char *
	    *name;  /* [count]: what a level is called, in order; NULL: the column says nothing */
	size_t *of; /* [predictions]: the level of each, or `count` where it is not asked for */
	size_t count;
	char (*text)[64]; /* the names of bins */
};

struct hmm_all_levels {
	struct hmm_levels *column; /* [columns] */
	size_t columns;
	struct hmm_table *table; /* the names are its cells */
};

/* Whether each column is asked for once, and bins, once too, are of one of them. NULL, or what is
 * wrong, in words (not reported). */
const char *hmm_levels_check(const struct hmm_by *by);

/* Sort the predictions of `split` (NULL: of all) into levels: of a column of the predictions, or
 * else of the table, whose row is that of the subject, or of the group where it has no such
 * subject, by a column subject or participant_id, with or without "sub-" before the name.
 * A column with bins has numbers; a level is from one edge to below the next. Quartiles are those
 * of all these predictions. 0, or -1 reported; close it in either case. */
int hmm_levels_open(struct hmm_all_levels *levels, const struct hmm_by *by,
    const struct hmm_predictions *predictions, const char *split);
void hmm_levels_close(struct hmm_all_levels *levels);

#endif
