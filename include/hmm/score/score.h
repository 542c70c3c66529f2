/* Metrics and curves of a set of predictions, with intervals. */
#ifndef HMM_SCORE_H
#define HMM_SCORE_H

#include "hmm/score/bootstrap.h"
#include "hmm/kernel/curve.h"
#include "hmm/score/intervals.h"
#include "hmm/score/measures.h"

struct hmm_score {
	double value, low, high; /* NaN: undefined */
	double sd;               /* over the runs, n - 1; NaN: fewer than two, or pooled */
	enum hmm_interval_kind interval;
	int pooled; /* 1: of several runs' rows as if they were one's */
};

/* What a system is measured by. */
struct hmm_scores_of {
	const struct hmm_measures *measures;
	double prevalence; /* see hmm_metrics_measure() and hmm_system_shift(), which is the caller's;
	                      NaN: as it is */
	size_t replicates;
	struct hmm_place place;
};

/* Every metric of a system, which is sorted in place and in the end one run, and its 95 % interval
 * of hmm_intervals_kind(); the bootstrap's is of expanded percentiles, and replicates that leave a
 * metric undefined do not count for it. Of several runs the mean counts, but of what is about
 * calibration, and of counts: these are of all runs' rows together. 0, or -1 reported. */
int hmm_score_run(struct hmm_score *scores, struct hmm_system *system, size_t groups,
    const struct hmm_scores_of *of);

/* Warn of what a reader of these numbers should know: repeated subjects, zero
 * denominators, ties. `where` is the table, and what of it, "p.tsv: split test"; one of `many`:
 * those of a kind are counted. */
void hmm_score_warn(const char *where, const struct hmm_prediction *prediction,
    const struct hmm_system *system, const struct hmm_measures *measures, int many);

/* Of these the first alone, of any target. */
void hmm_score_warn_repeated(
    const char *where, const struct hmm_prediction *prediction, size_t count, int many);

enum hmm_curve { HMM_ROC, HMM_PR, HMM_CALIBRATION, HMM_DECISION, HMM_RISK, HMM_CONFUSION };

/* The points of a curve, roc or pr, and the interval at each, likewise. */
int hmm_score_curve(struct hmm_score points[HMM_CURVE_POINTS], enum hmm_curve curve,
    struct hmm_system *system, size_t groups, size_t replicates, struct hmm_place place);

#endif
