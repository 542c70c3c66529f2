/* Tab-separated tables with a header line: manifests and predictions.
 *
 * Within a cell a tab, a newline, a carriage return and a backslash are written
 * \t, \n, \r and \\, so that any file name fits. A cell in double quotes is what
 * they hold, as in RFC 4180: one that begins with a quote or a blank, or ends in a
 * blank, is written so. Blanks around a cell do not count in the columns subject,
 * modality, label, event, group, split and imputed. A missing value is empty or "n/a", as in BIDS,
 * and is read as NULL; in the columns label, event, group, split, mask and imputed all usual
 * spellings are (NA, NaN, NULL, None, #N/A, ".", "-", ...). Lines end in LF, CRLF or CR. Lines that
 * start with '#' before the header are comments, and lines without text are passed over. */
#ifndef HMM_TABLE_H
#define HMM_TABLE_H

#include <stddef.h>
#include <stdio.h>

struct hmm_table {
	char *name; /* where it came from, for messages */
	size_t columns, rows;
	char **header; /* [columns] */
	char **cells;  /* [rows][columns], unescaped; NULL: missing */
	char *text;    /* owns the strings of a table that was read */
	size_t room;   /* bytes at cells */
	int built;     /* 1: every string is its own, hmm_table_new() */
};

/* An empty table with these columns, and a row more (NULL: missing). NULL or -1,
 * reported. */
struct hmm_table *hmm_table_new(const char *name, const char *const *header, size_t columns);
int hmm_table_append(struct hmm_table *table, const char *const *cells);

/* Replace a column, or add one: its cells are the caller's, one a row, and must
 * outlive the table's use. 0, or -1 reported. For tables that were read. */
int hmm_table_set_column(struct hmm_table *table, const char *column, char *const *cells);

/* Read a whole table from the file, "-" for standard input; NULL, reported. `separator`
 * is '\t' or ',', where nothing is escaped. A column that stands twice is an error, and
 * so is a last line without an end: who wrote it may have been stopped. */
struct hmm_table *hmm_table_read(const char *path, char separator);

/* The same, of a file that a table names: a pipe, which nobody may write to, is refused. */
struct hmm_table *hmm_table_read_named(const char *path, char separator);

/* The same for a table that others wrote: with commas where its name ends in .csv; blanks
 * around a cell count in no column, and a last line without an end is a warning. */
struct hmm_table *hmm_table_read_foreign(const char *path);
/* A table of JSON lines, an object a row: its members are the columns, in the order in which they
 * are met; an array's elements are NAME.0, NAME.1, ... NULL, reported. */
struct hmm_table *hmm_table_read_json(const char *path);
void hmm_table_free(struct hmm_table *table);

/* The column of that name, or -1 (not reported). */
int hmm_table_find(const struct hmm_table *table, const char *column);

/* The same, but a missing column is reported. */
int hmm_table_want(const struct hmm_table *table, const char *column);

/* A cell, or NULL when it is missing or column is -1. */
const char *hmm_table_cell(const struct hmm_table *table, size_t row, int column);

/* Write the header and the rows whose entry in `keep` is not 0 (NULL: all). */
void hmm_table_print(FILE *file, const struct hmm_table *table, const char *keep);

/* Write one cell, escaped ("n/a" for NULL), after a tab unless it is the first,
 * and the end of a line. A table may come to stand on a terminal: characters that would control it
 * are written \xHH, a byte each, and read back. Errors stay in the FILE for hmm_output_finish(). */
void hmm_table_write(FILE *file, const char *cell, int first);
void hmm_table_write_line(FILE *file, char *const *cells, size_t count);
/* A tab and a number of 12 digits, n/a for NaN. */
void hmm_table_write_number(FILE *file, double value);

/* A subject's binary label: 0 or 1; -1 for NULL; -2, reported with its place, otherwise. */
int hmm_table_label(const struct hmm_table *table, size_t row, int column);

#endif
