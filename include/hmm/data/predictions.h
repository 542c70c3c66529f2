/* Predictions: a table with the columns subject, label and probability, and if
 * there are any group, split, run, logit, modalities and observed. */
#ifndef HMM_PREDICTIONS_H
#define HMM_PREDICTIONS_H

#include <stdio.h>

#include "hmm/data/column.h"
#include "hmm/data/target.h"

struct hmm_prediction {
	const char *subject, *split, *run; /* the table's; "n/a": no split, no run */
	const char *modalities;            /* joined by '+'; NULL: it does not say */
	const char *observed; /* of a subset: all modalities of the subject; NULL: it is no subset */
	size_t row;           /* of the table */
	size_t group;         /* its number in hmm_predictions.groups */
	int label;    /* 0 or 1; of classes the number of the name, of a time the event; -1: none */
	double truth; /* the label; of a value the value, of a time the time */
	const double *number; /* [target.width]; NULL of the binary target, the two below of others */
	double probability;   /* 0 to 1 */
	double logit; /* where the table has none that of the probability, of 0 and 1 not finite */
};

/* A row for the table of options of a program that may read the probability from another column,
 * whose logit is that of the probability; NULL: from the one of that name. */
#define HMM_OPTION_PROBABILITY                                                                     \
	HMM_OPTION_TEXT(0, "probability", &hmm_predictions_column, "COLUMN",                           \
	    "the column of it, such as calibrated (default: probability)", HMM_UNNOTED)
extern const char *hmm_predictions_column;

/* Likewise of classes: this one against all others, as a binary target. */
#define HMM_OPTION_CLASS                                                                           \
	HMM_OPTION_TEXT(0, "class", &hmm_predictions_class, "NAME",                                    \
	    "of classes: this one against all others, as a binary target", HMM_UNNOTED)
extern const char *hmm_predictions_class;

struct hmm_predictions {
	struct hmm_table *table;
	struct hmm_column groups; /* the subject where a group is missing */
	/* [count]: split by split, in the order train, val, cal, test, then others by name,
	 * by run and by subject; a subject's whole set stands before its subsets, these by name */
	struct hmm_prediction *prediction;
	size_t count;
	enum hmm_target kind;             /* of classes with --class it is binary */
	struct hmm_target_columns target; /* of hmm_predictions_open_runs() */
	double *numbers;                  /* [table->rows][target.width]; binary: NULL */
	size_t unknown;                   /* rows without a label */
};

/* What is read as `subsets` of the functions below: rows of whole sets with a label, those of
 * subsets too, or every row. */
enum { HMM_PREDICTIONS_WHOLE, HMM_PREDICTIONS_SUBSETS, HMM_PREDICTIONS_EVERY };

/* Read them; a warning counts the others. A probability outside 0 to 1 is an error, and so are
 * none. "-" is standard input. 0, or -1 reported; close it in either case. */
int hmm_predictions_open(struct hmm_predictions *predictions, const char *path, int subsets);

/* Likewise, and of any target: one table of several files, each a run of its own, "1", "2", ...;
 * then a column run is an error, and so are other columns of the target than the first file's. */
int hmm_predictions_open_runs(
    struct hmm_predictions *predictions, char *const *paths, size_t count, int subsets);
void hmm_predictions_close(struct hmm_predictions *predictions);

/* Where the split ends that begins at `first`. */
size_t hmm_predictions_end(const struct hmm_predictions *predictions, size_t first);

/* Report that no row is of that split, and which there are. -1. */
int hmm_predictions_no_split(const struct hmm_predictions *predictions, const char *split);

/* The rows of one split with a subject and run that stand in both tables, in the
 * same order: *ours and *theirs, to free(), and their number, not 0. A warning counts
 * the others; a row that stands twice, a label that differs and another target are errors. 0, or -1
 * reported. */
int hmm_predictions_match(struct hmm_prediction **ours, struct hmm_prediction **theirs,
    size_t *count, const struct hmm_predictions *first, const struct hmm_predictions *second,
    const char *split);

/* A subject as a model predicts it: empty strings, an event of -1 and a number that is not finite
 * are written as "n/a". */
struct hmm_predicted {
	const char *subject, *group, *split;
	const char *modalities, *imputed; /* and those of them that were imputed: joined by '+' */
	const char *observed;             /* of a subset: all that the subject has */
	const char *label;
	int event;            /* of a time */
	const double *number; /* [columns] */
};

/* Of which target, and the columns that it is predicted in. */
struct hmm_predicted_kind {
	enum hmm_target target;
	size_t columns;
	char *const *column;
};
extern const struct hmm_predicted_kind hmm_predicted_binary; /* logit, probability */

/* Write the header, and a row. Errors stay in the FILE for hmm_output_finish(). */
void hmm_predictions_write_header(FILE *file, const struct hmm_predicted_kind *kind);
void hmm_predictions_write(
    FILE *file, const struct hmm_predicted_kind *kind, const struct hmm_predicted *row);

#endif
