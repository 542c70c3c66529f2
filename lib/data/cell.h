/* What the text of a table's cell means. */
#ifndef HMM_CELL_H
#define HMM_CELL_H

#include <stddef.h>

/* The bytes of the blank at `at`, a space or U+00A0; and of the one that ends before `end`,
 * where the text begins at `start`. 0: there is none. */
size_t hmm_cell_blank(const char *at);
size_t hmm_cell_blank_before(const char *start, const char *end);

/* Whether a cell is one of the usual spellings of a missing value: empty, n/a, NA, NaN, NULL,
 * None, #N/A, #NA, <NA>, "." and "-", and others of pandas and of spreadsheets, whatever their
 * case and the blanks around them. */
int hmm_cell_missing(const char *text);

/* Take the blanks around it off in place; returns text. */
char *hmm_cell_trim(char *text);

/* A decimal number that is the whole cell, infinite where a double cannot hold it. 0, or -1 (not
 * reported). */
int hmm_cell_decimal(double *value, const char *text);

/* The same, of numbers that a double holds. */
int hmm_cell_number(double *value, const char *text);

#endif
