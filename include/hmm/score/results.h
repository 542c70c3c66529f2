/* An experiment's results: what hmm-score said of every system in every scenario, and what was
 * published of it. */
#ifndef HMM_RESULTS_H
#define HMM_RESULTS_H

#include <stddef.h>

#include "hmm/data/table.h"

/* What is shown of a target: by the metrics that a table of scores has. */
enum { HMM_RESULT_METRICS = 6 };
struct hmm_result_kind {
	size_t count;
	const char *metric[HMM_RESULT_METRICS]; /* [count]: "acc", "auc", ... */
	size_t main;                            /* whose test stands beside them */
};

/* One metric of a system; NaN and NULL: n/a. */
struct hmm_result_metric {
	double value, low, high, sd;
	double difference, p, p_holm; /* of the reference less this one */
	double least;                 /* that p_holm could have been; NaN: not known, or any */
	const char *paper, *paper_sd; /* as they were printed */
};

struct hmm_result {
	const char *scenario, *system;
	int ran, published; /* 1: there are results of ours, of the paper */
	long runs, n;       /* n: predictions of all runs */
	double seconds;
	const char *paper_time;
	struct hmm_result_metric metric[HMM_RESULT_METRICS];
};

struct hmm_results {
	const struct hmm_result_kind *kind; /* of all systems */
	struct hmm_result *result;          /* in the order of the index, then of what was published */
	size_t count;
	struct hmm_table *index, *published; /* the texts are theirs */
};

/* Read all. The index has a line a system: scenario, system, scores (hmm-score's table of it,
 * whose rows of `split` count), and if there are any tests (the table of hmm-score --against),
 * predictions (its name there) and seconds (a table with that column, a row a run).
 * Tests without a row of a system are an error, but of `reference`, which the others are tested
 * against. `published` (NULL: nothing) has the columns scenario system metric mean sd, and table
 * where only the rows of `table` count (NULL: all). What stands twice, or is no number, is an
 * error. 0, or -1 reported; close it in either case. */
int hmm_results_open(struct hmm_results *results, const char *index, const char *split,
    const char *reference, const char *published, const char *table);
void hmm_results_close(struct hmm_results *results);

#endif
