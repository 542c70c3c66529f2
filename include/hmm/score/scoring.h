/* What is asked of predictions, and the parts of them that it is asked of. */
#ifndef HMM_SCORING_H
#define HMM_SCORING_H

#include "hmm/score/levels.h"
#include "hmm/score/score.h"
#include "hmm/score/threshold.h"

/* What options ask for, in their words; NULL: nothing. */
struct hmm_asked {
	const char *metrics, *benefits, *threshold, *times;
	double prevalence, tau; /* below 0: none */
	int compared;           /* 1: two systems are */
};

struct hmm_scoring {
	const char *split; /* this one; NULL: all */
	struct hmm_asked asked;
	struct hmm_measures measures;
	struct hmm_threshold threshold;
	double prevalence; /* NaN: that of the rows */
	size_t replicates;
	uint64_t seed;
	struct hmm_by by;
};

/* Fill in what is asked, see hmm_measures_choose() and hmm_threshold_read(), and check what is
 * asked of columns. NULL, or what is wrong of any target, in words (not reported). */
const char *hmm_scoring_read(struct hmm_scoring *scoring);

/* Choose the metrics of these predictions' target. 0, or -1 reported: what is asked says nothing
 * of it. */
int hmm_scoring_settle(struct hmm_scoring *scoring, const struct hmm_predictions *predictions);

/* Where a split's replicates are drawn. */
struct hmm_place hmm_scoring_place(const struct hmm_scoring *scoring, const char *split);

/* The system of these rows of predictions, called and shifted, or with outcomes. See
 * hmm_system_open(). */
int hmm_scoring_open_system(struct hmm_system *system, const struct hmm_scoring *scoring,
    const struct hmm_thresholds *thresholds, const struct hmm_predictions *predictions,
    const struct hmm_prediction *prediction, const struct hmm_prediction *like, size_t count);

/* A part of a table: a split, or one level of a column in it. */
struct hmm_scoring_part {
	const struct hmm_predictions *predictions;
	const struct hmm_scoring *scoring;
	const struct hmm_thresholds *thresholds; /* of its runs */
	const struct hmm_prediction *prediction; /* [system->count] */
	struct hmm_system *system;
	size_t groups;          /* the numbers of its groups are below it */
	const char *by, *level; /* NULL: all of the split */
	const char *where;      /* for messages */
};

/* What is done of each part: 0, or -1 reported. */
typedef int hmm_scoring_visit(const struct hmm_scoring_part *part, void *context);

/* Visit every part that is asked for. 0, or -1 reported: among others, there is no such split. */
int hmm_scoring_run(const struct hmm_predictions *predictions, const struct hmm_scoring *scoring,
    hmm_scoring_visit *visit, void *context);

/* Write the first cells of a header and of a row: "split", or "split by level". */
void hmm_scoring_write_header(FILE *file, const struct hmm_scoring *scoring);
void hmm_scoring_write_part(FILE *file, const struct hmm_scoring_part *part);

/* What a number is over: "rows", the mean of "runs", or the "pooled" rows of several. */
const char *hmm_scoring_over(size_t runs, int pooled);

#endif
