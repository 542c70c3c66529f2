/* Rows and systems for tests, and the seven metrics of the paper at a threshold. */
#ifndef HMM_TEST_SCORED_H
#define HMM_TEST_SCORED_H

#include <math.h>

#include "hmm/score/compare.h"

#define ROW(score_, label_, group_)                                                                \
	{                                                                                              \
		.score = (score_), .label = (label_), .weight = 1, .group = (group_)                       \
	}
#define SYSTEM(rows_, count_, end_, runs_)                                                         \
	{                                                                                              \
		.rows = (rows_), .count = (count_), .end = (end_), .runs = (runs_)                         \
	}

/* The seven of the paper and its code. */
static inline const struct hmm_measures *
scored_measures(void)
{
	static struct hmm_measures measures;
	hmm_measures_choose(&measures, HMM_BINARY, NULL, 1, NULL);
	return &measures;
}

static inline struct hmm_scores_of
scored_of(size_t replicates, struct hmm_place place)
{
	return (struct hmm_scores_of){scored_measures(), (double)NAN, replicates, place};
}

static inline void
scored_measure_as(double values[HMM_COMPARED], struct hmm_scored *sorted, size_t count,
    double threshold, int strict)
{
	const struct hmm_measuring measuring = {
	    scored_measures()->metric, HMM_COMPARED, (double)NAN, NULL, 0, strict, NULL};
	hmm_metrics_call(sorted, count, threshold);
	hmm_metrics_measure(values, sorted, count, &measuring);
}

static inline void
scored_measure(
    double values[HMM_COMPARED], struct hmm_scored *sorted, size_t count, double threshold)
{
	scored_measure_as(values, sorted, count, threshold, 0);
}

static inline int
scored_run(struct hmm_score scores[HMM_COMPARED], struct hmm_system *system, size_t groups,
    double threshold, size_t replicates, struct hmm_place place)
{
	const struct hmm_scores_of of = scored_of(replicates, place);
	hmm_metrics_call(system->rows, system->count, threshold);
	return hmm_score_run(scores, system, groups, &of);
}

static inline int
scored_compare(struct hmm_compared compared[HMM_COMPARED], struct hmm_system *system,
    struct hmm_system *other, size_t groups, double threshold, size_t replicates,
    struct hmm_place place)
{
	const struct hmm_scores_of of = scored_of(replicates, place);
	hmm_metrics_call(system->rows, system->count, threshold);
	hmm_metrics_call(other->rows, other->count, threshold);
	return hmm_compare_run(compared, system, other, groups, &of);
}

#endif
