#include "hmm/kernel/ridge.h"

#include <math.h>
#include <string.h>

const double hmm_ridges[HMM_RIDGES] = {1e5, 1e4, 1e3, 100, 10, 1, .1};

/* A fit in hand: everything is scratch but what it is of. */
struct fit {
	const struct hmm_logistic_rows *rows;
	double ridge;
	double *logit, *trial; /* [count]: of the coefficients, of a step from there */
	double *curve;         /* [count]: the second derivative of a row's loss */
	double *along;         /* [count]: what a direction does to the logits */
	double *gradient, *step, *rest, *direction, *bent; /* [size] */
};

size_t
hmm_ridge_scratch(size_t count, size_t size)
{
	return 5 * count + 6 * size; /* and of a choice the weights, and coefficients */
}

static struct fit
open_fit(const struct hmm_logistic_rows *rows, double ridge, double *scratch)
{
	const size_t count = rows->count, size = rows->size;
	double *const columns = scratch + 4 * count;
	return (struct fit){rows, ridge, scratch, scratch + count, scratch + 2 * count,
	    scratch + 3 * count, columns, columns + size, columns + 2 * size, columns + 3 * size,
	    columns + 4 * size};
}

/* In four sums, which a processor has under way at a time. */
static double
dot(const double *a, const double *b, size_t count)
{
	double sum[4] = {0, 0, 0, 0};
	size_t i = 0;
	for (; i + 4 <= count; i += 4)
		for (size_t k = 0; k < 4; k++)
			sum[k] += a[i + k] * b[i + k];
	for (; i < count; i++)
		sum[0] += a[i] * b[i];
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static double
weight(const struct fit *fit, size_t i)
{
	return fit->rows->weight ? fit->rows->weight[i] : 1;
}

/* log(1 + e^z) - y z, which overflows nowhere */
static double
loss_of(double z, double target)
{
	return fmax(z, 0) + log1p(exp(-fabs(z))) - target * z;
}

/* ---- a fit ---- */

/* What is to be least, of logits and coefficients. */
static double
objective(const struct fit *fit, const double *logit, const double *coefficient)
{
	const size_t size = fit->rows->size;
	double sum = 0;
	for (size_t i = 0; i < fit->rows->count; i++)
		sum += weight(fit, i) * loss_of(logit[i], fit->rows->target[i]);
	return sum + fit->ridge / 2 * dot(coefficient + 1, coefficient + 1, size - 1);
}

/* logit[count] of the coefficients; of a direction without the offset. */
static void
apply(double *logit, const struct fit *fit, const double *coefficient, int offset)
{
	const struct hmm_logistic_rows *rows = fit->rows;
	for (size_t i = 0; i < rows->count; i++)
		logit[i] = dot(rows->x + i * rows->size, coefficient, rows->size) +
		           (offset && rows->offset ? rows->offset[i] : 0);
}

/* out[size] = the sum of factor[i] x[i], and the ridge times the coefficients. */
static void
gather(double *out, const struct fit *fit, const double *factor, const double *coefficient)
{
	const struct hmm_logistic_rows *rows = fit->rows;
	out[0] = 0;
	for (size_t j = 1; j < rows->size; j++)
		out[j] = fit->ridge * coefficient[j];
	for (size_t i = 0; i < rows->count; i++) {
		const double *x = rows->x + i * rows->size;
		for (size_t j = 0; factor[i] != 0 && j < rows->size; j++)
			out[j] += factor[i] * x[j];
	}
}

/* The gradient at the logits, and the curves. The largest of its elements. */
static double
derive(struct fit *fit, const double *coefficient)
{
	double most = 0;
	for (size_t i = 0; i < fit->rows->count; i++) {
		const double small = exp(-fabs(fit->logit[i])), less = small / (1 + small);
		const double p = fit->logit[i] < 0 ? less : 1 - less;
		fit->curve[i] = weight(fit, i) * less * (1 - less);
		fit->along[i] = weight(fit, i) * (p - fit->rows->target[i]);
	}
	gather(fit->gradient, fit, fit->along, coefficient);
	for (size_t j = 0; j < fit->rows->size; j++)
		most = fmax(most, fabs(fit->gradient[j]));
	return most;
}

/* Newton's step, as near as is worth it: the nearer the minimum, the better. */
static void
solve(struct fit *fit)
{
	const size_t size = fit->rows->size;
	double left = dot(fit->gradient, fit->gradient, size);
	const double enough = left * fmin(.01, left);
	memset(fit->step, 0, size * sizeof(double));
	for (size_t j = 0; j < size; j++)
		fit->direction[j] = fit->rest[j] = -fit->gradient[j];
	for (size_t tries = 0; tries < size + 20 && left > enough; tries++) {
		apply(fit->along, fit, fit->direction, 0);
		for (size_t i = 0; i < fit->rows->count; i++)
			fit->along[i] *= fit->curve[i];
		gather(fit->bent, fit, fit->along, fit->direction);
		const double bend = dot(fit->direction, fit->bent, size);
		if (!(bend > 0))
			return;
		const double share = left / bend, before = left;
		for (size_t j = 0; j < size; j++) {
			fit->step[j] += share * fit->direction[j];
			fit->rest[j] -= share * fit->bent[j];
		}
		left = dot(fit->rest, fit->rest, size);
		for (size_t j = 0; j < size; j++)
			fit->direction[j] = fit->rest[j] + left / before * fit->direction[j];
	}
}

/* Go along the step, halved until something is won. 0, or -1: nothing is. */
static int
move(double *coefficient, double *least, struct fit *fit)
{
	enum { HALVINGS = 40 };
	static const double rounding = 1e-15;
	const size_t count = fit->rows->count, size = fit->rows->size;
	const double slope = dot(fit->gradient, fit->step, size);
	double share = 1;
	apply(fit->along, fit, fit->step, 0);
	for (int tries = 0; tries < HALVINGS; tries++, share /= 2) {
		for (size_t i = 0; i < count; i++)
			fit->trial[i] = fit->logit[i] + share * fit->along[i];
		for (size_t j = 0; j < size; j++)
			fit->rest[j] = coefficient[j] + share * fit->step[j];
		const double found = objective(fit, fit->trial, fit->rest);
		if (found > *least + 1e-4 * share * slope + rounding * fabs(*least))
			continue;
		memcpy(fit->logit, fit->trial, count * sizeof(double));
		memcpy(coefficient, fit->rest, size * sizeof(double));
		*least = found;
		return 0;
	}
	return -1;
}

int
hmm_ridge_fit(
    double *coefficient, const struct hmm_logistic_rows *rows, double ridge, double *scratch)
{
	enum { STEPS = 60 };
	static const double close = 1e-12, near = 1e-9; /* of a row's weight; where rounding ends it */
	struct fit fit = open_fit(rows, ridge, scratch);
	double sum[2] = {0, 0};
	for (size_t i = 0; i < rows->count; i++) {
		sum[0] += weight(&fit, i) * (1 - rows->target[i]);
		sum[1] += weight(&fit, i) * rows->target[i];
	}
	if (!(sum[0] > 0 && sum[1] > 0))
		return -1;
	apply(fit.logit, &fit, coefficient, 1);
	double least = objective(&fit, fit.logit, coefficient), most = derive(&fit, coefficient);
	for (int step = 0; step < STEPS && most > close * (sum[0] + sum[1]); step++) {
		solve(&fit);
		if (move(coefficient, &least, &fit))
			break;
		most = derive(&fit, coefficient);
	}
	return most <= near * (sum[0] + sum[1]) ? 0 : -1;
}

/* ---- which ridge ---- */

/* Add to loss[] the losses of a fold's rows by fits without them: how many rows, 0 where there is
 * no fit. */
static size_t
try_fold(double loss[HMM_RIDGES], const struct hmm_logistic_rows *rows, const size_t *fold,
    size_t which, double *scratch)
{
	double *const share = scratch, *const coefficient = scratch + rows->count;
	double found[HMM_RIDGES] = {0};
	const struct hmm_logistic_rows others = {
	    rows->x, rows->target, rows->offset, share, rows->count, rows->size};
	size_t left_out = 0;
	for (size_t i = 0; i < rows->count; i++) {
		share[i] = fold[i] != which;
		left_out += fold[i] == which;
	}
	memset(coefficient, 0, rows->size * sizeof(double));
	for (size_t r = 0; r < HMM_RIDGES; r++) { /* each begins where the larger one ended */
		double *const more = coefficient + rows->size;
		if (hmm_ridge_fit(coefficient, &others, hmm_ridges[r], more))
			return 0;
		for (size_t i = 0; i < rows->count; i++)
			if (fold[i] == which)
				found[r] += loss_of(dot(rows->x + i * rows->size, coefficient, rows->size) +
				                        (rows->offset ? rows->offset[i] : 0),
				    rows->target[i]);
	}
	for (size_t r = 0; r < HMM_RIDGES; r++)
		loss[r] += found[r];
	return left_out;
}

double
hmm_ridge_choose(double *loss, const struct hmm_logistic_rows *rows, const size_t *fold,
    size_t folds, double *scratch)
{
	double all[HMM_RIDGES] = {0};
	size_t count = 0, best = 0;
	for (size_t which = 0; which < folds; which++)
		count += try_fold(all, rows, fold, which, scratch);
	for (size_t r = 1; r < HMM_RIDGES; r++)
		best = all[r] < all[best] ? r : best;
	*loss = count ? all[best] / (double)count : 0;
	return count ? hmm_ridges[best] : -1;
}
