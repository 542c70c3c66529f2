#include "stress.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/data/mechanism.h"
#include "hmm/kernel/logistic.h"

enum { COLUMNS = 3 }; /* of the regression: 1, the logit from all else, the label */
static const struct hmm_excess undefined = {(double)NAN, (double)NAN, (double)NAN};

static int
has(const struct hmm_stress *stress, size_t i)
{
	return (stress->cohort->subject[i].own & stress->modality) != 0;
}

static int
can_lose(const struct hmm_stress *stress, size_t i)
{
	return has(stress, i) && stress->cohort->subject[i].own != stress->modality;
}

/* The logit from all but the modality, for who has something else. */
static double
without(const struct hmm_stress *stress, size_t i)
{
	const struct hmm_patients_subject *subject = &stress->cohort->subject[i];
	return hmm_patients_logit(subject, subject->own & ~stress->modality);
}

/* The chances of one mechanism. Where what decides is the same for all, nobody loses it rather. */
static void
set_chances(struct hmm_stress *stress, enum hmm_mechanism mechanism, double gamma)
{
	const struct hmm_patients *cohort = stress->cohort;
	const int by_label = mechanism == HMM_BY_LABEL_1 || mechanism == HMM_BY_LABEL_0;
	double *value = stress->of, *lost = stress->lost[mechanism];
	size_t found = 0;
	for (size_t i = 0; i < cohort->count; i++)
		if (can_lose(stress, i))
			value[found++] = by_label ? cohort->subject[i].label
			                          : hmm_patients_logit(&cohort->subject[i], stress->modality);
	if (!by_label && found && hmm_mechanism_standardise(value, found))
		gamma = 0;
	gamma = mechanism == HMM_BY_LABEL_0 || mechanism == HMM_BY_LOW ? -gamma : gamma;
	const double intercept = hmm_mechanism_intercept(value, found, gamma, stress->rate);
	found = 0;
	for (size_t i = 0; i < cohort->count; i++)
		if (can_lose(stress, i))
			lost[i] = hmm_mechanism_probability(intercept, gamma, value[found++]);
}

int
hmm_stress_open(struct hmm_stress *stress, const struct hmm_patients *cohort, size_t modality,
    double rate, double gamma)
{
	const size_t count = cohort->count;
	*stress = (struct hmm_stress){.cohort = cohort,
	    .modality = 1U << modality,
	    .rate = rate,
	    .row = hmm_alloc(count, COLUMNS * sizeof(double)),
	    .target = hmm_alloc(count, sizeof(double)),
	    .of = hmm_alloc(count, sizeof(double)),
	    .sorted = hmm_alloc(count, sizeof(double)),
	    .scratch = hmm_alloc(hmm_logistic_scratch(count, COLUMNS), sizeof(double))};
	double *lost = hmm_alloc(count, HMM_MECHANISMS * sizeof(double));
	stress->lost[0] = lost; /* owns them all */
	if (!stress->row || !stress->target || !stress->of || !stress->sorted || !stress->scratch ||
	    !lost || hmm_spread_open(&stress->spread, 2 * count))
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct hmm_patients_subject *subject = &cohort->subject[i];
		const int can = can_lose(stress, i);
		stress->has += (size_t)has(stress, i);
		stress->can += (size_t)can;
		hmm_spread_add(&stress->spread, subject->label, subject->logit);
		hmm_spread_add(&stress->spread, subject->label,
		    can && cohort->subsets ? without(stress, i) : subject->logit);
	}
	for (int m = 0; m < HMM_MECHANISMS && cohort->subsets; m++) {
		stress->lost[m] = lost + (size_t)m * count;
		set_chances(stress, (enum hmm_mechanism)m, gamma);
	}
	return 0;
}

void
hmm_stress_close(struct hmm_stress *stress)
{
	hmm_spread_close(&stress->spread);
	free(stress->lost[0]);
	free(stress->row);
	free(stress->target);
	free(stress->of);
	free(stress->sorted);
	free(stress->scratch);
	*stress = (struct hmm_stress){0};
}

/* lost[subjects]; NULL: `rate` of everybody who can. */
static double
dropped_auc(struct hmm_stress *stress, const double *lost, const double *weight)
{
	for (size_t i = 0; i < stress->cohort->count; i++) {
		const double chance = !can_lose(stress, i) ? 0 : lost ? lost[i] : stress->rate;
		stress->spread.weight[2 * i] = weight[i] * (1 - chance);
		stress->spread.weight[2 * i + 1] = weight[i] * chance;
	}
	return hmm_spread_auc(&stress->spread);
}

