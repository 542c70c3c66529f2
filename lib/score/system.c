#include "hmm/score/system.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/data/names.h"
#include "hmm/score/outcomes.h"

/* Minus the log of the probability of the label, which a logit knows to the last digit. */
static double
loss_of(double logit, int label)
{
	const double own = label ? logit : -logit;
	return own > 0 ? log1p(exp(-own)) : log1p(exp(own)) - own;
}

/* Number the patterns that occur. 0, or -1 reported. */
static int
number_patterns(struct hmm_system *system, const struct hmm_prediction *prediction)
{
	struct hmm_names names = {0};
	int known = 0, bad = 0;
	long number = 0;
	for (size_t i = 0; i < system->count && !bad; i++) {
		const char *modalities = prediction[i].modalities ? prediction[i].modalities : "";
		known |= prediction[i].modalities != NULL;
		if (i == 0 || strcmp(modalities, names.name[number])) /* mostly it is the same again */
			number = hmm_names_add(&names, modalities);
		bad = number < 0;
		system->rows[i].pattern = (unsigned)number;
	}
	system->patterns = known ? names.count : 0;
	hmm_names_close(&names);
	return bad ? -1 : 0;
}

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
		system->rows[i] = (struct hmm_scored){.score = prediction[i].probability,
		    .label = like[i].label,
		    .weight = 1,
		    .group = like[i].group,
		    .logit = prediction[i].logit,
		    .loss = loss_of(prediction[i].logit, like[i].label)};
		system->runs += i == 0 || strcmp(like[i].run, like[i - 1].run);
		system->end[system->runs - 1] = i + 1;
	}
	return number_patterns(system, prediction);
}

void
hmm_system_close(struct hmm_system *system)
{
	free(system->rows);
	free(system->end);
	hmm_outcomes_close(system->outcomes);
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
hmm_system_shift(struct hmm_system *system, double prevalence)
{
	for (size_t r = 0, start = 0; r < system->runs; start = system->end[r++]) {
		double of[2] = {0, 0};
		for (size_t i = start; i < system->end[r]; i++)
			of[system->rows[i].label]++;
		if (!(of[0] > 0 && of[1] > 0))
			continue;
		/* the probabilities' own odds are multiplied, not those of the logits, whose rounding is
		 * another: the order of the rows may not change */
		const double up = prevalence * of[0], down = (1 - prevalence) * of[1];
		for (size_t i = start; i < system->end[r]; i++) {
			struct hmm_scored *row = &system->rows[i];
			row->score = row->score * up / (row->score * up + (1 - row->score) * down);
			row->logit += log(up / down);
			row->loss = loss_of(row->logit, row->label);
		}
	}
}

void
hmm_system_sort(struct hmm_system *system)
{
	for (size_t r = 0, start = 0; r < system->runs; start = system->end[r++])
		hmm_metrics_sort(system->rows + start, system->end[r] - start);
}

void
hmm_system_pool(struct hmm_system *system)
{
	system->runs = 1;
	system->end[0] = system->count;
	hmm_system_sort(system);
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
		values[s] = isinf(values[s]) ? (double)NAN : values[s] / defined[s];
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
