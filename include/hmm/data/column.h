/* The rows of a table by the name that stands in a column. */
#ifndef HMM_COLUMN_H
#define HMM_COLUMN_H

#include "hmm/data/table.h"

struct hmm_column {
	struct {
		size_t count;
		const char **name; /* [count], bytewise ascending: cells of the table */
	} names;
	size_t *of;    /* [rows]: the number of the row's name */
	size_t *start; /* [names.count + 1] into row */
	size_t *row;   /* [rows]: name by name, ascending within a name */
};

/* Number the names in `column`, and where one is missing that in `otherwise`
 * (columns; -1: none). A row with neither is an error. The table's cells stay until it is closed.
 * 0, or -1 reported, and then there is nothing to close. */
int hmm_column_open(
    struct hmm_column *column, const struct hmm_table *table, int wanted, int otherwise);
void hmm_column_close(struct hmm_column *column); /* legal on zeroes */

/* Whether each row has such a name. 0, or -1 reported. */
int hmm_column_check(const struct hmm_table *table, int wanted, int otherwise);

/* The number of a name; -1 (not reported): no row has it. */
long hmm_column_find(const struct hmm_column *column, const char *name);

/* The first row with that name, and how many have it. */
size_t hmm_column_first(const struct hmm_column *column, size_t name);
size_t hmm_column_rows(const struct hmm_column *column, size_t name);

/* How many values another column (-1: none) has in the rows of one name, missing ones apart, and
 * into text what they are and in how many rows, "train (3), test (2)", as far as there is room.
 * In time that grows with the rows. -1, reported. */
long hmm_column_values(char *text, size_t size, const struct hmm_column *column, size_t name,
    const struct hmm_table *table, int other);

#endif
