#include "hmm/score/calibrators.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/base/random.h"

enum { FOLDS = 5, DEAL = 42 /* a stream of random numbers */ };

/* the most first: of equals the one that trusts a pattern least */
static const double ridges[] = {HUGE_VAL, 25, 5, 1};
enum { RIDGES = sizeof(ridges) / sizeof(*ridges) };

/* A patient, and the fold that it is dealt to. */
struct dealt {
	struct hmm_member member;
	double order;
	size_t fold;
};

struct fitting {
	const struct hmm_cohort *cohort;
	enum hmm_calibrator_method method;
	struct dealt *dealt;      /* [count] */
	struct hmm_member *drawn; /* [cohort->count]: one row a patient, [count] of them */
	double *scratch;
	size_t count;
};

/* Give every pattern its map, by rows of which those of a pattern lie together. 0, or -1 (not
 * reported). */
static int
fit_patterns(struct hmm_calibrators *calibrators, const struct fitting *fitting,
    const struct hmm_member *row, size_t count)
{
	struct hmm_calibrator_pull pull = {.to = calibrators->all, .ridge = calibrators->ridge};
	hmm_calibrator_targets(pull.target, row, count, fitting->method);
	for (size_t i = 0; i < fitting->cohort->patterns; i++)
		calibrators->pattern[i] = calibrators->all;
	for (size_t i = 0, end; i < count && isfinite(pull.ridge); i = end) {
		for (end = i + 1; end < count && row[end].pattern == row[i].pattern; end++)
			continue;
		if (hmm_calibrator_pull(&calibrators->pattern[row[i].pattern], row + i, end - i,
		        fitting->method, &pull, fitting->scratch))
			return -1;
	}
	return 0;
}

static int
by_pattern(const void *left, const void *right)
{
	const struct dealt *a = left, *b = right;
	int order = hmm_size_order(a->member.pattern, b->member.pattern);
	order = order ? order : (a->order > b->order) - (a->order < b->order);
	return order ? order : hmm_size_order(a->member.row->group, b->member.row->group);
}

static int
by_label(const void *left, const void *right)
{
	const struct dealt *a = left, *b = right;
	const int order = a->member.row->label - b->member.row->label;
	return order ? order : by_pattern(left, right);
}

/* Deal the patients into folds, so that each has of every label, and as far as they go of every
 * pattern; then order them by pattern, also those drawn. */
static void
deal(struct fitting *fitting)
{
	const struct hmm_cohort *cohort = fitting->cohort;
	struct dealt *dealt = fitting->dealt;
	for (size_t i = 0; i < fitting->count; i++) {
		const struct hmm_member *member = &fitting->drawn[i];
		const struct hmm_place place = {.seed = cohort->seed,
		    .subject = hmm_random_name(cohort->group[member->row->group]),
		    .stream = DEAL};
		dealt[i] = (struct dealt){*member, hmm_random_uniform(place, 0), 0};
	}
	qsort(dealt, fitting->count, sizeof(*dealt), by_label);
	for (size_t i = 0; i < fitting->count; i++)
		dealt[i].fold = i % FOLDS;
	qsort(dealt, fitting->count, sizeof(*dealt), by_pattern);
	for (size_t i = 0; i < fitting->count; i++)
		fitting->drawn[i] = dealt[i].member;
}

/* Add to each ridge the losses of one fold, by maps of the others; `kept` holds [count]. 0, or -1
 * (not reported): these have no map. */
static int
add_losses(double sum[RIDGES], struct hmm_calibrators *trial, const struct fitting *fitting,
    size_t fold, struct hmm_member *kept)
{
	const struct dealt *dealt = fitting->dealt;
	size_t used = 0;
	for (size_t i = 0; i < fitting->count; i++)
		if (dealt[i].fold != fold)
			kept[used++] = dealt[i].member;
	if (hmm_calibrator_fit(&trial->all, kept, used, fitting->method, fitting->scratch))
		return -1;
	for (size_t r = 0; r < RIDGES; r++) {
		trial->ridge = ridges[r];
		if (fit_patterns(trial, fitting, kept, used))
			return -1;
		for (size_t i = 0; i < fitting->count; i++) {
			const struct hmm_member *member = &dealt[i].member;
			if (dealt[i].fold == fold)
				sum[r] += hmm_calibrator_loss(
				    &trial->pattern[member->pattern], member->row->logit, member->row->label);
		}
	}
	return 0;
}

