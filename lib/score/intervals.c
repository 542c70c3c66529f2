#include "hmm/score/intervals.h"

#include <stdlib.h>

#include "hmm/base/memory.h"

static const double level = .95;

int
hmm_intervals_open(struct hmm_intervals *intervals, const struct hmm_system *system, size_t groups,
    double threshold)
{
	struct hmm_delong_group *scratch = hmm_alloc(groups, sizeof(*scratch));
	const int independent = hmm_system_is_independent(system, groups);
	*intervals = (struct hmm_intervals){.runs = system->runs > 1, .repeated = independent < 1};
	if (!scratch || independent < 0) {
		free(scratch);
		return -1;
	}
	for (size_t i = 0; i < system->count; i++)
		intervals->table[system->rows[i].label][system->rows[i].score > threshold]++;
	if (!intervals->runs)
		hmm_delong_area(&intervals->area, system->rows, system->count, scratch, groups);
	free(scratch);
	return 0;
}

/* `part` of them and `rest`. */
static int
proportion(
    struct hmm_interval *interval, const struct hmm_intervals *intervals, size_t part, size_t rest)
{
	*interval = hmm_interval_wilson(part, part + rest, level);
	return !intervals->repeated;
}

int
hmm_intervals_of(
    struct hmm_interval *interval, const struct hmm_intervals *intervals, enum hmm_metric metric)
{
	const size_t *negative = intervals->table[0], *positive = intervals->table[1];
	switch (metric) {
	case HMM_ACC:
		return proportion(
		    interval, intervals, negative[0] + positive[1], negative[1] + positive[0]);
	case HMM_PRECISION:
		return proportion(interval, intervals, positive[1], negative[1]);
	case HMM_RECALL:
		return proportion(interval, intervals, positive[1], positive[0]);
	case HMM_AUC:
		*interval = hmm_interval_area_student(
		    intervals->area.value, intervals->area.variance, intervals->area.freedom, level);
		return !intervals->runs;
	default:
		return 0;
	}
}
