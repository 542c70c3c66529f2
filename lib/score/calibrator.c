#include "hmm/score/calibrator.h"

#include <math.h>
#include <string.h>

#include "hmm/kernel/logistic.h"

enum { MOST = 2 };

double
hmm_calibrator_probability(const struct hmm_calibrator *calibrator, double logit)
{
	return 1 / (1 + exp(-(calibrator->intercept + calibrator->slope * logit)));
}

double
hmm_calibrator_loss(const struct hmm_calibrator *calibrator, double logit, int label)
{
	const double z = calibrator->intercept + calibrator->slope * logit;
	return fmax(z, 0) + log1p(exp(-fabs(z))) - (label ? z : 0);
}

size_t
hmm_calibrator_scratch(size_t count)
{
	return (MOST + 2) * count + hmm_logistic_scratch(count, MOST);
}

void
hmm_calibrator_targets(
    double target[2], const struct hmm_member *row, size_t count, enum hmm_calibrator_method method)
{
	size_t of[2] = {0, 0};
	for (size_t i = 0; i < count; i++)
		of[row[i].row->label]++;
	const int platt = method == HMM_CALIBRATOR_PLATT;
	target[0] = platt ? 1 / ((double)of[0] + 2) : 0;
	target[1] = platt ? ((double)of[1] + 1) / ((double)of[1] + 2) : 1;
}

int
hmm_calibrator_pull(struct hmm_calibrator *calibrator, const struct hmm_member *row, size_t count,
    enum hmm_calibrator_method method, const struct hmm_calibrator_pull *pull, double *scratch)
{
	/* the columns: ones, unless it is a temperature, and then the logits, unless they are given */
	const size_t first = method == HMM_CALIBRATOR_TEMPERATURE;
	const size_t last = method == HMM_CALIBRATOR_INTERCEPT ? 0 : 1;
	const size_t size = last - first + 1;
	double *x = scratch, *target = x + count * size, *offset = target + count;
	double *rest = offset + count;
	double coefficient[MOST] = {0}, factor[MOST * MOST];
	const double ridge[MOST] = {pull->ridge, pull->ridge};
	const double both[MOST] = {pull->to.intercept, pull->to.slope};
	const struct hmm_logistic_penalty penalty = {ridge, both + first};
	for (size_t i = 0; i < count; i++) {
		const double logit = row[i].row->logit, column[MOST] = {1, logit};
		memcpy(x + i * size, column + first, size * sizeof(*x));
		target[i] = pull->target[row[i].row->label];
		offset[i] = last ? 0 : logit;
	}
	const struct hmm_logistic_rows rows = {
	    .x = x, .target = target, .offset = offset, .count = count, .size = size};
	if (hmm_logistic_fit(coefficient, factor, &rows, &penalty, rest))
		return -1;
	*calibrator =
	    (struct hmm_calibrator){first ? 0 : coefficient[0], last ? coefficient[size - 1] : 1};
	return 0;
}

int
hmm_calibrator_fit(struct hmm_calibrator *calibrator, const struct hmm_member *row, size_t count,
    enum hmm_calibrator_method method, double *scratch)
{
	struct hmm_calibrator_pull pull = {.ridge = 0};
	hmm_calibrator_targets(pull.target, row, count, method);
	return hmm_calibrator_pull(calibrator, row, count, method, &pull, scratch);
}
