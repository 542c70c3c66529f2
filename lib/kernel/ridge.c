#include "hmm/kernel/ridge.h"

#include <math.h>
#include <string.h>

#include "hmm/kernel/cox.h"

const double hmm_ridges[HMM_RIDGES] = {1e5, 1e4, 1e3, 100, 10, 1, .1};

/* A fit in hand: everything is scratch but what it is of. */
struct fit {
	const struct hmm_ridge_rows *rows;
	double ridge;
	double *logit, *trial; /* [count]: of the coefficients, of a step from there */
	double *curve;         /* [count]: the second derivative of a row's loss */
	double *along;         /* [count]: what a direction does to the logits */
	double *gradient, *step, *rest, *direction, *bent; /* [size] */
	struct hmm_cox cox;
};

size_t
hmm_ridge_scratch(size_t count, size_t size)
{
	/* and of a choice the weights, and coefficients */
	return 5 * count + 6 * size + hmm_cox_scratch(count);
}

static struct fit
open_fit(const struct hmm_ridge_rows *rows, double ridge, double *scratch)
{
	const size_t count = rows->count, size = rows->size;
	double *const columns = scratch + 4 * count;
	return (struct fit){.rows = rows,
	    .ridge = ridge,
	    .logit = scratch,
	    .trial = scratch + count,
	    .curve = scratch + 2 * count,
	    .along = scratch + 3 * count,
	    .gradient = columns,
	    .step = columns + size,
	    .rest = columns + 2 * size,
	    .direction = columns + 3 * size,
	    .bent = columns + 4 * size};
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

/* Of a row: half a square, or log(1 + e^z) - y z, which overflows nowhere. */
static double
loss_of(const struct hmm_ridge_rows *rows, size_t i, double z)
{
	const double target = rows->target[i];
	if (rows->loss == HMM_RIDGE_SQUARES)
		return (z - target) * (z - target) / 2;
	return fmax(z, 0) + log1p(exp(-fabs(z))) - target * z;
}

/* The logit of a row. */
static double
predict(const struct hmm_ridge_rows *rows, size_t i, const double *coefficient, int offset)
{
	return dot(rows->x + i * rows->size, coefficient, rows->size) +
	       (offset && rows->offset ? rows->offset[i] : 0);
}

/* ---- a fit ---- */

/* What is to be least, of logits and coefficients. */
static double
objective(struct fit *fit, const double *logit, const double *coefficient)
{
	const size_t size = fit->rows->size;
	double sum = 0;
	if (fit->rows->loss == HMM_RIDGE_COX)
		sum = hmm_cox_loss(&fit->cox, logit, NULL);
	else
		for (size_t i = 0; i < fit->rows->count; i++)
			sum += weight(fit, i) * loss_of(fit->rows, i, logit[i]);
	return sum + fit->ridge / 2 * dot(coefficient + 1, coefficient + 1, size - 1);
}

/* logit[count] of the coefficients; of a direction without the offset. */
static void
apply(double *logit, const struct fit *fit, const double *coefficient, int offset)
{
	const struct hmm_ridge_rows *rows = fit->rows;
	for (size_t i = 0; i < rows->count; i++)
		logit[i] = predict(rows, i, coefficient, offset);
}

/* out[size] = the sum of factor[i] x[i], and the ridge times the coefficients. To Cox the first one
 * is nothing: what all have in common changes no risk against another. */
static void
gather(double *out, const struct fit *fit, const double *factor, const double *coefficient)
{
	const struct hmm_ridge_rows *rows = fit->rows;
	out[0] = 0;
	for (size_t j = 1; j < rows->size; j++)
		out[j] = fit->ridge * coefficient[j];
	for (size_t i = 0; i < rows->count; i++) {
		const double *x = rows->x + i * rows->size;
		for (size_t j = 0; factor[i] != 0 && j < rows->size; j++)
			out[j] += factor[i] * x[j];
	}
	if (rows->loss == HMM_RIDGE_COX)
		out[0] = 0;
}

static void
derive_rows(struct fit *fit)
{
	for (size_t i = 0; i < fit->rows->count; i++) {
		const double small = exp(-fabs(fit->logit[i])), less = small / (1 + small);
		const double p = fit->logit[i] < 0 ? less : 1 - less;
		const int squares = fit->rows->loss == HMM_RIDGE_SQUARES;
		fit->curve[i] = weight(fit, i) * (squares ? 1 : less * (1 - less));
		fit->along[i] = weight(fit, i) * ((squares ? fit->logit[i] : p) - fit->rows->target[i]);
	}
}

/* The gradient at the logits, and the curves. The largest of its elements. */
static double
derive(struct fit *fit, const double *coefficient)
{
	double most = 0;
	if (fit->rows->loss == HMM_RIDGE_COX)
		hmm_cox_loss(&fit->cox, fit->logit, fit->along);
	else
		derive_rows(fit);
	gather(fit->gradient, fit, fit->along, coefficient);
	for (size_t j = 0; j < fit->rows->size; j++)
		most = fmax(most, fabs(fit->gradient[j]));
	return most;
}

/* What a direction does to the logits becomes what it does to the derivatives by them. */
static void
bend(struct fit *fit)
{
	if (fit->rows->loss == HMM_RIDGE_COX)
		hmm_cox_bend(fit->along, &fit->cox);
	else
		for (size_t i = 0; i < fit->rows->count; i++)
			fit->along[i] *= fit->curve[i];
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
		bend(fit);
		gather(fit->bent, fit, fit->along, fit->direction);
		const double curve = dot(fit->direction, fit->bent, size);
		if (!(curve > 0))
			return;
		const double share = left / curve, before = left;
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

/* The weight of all rows, or -1: they have no minimum. Cox's are put in order. */
static double
weigh(struct fit *fit, double *scratch)
{
	const struct hmm_ridge_rows *rows = fit->rows;
	double sum[2] = {0, 0};
	size_t events = 1;
	if (rows->loss == HMM_RIDGE_COX)
		events =
		    hmm_cox_open(&fit->cox, rows->target, rows->event, rows->weight, rows->count, scratch);
	for (size_t i = 0; i < rows->count; i++) {
		const double one = rows->loss == HMM_RIDGE_LOGISTIC ? rows->target[i] : 1;
		sum[0] += weight(fit, i) * (1 - one);
		sum[1] += weight(fit, i) * one;
	}
	const int both = rows->loss != HMM_RIDGE_LOGISTIC || sum[0] > 0;
	return both && sum[1] > 0 && events > 0 ? sum[0] + sum[1] : -1;
}

int
hmm_ridge_fit(double *coefficient, const struct hmm_ridge_rows *rows, double ridge, double *scratch)
{
	enum { STEPS = 60 };
	static const double close = 1e-12, near = 1e-9; /* of a row's weight; where rounding ends it */
	struct fit fit = open_fit(rows, ridge, scratch);
	const double all = weigh(&fit, scratch + 4 * rows->count + 5 * rows->size);
	if (!(all > 0))
		return -1;
	if (rows->loss == HMM_RIDGE_COX)
		coefficient[0] = 0;
	apply(fit.logit, &fit, coefficient, 1);
	double least = objective(&fit, fit.logit, coefficient), most = derive(&fit, coefficient);
	for (int step = 0; step < STEPS && most > close * all; step++) {
		solve(&fit);
		if (move(coefficient, &least, &fit))
			break;
		most = derive(&fit, coefficient);
	}
	return most <= near * all ? 0 : -1;
}

/* ---- which ridge ---- */

/* The loss of a fold's rows. Those of Cox have none of their own: it is what all have more than the
 * others. */
static double
left_out(const struct hmm_ridge_rows *rows, const struct hmm_ridge_rows *others,
    const double *coefficient, double *scratch)
{
	struct hmm_cox cox;
	double *const logit = scratch, *const more = scratch + rows->count;
	double sum = 0;
	for (size_t i = 0; i < rows->count; i++) {
		logit[i] = predict(rows, i, coefficient, 1);
		if (rows->loss != HMM_RIDGE_COX && others->weight[i] == 0)
			sum += loss_of(rows, i, logit[i]);
	}
	if (rows->loss != HMM_RIDGE_COX)
		return sum;
	hmm_cox_open(&cox, rows->target, rows->event, NULL, rows->count, more);
	sum = hmm_cox_loss(&cox, logit, NULL);
	hmm_cox_open(&cox, rows->target, rows->event, others->weight, rows->count, more);
	return sum - hmm_cox_loss(&cox, logit, NULL);
}

/* Add to loss[] the losses of a fold's rows by fits without them: how many rows, of Cox events, it
 * is of, 0 where there is no fit. */
static size_t
try_fold(double loss[HMM_RIDGES], const struct hmm_ridge_rows *rows, const size_t *fold,
    size_t which, double *scratch)
{
	double *const share = scratch, *const coefficient = scratch + rows->count;
	double found[HMM_RIDGES] = {0};
	struct hmm_ridge_rows others = *rows;
	size_t counted = 0;
	others.weight = share;
	for (size_t i = 0; i < rows->count; i++) {
		share[i] = fold[i] != which;
		counted += fold[i] == which && (rows->loss != HMM_RIDGE_COX || rows->event[i] == 1);
	}
	memset(coefficient, 0, rows->size * sizeof(double));
	for (size_t r = 0; r < HMM_RIDGES; r++) { /* each begins where the larger one ended */
		double *const more = coefficient + rows->size;
		if (hmm_ridge_fit(coefficient, &others, hmm_ridges[r], more))
			return 0;
		found[r] = left_out(rows, &others, coefficient, more);
	}
	for (size_t r = 0; r < HMM_RIDGES; r++)
		loss[r] += found[r];
	return counted;
}

double
hmm_ridge_choose(double *loss, const struct hmm_ridge_rows *rows, const size_t *fold, size_t folds,
    double *scratch)
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