/* Choose the ridge, with `calibrators` for trials. 0, or -1 reported. */
static int
choose_ridge(
    double *ridge, struct hmm_calibrators *trial, const struct fitting *fitting, const char *place)
{
	double sum[RIDGES] = {0};
	size_t best = 0;
	int none = 0;
	struct hmm_member *kept = hmm_alloc_raw(fitting->count, sizeof(*kept));
	if (!kept)
		return -1;
	for (size_t fold = 0; fold < FOLDS && !none; fold++)
		none = add_losses(sum, trial, fitting, fold, kept);
	free(kept);
	for (size_t r = 1; r < RIDGES && !none; r++)
		best = sum[r] < sum[best] ? r : best;
	if (none)
		hmm_warn("%s: too few patients for maps of patterns; all have one", place);
	*ridge = ridges[best];
	return 0;
}

/* Say why the patients drawn have no map. -1. */
static int
complain(const struct fitting *fitting, const char *place)
{
	double most = 0, low = HUGE_VAL, high = -HUGE_VAL;
	int apart = 1; /* 1: by the signs */
	for (size_t i = 0; i < fitting->count; i++) {
		const struct hmm_prediction *row = fitting->drawn[i].row;
		most = fmax(most, fabs(row->logit));
		low = fmin(low, row->logit);
		high = fmax(high, row->logit);
		apart &= row->label ? row->logit >= 0 : row->logit <= 0;
	}
	if (fitting->method == HMM_CALIBRATOR_PLATT && !(low < high))
		return hmm_error("%s: all logits are the same, want some that differ", place);
	if (fitting->method == HMM_CALIBRATOR_TEMPERATURE && apart)
		return hmm_error("%s: the sign of the logits tells all labels apart, of which no "
		                 "temperature is the best; --method platt has one",
		    place);
	return hmm_error(
	    "%s: no map is found: logits go up to %.3g, want some that differ by less", place, most);
}

/* Fit what is wanted to the patients drawn. 0, or -1 reported. */
static int
fit(struct hmm_calibrators *calibrators, struct fitting *fitting, int each, const char *place)
{
	size_t of[2] = {0, 0};
	for (size_t i = 0; i < fitting->count; i++)
		of[fitting->drawn[i].row->label]++;
	if (!of[0] || !of[1])
		return hmm_error("%s: %zu patients of label 0 and %zu of label 1, want some of each", place,
		    of[0], of[1]);
	deal(fitting);
	calibrators->ridge = HUGE_VAL;
	if (each && choose_ridge(&calibrators->ridge, calibrators, fitting, place))
		return -1;
	if (hmm_calibrator_fit(
	        &calibrators->all, fitting->drawn, fitting->count, fitting->method, fitting->scratch))
		return complain(fitting, place);
	return fit_patterns(calibrators, fitting, fitting->drawn, fitting->count)
	           ? hmm_error("%s: the logits of a pattern have no map", place)
	           : 0;
}

int
hmm_calibrators_open(struct hmm_calibrators *calibrators, const struct hmm_cohort *cohort,
    enum hmm_calibrator_method method, int each, const char *place)
{
	*calibrators = (struct hmm_calibrators){
	    .pattern = hmm_alloc(cohort->patterns, sizeof(*calibrators->pattern))};
	struct fitting fitting = {.cohort = cohort,
	    .method = method,
	    .dealt = hmm_alloc(cohort->wholes, sizeof(*fitting.dealt)),
	    .drawn = hmm_alloc(cohort->count, sizeof(*fitting.drawn)),
	    .scratch = hmm_alloc(hmm_calibrator_scratch(cohort->wholes), sizeof(double))};
	int bad = !calibrators->pattern || !fitting.dealt || !fitting.drawn || !fitting.scratch;
	if (!bad) {
		fitting.count = hmm_cohort_draw_whole(fitting.drawn, cohort);
		bad = fit(calibrators, &fitting, each, place);
	}
	free(fitting.dealt);
	free(fitting.drawn);
	free(fitting.scratch);
	return bad ? -1 : 0;
}

void
hmm_calibrators_close(struct hmm_calibrators *calibrators)
{
	free(calibrators->pattern);
	*calibrators = (struct hmm_calibrators){0};
}
