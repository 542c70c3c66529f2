#include "hmm/score/recalibration.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/logistic.h"
#include "hmm/kernel/solve.h"

/* Everything that a fit wants of the rows: (1, z), label, z, what it counts. */
struct design {
	double *x, *target, *logit, *weight, *scratch;
	double *gradient; /* [groups] */
	char *seen;       /* [groups] */
	size_t count, groups;
	const struct hmm_scored *rows;
	int robust;
};

static int
make_design(
    struct design *design, const struct hmm_system *system, size_t groups, double prevalence)
{
	const size_t count = system->count;
	double of[2] = {0, 0};
	*design = (struct design){.x = hmm_alloc(count, 2 * sizeof(double)),
	    .target = hmm_alloc(count, sizeof(double)),
	    .logit = hmm_alloc(count, sizeof(double)),
	    .weight = hmm_alloc(count, sizeof(double)),
	    .scratch = hmm_alloc(hmm_logistic_scratch(count, 2), sizeof(double)),
	    .gradient = hmm_alloc(groups, sizeof(double)),
	    .seen = hmm_alloc(groups, 1),
	    .count = count,
	    .groups = groups,
	    .rows = system->rows,
	    .robust = !isnan(prevalence)};
	if (!design->x || !design->target || !design->logit || !design->weight || !design->scratch ||
	    !design->gradient || !design->seen)
		return -1;
	for (size_t i = 0; i < count; i++)
		of[system->rows[i].label]++;
	for (size_t i = 0; i < count; i++) {
		const struct hmm_scored *row = &system->rows[i];
		design->x[2 * i] = 1;
		design->x[2 * i + 1] = design->logit[i] = row->logit;
		design->target[i] = row->label;
		design->weight[i] = isnan(prevalence) ? 1
		                                      : (row->label ? prevalence : 1 - prevalence) *
		                                            (double)count / of[row->label];
		design->robust |= design->seen[row->group];
		design->seen[row->group] = 1;
	}
	return 0;
}

static void
free_design(struct design *design)
{
	free(design->x);
	free(design->target);
	free(design->logit);
	free(design->weight);
	free(design->scratch);
	free(design->gradient);
	free(design->seen);
}

static double
count_members(const struct design *design)
{
	double members = 0;
	for (size_t g = 0; g < design->groups; g++)
		members += design->seen[g];
	return members;
}

/* The variance of coefficient j of those at x[size]: see the header. */
static double
variance_of(struct design *design, const double *x, const double *offset, const double *coefficient,
    const double *factor, size_t size, size_t j)
{
	double unit[2] = {j == 0, j == 1}, scratch[2], sum = 0;
	if (!design->robust)
		return hmm_solve_variance(factor, size, j, scratch);
	hmm_solve(unit, factor, size); /* the column of the inverse information */
	for (size_t g = 0; g < design->groups; g++)
		design->gradient[g] = 0;
	for (size_t i = 0; i < design->count; i++) {
		double z = offset ? offset[i] : 0, along = 0;
		for (size_t k = 0; k < size; k++) {
			z += x[i * size + k] * coefficient[k];
			along += x[i * size + k] * unit[k];
		}
		design->gradient[design->rows[i].group] +=
		    design->weight[i] * (design->target[i] - 1 / (1 + exp(-z))) * along;
	}
	for (size_t g = 0; g < design->groups; g++)
		sum += design->gradient[g] * design->gradient[g];
	const double members = count_members(design);
	return members > 1 ? sum * members / (members - 1) : (double)NAN;
}

int
hmm_recalibration_fit(struct hmm_recalibration *fit, const struct hmm_system *system, size_t groups,
    double prevalence)
{
	struct design design;
	double line[2] = {0, 0}, factor[4], of[2] = {0, 0};
	int finite = 1;
	const double none = (double)NAN;
	*fit = (struct hmm_recalibration){none, none, none, none, (double)INFINITY};
	for (size_t i = 0; i < system->count; i++) {
		finite &= isfinite(system->rows[i].logit);
		of[system->rows[i].label]++;
	}
	if (!finite || !(of[0] > 0 && of[1] > 0))
		return 0;
	const int bad = make_design(&design, system, groups, prevalence);
	if (!bad) {
		struct hmm_logistic_rows rows = {
		    design.x, design.target, NULL, design.weight, design.count, 2};
		if (!hmm_logistic_fit(line, factor, &rows, NULL, design.scratch)) {
			fit->slope = line[1];
			fit->slope_variance = variance_of(&design, design.x, NULL, line, factor, 2, 1);
		}
		for (size_t i = 0; i < design.count; i++)
			design.x[i] = 1;
		if (design.robust)
			fit->freedom = count_members(&design) - 1;
		rows.offset = design.logit;
		rows.size = 1;
		line[0] = 0;
		if (!hmm_logistic_fit(line, factor, &rows, NULL, design.scratch)) {
			fit->citl = line[0];
			fit->citl_variance = variance_of(&design, design.x, design.logit, line, factor, 1, 0);
		}
	}
	free_design(&design);
	return bad;
}
