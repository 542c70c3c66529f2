#include "hmm/score/system.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"

int
hmm_system_open(struct hmm_system *system, const struct hmm_prediction *prediction,
    const struct hmm_prediction *like, size_t count)
{
	*system = (struct hmm_system){.rows = hmm_alloc(count, sizeof(*system->rows)),
	    .count = count,
	    .end = hmm_alloc(count, sizeof(*system->end))};
	if (!system->rows || !system->end)
		return -1;
	for (size_t i = 0; i < count; i++) {
		system->rows[i] =
		    (struct hmm_scored){prediction[i].probability, like[i].label, 1, like[i].group};
		system->runs += i == 0 || strcmp(like[i].run, like[i - 1].run);
		system->end[system->runs - 1] = i + 1;
	}
	return 0;
}

void
hmm_system_close(struct hmm_system *system)
{
	free(system->rows);
	free(system->end);
	*system = (struct hmm_system){0};
}

int
hmm_system_is_independent(const struct hmm_system *system, size_t groups)
{
	char *seen = hmm_alloc(groups, 1);
	int single = system->runs == 1;
	if (!seen)
		return -1;
	for (size_t i = 0; i < system->count && single; i++)
		single = !seen[system->rows[i].group]++;
	free(seen);
	return single;
}

void
hmm_system_sort(struct hmm_system *system)
{
	for (size_t r = 0, start = 0; r < system->runs; start = system->end[r++])
		hmm_metrics_sort(system->rows + start, system->end[r] - start);
}

void
hmm_system_weigh(struct hmm_system *system, const double *weight)
{
	for (size_t i = 0; i < system->count; i++)
		system->rows[i].weight = weight[system->rows[i].group];
}

static int
counts(const struct hmm_scored *rows, size_t count)
{
	size_t i = 0;
	while (i < count && !(rows[i].weight > 0))
		i++;
	return i < count;
}

void
hmm_system_measure(double *values, const struct hmm_system *system, size_t statistics,
    hmm_measure *measure, const void *context, double *scratch)
{
	double *const defined = scratch + statistics;
	for (size_t s = 0; s < statistics; s++)
		values[s] = defined[s] = 0;
	for (size_t r = 0, start = 0; r < system->runs; start = system->end[r++]) {
		const size_t count = system->end[r] - start;
		if (!counts(system->rows + start, count))
			continue;
		measure(scratch, system->rows + start, count, context);
		for (size_t s = 0; s < statistics; s++) {
			values[s] += isnan(scratch[s]) ? 0 : scratch[s];
			defined[s] += !isnan(scratch[s]);
		}
	}
	for (size_t s = 0; s < statistics; s++)
		values[s] /= defined[s];
}

void
hmm_system_spread(double *values, const struct hmm_system *system, size_t statistics,
    hmm_measure *measure, const void *context, double *scratch)
{
	double *const defined = scratch + statistics, *const mean = defined + statistics;
	double *const squares = mean + statistics;
	for (size_t s = 0; s < statistics; s++)
		defined[s] = mean[s] = squares[s] = 0;
	for (size_t r = 0, start = 0; r < system->runs; start = system->end[r++]) {
		const size_t count = system->end[r] - start;
		if (!counts(system->rows + start, count))
			continue;
		measure(scratch, system->rows + start, count, context);
		for (size_t s = 0; s < statistics; s++) {
			if (isnan(scratch[s]))
				continue;
			const double away = scratch[s] - mean[s];
			mean[s] += away / ++defined[s];
			squares[s] += away * (scratch[s] - mean[s]);
		}
	}
	for (size_t s = 0; s < statistics; s++)
		values[s] = defined[s] < 2 ? (double)NAN : sqrt(squares[s] / (defined[s] - 1));
}
