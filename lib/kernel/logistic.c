#include "hmm/kernel/logistic.h"

#include <math.h>
#include <string.h>

#include "hmm/kernel/solve.h"

/* A fit in hand: everything is scratch but what it is of. */
struct fit {
	const struct hmm_logistic_rows *rows;
	const struct hmm_logistic_penalty *penalty;
	double *logit, *trial; /* [count]: of the coefficients, of a step from there */
	double *step;          /* [size]: the negative gradient, then Newton's step */
	double *next;          /* [size] */
};

size_t
hmm_logistic_scratch(size_t count, size_t size)
{
	return 2 * (count + size);
}

static double
ridge(const struct fit *fit, size_t j)
{
	return fit->penalty && fit->penalty->ridge ? fit->penalty->ridge[j] : 0;
}

static double
off_centre(const struct fit *fit, const double *coefficient, size_t j)
{
	return coefficient[j] - (fit->penalty && fit->penalty->centre ? fit->penalty->centre[j] : 0);
}

static double
weight(const struct fit *fit, size_t i)
{
	return fit->rows->weight ? fit->rows->weight[i] : 1;
}

/* What is to be least, and the logits. */
static double
objective(double *logit, const struct fit *fit, const double *coefficient)
{
	const struct hmm_logistic_rows *rows = fit->rows;
	double sum = 0;
	for (size_t i = 0; i < rows->count; i++) {
		const double *x = rows->x + i * rows->size;
		double z = rows->offset ? rows->offset[i] : 0;
		for (size_t j = 0; j < rows->size; j++)
			z += x[j] * coefficient[j];
		logit[i] = z;
		/* log(1 + e^z) - y z, which overflows nowhere */
		sum += weight(fit, i) * (fmax(z, 0) + log1p(exp(-fabs(z))) - rows->target[i] * z);
	}
	for (size_t j = 0; j < rows->size; j++) {
		const double off = off_centre(fit, coefficient, j);
		sum += ridge(fit, j) / 2 * off * off;
	}
	return sum;
}

/* The negative gradient into fit->step, and the lower half of the information. */
static void
derive(double *information, struct fit *fit, const double *coefficient)
{
	const struct hmm_logistic_rows *rows = fit->rows;
	const size_t size = rows->size;
	memset(information, 0, size * size * sizeof(*information));
	for (size_t j = 0; j < size; j++) {
		information[j * size + j] = ridge(fit, j);
		fit->step[j] = -ridge(fit, j) * off_centre(fit, coefficient, j);
	}
	for (size_t i = 0; i < rows->count; i++) {
		const double *x = rows->x + i * size;
		const double small = exp(-fabs(fit->logit[i])), less = small / (1 + small);
		const double p = fit->logit[i] < 0 ? less : 1 - less;
		const double off = weight(fit, i) * (rows->target[i] - p);
		const double curve = weight(fit, i) * less * (1 - less);
		for (size_t j = 0; j < size; j++) {
			fit->step[j] += off * x[j];
			for (size_t k = 0; k <= j; k++)
				information[j * size + k] += curve * x[j] * x[k];
		}
	}
}

/* Go along the step, halved until nothing is lost. How far a logit moved at most, beside its
 * size. */
static double
move(double *coefficient, double *least, struct fit *fit)
{
	enum { HALVINGS = 40 };
	static const double rounding = 1e-14;
	const struct hmm_logistic_rows *rows = fit->rows;
	double far = 0, share = 1, found = 0;
	for (int tries = 0; tries < HALVINGS; tries++, share /= 2) {
		for (size_t j = 0; j < rows->size; j++)
			fit->next[j] = coefficient[j] + share * fit->step[j];
		found = objective(fit->trial, fit, fit->next);
		if (found <= *least + rounding * fabs(*least))
			break;
	}
	if (!(found <= *least + rounding * fabs(*least)))
		return HUGE_VAL; /* a step that leads nowhere is no minimum */
	for (size_t i = 0; i < rows->count; i++)
		far = fmax(far, fabs(fit->trial[i] - fit->logit[i]) / (1 + fabs(fit->trial[i])));
	memcpy(fit->logit, fit->trial, rows->count * sizeof(*fit->logit));
	memcpy(coefficient, fit->next, rows->size * sizeof(*coefficient));
	*least = found;
	return far;
}

int
hmm_logistic_fit(double *coefficient, double *factor, const struct hmm_logistic_rows *rows,
    const struct hmm_logistic_penalty *penalty, double *scratch)
{
	/* Newton doubles its digits; where the targets are separated each step adds about 1 to some
	 * logits for ever. */
	enum { STEPS = 25 };
	static const double close = 1e-11;
	struct fit fit = {rows, penalty, scratch, scratch + rows->count, scratch + 2 * rows->count,
	    scratch + 2 * rows->count + rows->size};
	double least = objective(fit.logit, &fit, coefficient), far = 1;
	for (int step = 0; step < STEPS && far > close; step++) {
		derive(factor, &fit, coefficient);
		if (hmm_solve_factor(factor, rows->size))
			return -1;
		hmm_solve(fit.step, factor, rows->size);
		far = move(coefficient, &least, &fit);
	}
	if (far > close)
		return -1;
	derive(factor, &fit, coefficient);
	return hmm_solve_factor(factor, rows->size);
}
