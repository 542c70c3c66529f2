/* What is predicted: one of two classes, one of several, a value, or when something happens. A
 * manifest says it in the columns label and event, a table of predictions in its columns' names. */
#ifndef HMM_TARGET_H
#define HMM_TARGET_H

#include "hmm/data/names.h"
#include "hmm/data/table.h"

/* Binary: the label is 0 or 1. Classes: a name. Value: a number. Time: a number, not below 0,
 * beside an event, 1 where it happened then, 0 where nobody looked any longer. */
enum hmm_target { HMM_BINARY, HMM_CLASSES, HMM_VALUE, HMM_TIME };
extern const char *const hmm_target_names[]; /* "binary", ... */

/* A row for the table of options of a program that must know, and what it chooses among, in the
 * order of the enum. */
#define HMM_TARGETS "binary|classes|value|time"
#define HMM_OPTION_TARGET(variable)                                                                \
	HMM_OPTION_CHOICE(                                                                             \
	    0, "target", variable, HMM_TARGETS, "what labels are (default: binary)", HMM_UNNOTED)

/* What a row says. */
struct hmm_known {
	const char *name; /* the cell, of a class its name */
	double number;    /* the binary label, the value, the time; of a class 0 */
	int event;        /* of a time: 0 or 1 */
};

/* Read a row's label, in these columns (-1: there is none); without its event a time is not known,
 * nor the other way round. 1; 0: it is not known; -1, reported with its place. */
int hmm_target_known(struct hmm_known *known, enum hmm_target target, const struct hmm_table *table,
    size_t row, int label, int event);

/* Read a label that stands alone, and the event beside it: 0, 1, or -1, none. 1; 0: it is not
 * known; -1 (not reported): it is none of that target. */
int hmm_target_read(struct hmm_known *known, enum hmm_target target, const char *label, int event);

/* The columns of a table of predictions that hold what was predicted, in their order:
 *   binary   probability
 *   classes  probability_NAME, two or more, by name
 *   value    value, and sd if it is there
 *   time     risk, higher where it comes earlier, and survival_T if there are any, by T: the share
 *            that is without the event at T, which stays so until the next T, and is 1 before the
 *            first */
struct hmm_target_columns {
	enum hmm_target target;
	size_t width;
	int *column;            /* [width] */
	double *time;           /* [width]: T; of risk 0. Time alone, else NULL */
	struct hmm_names names; /* [width]: of the classes; else the columns' own */
};

/* Find them: no column, or columns of two kinds, are an error. With a prefix they are those of
 * classes that begin with it in place of "probability". 0, or -1 reported; close them in either
 * case. */
int hmm_target_open(
    struct hmm_target_columns *columns, const struct hmm_table *table, const char *prefix);
void hmm_target_close(struct hmm_target_columns *columns); /* legal on zeroes */

/* Read a row's into number[width]: probabilities of classes must add up to 1 within 1e-6, sd be
 * above 0, survival 0 to 1 and not rise. 0, or -1 reported with its place. */
int hmm_target_numbers(double *number, const struct hmm_target_columns *columns,
    const struct hmm_table *table, size_t row);

#endif
