/* Tab-separated tables with a header line: manifests and predictions.
 *
 * Within a cell a tab, a newline, a carriage return and a backslash are written
 * \t, \n, \r and \\, so that any file name fits. A missing value is "n/a", as
 * in BIDS, and is read as NULL. Lines that start with '#' before the header are
 * comments. */
#ifndef HMM_TABLE_H
#define HMM_TABLE_H

#include <stddef.h>
#include <stdio.h>

struct hmm_table {
	char *name;    /* where it came from, for messages */
	size_t columns, rows;
	char **header; /* [columns] */
	char **cells;  /* [rows][columns], unescaped; NULL: missing */
	char *text;    /* owns the strings */
};

/* Read a whole table from the file, "-" for standard input; NULL, reported.
 * `separator` is '\t' or ','; with ',' double quotes work as in RFC 4180. */
struct hmm_table *hmm_table_read(const char *path, char separator);
void hmm_table_free(struct hmm_table *table);

/* The column of that name, or -1 (not reported). */
int hmm_table_find(const struct hmm_table *table, const char *column);

/* The same, but a missing column is reported. */
int hmm_table_want(const struct hmm_table *table, const char *column);

/* A cell, or NULL when it is missing or column is -1. */
const char *hmm_table_cell(const struct hmm_table *table, size_t row, int column);

/* Write one cell, escaped ("n/a" for NULL), after a tab unless it is the first,
 * and the end of a line. Errors stay in the FILE for hmm_output_finish(). */
void hmm_table_write(FILE *file, const char *cell, int first);
void hmm_table_write_line(FILE *file, char *const *cells, size_t count);

/* A subject's binary label: 0 or 1; -1 for NULL; -2, reported with its place, otherwise. */
int hmm_table_label(const struct hmm_table *table, size_t row, int column);

#endif
