#include "presence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/logistic.h"

void
hmm_presence_table(double *score, const struct hmm_patients *cohort, size_t *scratch)
{
	size_t positives = 0;
	memset(scratch, 0, HMM_PRESENCE_SCRATCH * sizeof(*scratch));
	for (size_t i = 0; i < cohort->trained; i++) {
		scratch[2 * cohort->train[i].own]++;
		scratch[2 * cohort->train[i].own + 1] += (size_t)cohort->train[i].label;
		positives += (size_t)cohort->train[i].label;
	}
	const double share = (double)positives / (double)cohort->trained; /* NaN of none */
	for (size_t i = 0; i < cohort->count; i++) {
		const size_t *of = &scratch[2 * cohort->subject[i].own];
		score[i] = ((double)of[1] + share) / ((double)of[0] + 1);
	}
}

/* [1 + modalities]: an intercept, and whether each is there. */
static void
indicate(double *x, unsigned own, size_t modalities)
{
	x[0] = 1;
	for (size_t m = 0; m < modalities; m++)
		x[1 + m] = own >> m & 1;
}

int
hmm_presence_logistic(double *score, const struct hmm_patients *cohort)
{
	enum { MOST = 1 + HMM_PATIENTS_MODALITIES };
	const size_t count = cohort->trained, size = 1 + cohort->modalities.count;
	double coefficient[MOST] = {0}, factor[MOST * MOST], ridge[MOST] = {0}, x[MOST];
	double *rows = hmm_alloc(count, size * sizeof(*rows)),
	       *target = hmm_alloc(count, sizeof(*target)),
	       *scratch = hmm_alloc(hmm_logistic_scratch(count, size), sizeof(*scratch));
	const int bad = !rows || !target || !scratch;
	for (size_t m = 1; m < size; m++)
		ridge[m] = 1;
	for (size_t i = 0; i < count && !bad; i++) {
		indicate(rows + i * size, cohort->train[i].own, size - 1);
		target[i] = cohort->train[i].label;
	}
	const struct hmm_logistic_rows of = {.x = rows, .target = target, .count = count, .size = size};
	const struct hmm_logistic_penalty penalty = {.ridge = ridge};
	const int none = bad || !count || hmm_logistic_fit(coefficient, factor, &of, &penalty, scratch);
	for (size_t i = 0; i < cohort->count && !bad; i++) {
		score[i] = none ? (double)NAN : 0;
		indicate(x, cohort->subject[i].own, size - 1);
		for (size_t j = 0; j < size; j++)
			score[i] += coefficient[j] * x[j];
	}
	free(rows);
	free(target);
	free(scratch);
	return bad ? -1 : 0;
}

double
hmm_presence_p(struct hmm_spread *spread, size_t permutations, struct hmm_place place)
{
	const size_t count = spread->count;
	size_t *order = hmm_alloc(count, sizeof(*order)), reached = 0;
	int *label = hmm_alloc(count, 2 * sizeof(*label)), *now = label ? label + count : NULL;
	const int bad = !order || !label;
	for (size_t i = 0; i < count && !bad; i++) {
		spread->weight[i] = 1;
		label[spread->rows[i].group] = spread->rows[i].label;
	}
	const double auc = bad ? -1 : hmm_spread_auc(spread);
	for (size_t b = 0; b < permutations && auc >= 0; b++) {
		place.epoch = (uint32_t)b;
		hmm_random_shuffle(order, count, place);
		for (size_t i = 0; i < count; i++)
			now[i] = label[order[i]];
		reached += hmm_spread_relabel(spread, now) >= auc;
	}
	if (!bad)
		hmm_spread_relabel(spread, label);
	free(order);
	free(label);
	return bad || isnan(auc) ? auc : (double)(1 + reached) / (double)(1 + permutations);
}