struct hmm_excess
hmm_stress_drop(struct hmm_stress *stress, enum hmm_mechanism mechanism, const double *weight)
{
	if (!stress->can || !stress->cohort->subsets)
		return undefined;
	const double value = dropped_auc(stress, stress->lost[mechanism], weight);
	const double reference = dropped_auc(stress, NULL, weight);
	return (struct hmm_excess){value, reference, value - reference};
}

/* ---- inverse probability weights ---- */

/* Into of[subjects], for who can lose it: the inverse of the chance to have it, on average 1 but
 * for the cut. -1 (not reported): it cannot be told apart from the label and the logit. */
static int
fit_weights(struct hmm_stress *stress, const double *weight)
{
	const struct hmm_patients *cohort = stress->cohort;
	double coefficient[COLUMNS] = {0}, factor[COLUMNS * COLUMNS], seen = 0, all = 0, *x;
	double *drawn = stress->sorted;
	size_t rows = 0;
	for (size_t i = 0; i < cohort->count; i++) {
		if (cohort->subject[i].own == stress->modality || !(weight[i] > 0))
			continue;
		x = stress->row + COLUMNS * rows;
		x[0] = 1;
		x[1] = without(stress, i);
		x[2] = cohort->subject[i].label;
		stress->target[rows] = has(stress, i);
		drawn[rows++] = weight[i];
		seen += has(stress, i) ? weight[i] : 0;
		all += weight[i];
	}
	for (size_t i = 0; i < cohort->count; i++)
		stress->of[i] = 1;
	if (seen >= all)
		return 0;
	const struct hmm_logistic_rows of = {.x = stress->row,
	    .target = stress->target,
	    .weight = drawn,
	    .count = rows,
	    .size = COLUMNS};
	if (hmm_logistic_fit(coefficient, factor, &of, NULL, stress->scratch))
		return -1;
	for (size_t i = 0; i < cohort->count; i++) {
		const double value = coefficient[0] + coefficient[2] * cohort->subject[i].label;
		if (can_lose(stress, i))
			stress->of[i] =
			    seen / all / hmm_mechanism_probability(value, coefficient[1], without(stress, i));
	}
	return 0;
}

/* Cut the weights of who can lose it at the percentiles of those that count, linear between two of
 * them. */
static void
cut_weights(struct hmm_stress *stress, const double *weight)
{
	static const double ends[2] = {.01, .99};
	double *sorted = stress->sorted, limit[2];
	size_t count = 0;
	for (size_t i = 0; i < stress->cohort->count; i++)
		if (can_lose(stress, i) && weight[i] > 0)
			sorted[count++] = stress->of[i];
	if (!count)
		return;
	hmm_numbers_sort(sorted, count);
	for (int k = 0; k < 2; k++) {
		const double at = ends[k] * (double)(count - 1);
		const size_t below = (size_t)at, above = below + 1 < count ? below + 1 : below;
		limit[k] = sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
	}
	for (size_t i = 0; i < stress->cohort->count; i++)
		stress->of[i] = fmin(fmax(stress->of[i], limit[0]), limit[1]);
}

/* With the modality less without it, among who can lose it. */
static double
gain(struct hmm_stress *stress, const double *weight, const double *of)
{
	double auc[2];
	for (size_t less = 0; less < 2; less++) {
		for (size_t i = 0; i < stress->cohort->count; i++) {
			const double here = can_lose(stress, i) ? weight[i] * (of ? of[i] : 1) : 0;
			stress->spread.weight[2 * i] = less ? 0 : here;
			stress->spread.weight[2 * i + 1] = less ? here : 0;
		}
		auc[less] = hmm_spread_auc(&stress->spread);
	}
	return auc[0] - auc[1];
}

struct hmm_excess
hmm_stress_gain(struct hmm_stress *stress, const double *weight)
{
	double sum = 0, squares = 0;
	if (!stress->can || !stress->cohort->subsets || fit_weights(stress, weight))
		return undefined;
	cut_weights(stress, weight);
	for (size_t i = 0; i < stress->cohort->count; i++) {
		const double here = can_lose(stress, i) ? weight[i] * stress->of[i] : 0;
		sum += here;
		squares += here * here;
	}
	stress->effective = squares > 0 ? sum * sum / squares : 0;
	const double value = gain(stress, weight, stress->of), reference = gain(stress, weight, NULL);
	return (struct hmm_excess){value, reference, reference - value};
}
