#include "hmm/score/outcomes.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/kernel/multiclass.h"
#include "hmm/kernel/regression.h"
#include "hmm/kernel/survival.h"

/* With what the public part points to. */
struct outcomes {
	struct hmm_outcomes of;
	struct hmm_outcome *row; /* [count] */
	size_t *rank, *ranks;    /* [count][ranked], [ranked] */
	double *scratch;
};

void
hmm_outcomes_close(struct hmm_outcomes *outcomes)
{
	struct outcomes *own = (struct outcomes *)outcomes; /* it is the first member */
	if (!own)
		return;
	free(own->row);
	free(own->rank);
	free(own->ranks);
	free(own->scratch);
	free(own);
}

/* Number c of what has ranks: the truth, then what is predicted. */
static double
number(const struct hmm_outcome *row, size_t c)
{
	return c ? row->predicted[c - 1] : row->truth;
}

/* The rank of every row's number c among the distinct ones; `sorted` has room for all. */
static void
find_ranks(struct outcomes *own, size_t count, size_t c, double *sorted)
{
	for (size_t i = 0; i < count; i++)
		sorted[i] = number(&own->row[i], c);
	own->ranks[c] = hmm_numbers_distinct(sorted, count);
	for (size_t i = 0; i < count; i++)
		own->rank[i * own->of.ranked + c] =
		    hmm_numbers_rank(sorted, own->ranks[c], number(&own->row[i], c));
}

/* What a row is sorted by, and what it is called. */
static void
set_score(struct hmm_scored *row, enum hmm_target target, int event)
{
	const struct hmm_outcome *outcome = row->outcome;
	if (target == HMM_CLASSES) {
		row->called = (unsigned)hmm_multiclass_top(outcome->predicted, outcome->width);
		row->score = outcome->predicted[row->called];
		row->label = row->called == (unsigned)outcome->truth;
	} else {
		row->score = target == HMM_TIME ? outcome->truth : outcome->predicted[0];
		row->label = target == HMM_TIME ? event : 0;
	}
}

static int
make_room(struct outcomes *own, size_t count, enum hmm_target target)
{
	static const struct {
		void (*measure)(double *, const struct hmm_scored *, size_t, const struct hmm_measuring *);
	} kinds[] = {[HMM_CLASSES] = {hmm_multiclass_measure},
	    [HMM_VALUE] = {hmm_regression_measure},
	    [HMM_TIME] = {hmm_survival_measure}};
	size_t bytes = 0;
	own->of.measure = kinds[target].measure;
	own->of.ranked = target == HMM_CLASSES ? own->of.width + 1 : 2;
	hmm_multiply(&bytes, own->of.ranked, sizeof(*own->rank));
	own->row = hmm_alloc(count, sizeof(*own->row));
	own->rank = hmm_alloc(count, bytes);
	own->of.ranks = own->ranks = hmm_alloc(own->of.ranked, sizeof(*own->ranks));
	return own->row && own->rank && own->ranks ? 0 : -1;
}

/* The scratch of measuring, when the ranks are known. */
static int
make_scratch(struct outcomes *own, size_t count, enum hmm_target target)
{
	const size_t room = target == HMM_CLASSES ? hmm_multiclass_scratch(&own->of)
	                    : target == HMM_VALUE ? hmm_regression_scratch(&own->of)
	                                          : hmm_survival_scratch(&own->of, count);
	own->of.scratch = own->scratch = hmm_alloc(room, sizeof(*own->scratch));
	return own->scratch ? 0 : -1;
}

int
hmm_outcomes_open(struct hmm_system *system, const struct hmm_predictions *predictions,
    const struct hmm_prediction *prediction, double tau)
{
	const enum hmm_target target = predictions->kind;
	struct outcomes *own = hmm_alloc(1, sizeof(*own));
	if (!own)
		return -1;
	system->outcomes = &own->of;
	own->of.width = predictions->target.width;
	own->of.time = predictions->target.time;
	double *sorted = hmm_alloc(system->count, sizeof(*sorted)), last = 0;
	int bad = !sorted || make_room(own, system->count, target);
	for (size_t i = 0; i < system->count && !bad; i++) {
		own->row[i] = (struct hmm_outcome){prediction[i].truth, prediction[i].number,
		    own->rank + i * own->of.ranked, own->of.width};
		system->rows[i].outcome = &own->row[i];
		set_score(&system->rows[i], target, prediction[i].label);
		if (prediction[i].label > 0 && prediction[i].truth > last)
			last = prediction[i].truth;
	}
	own->of.tau = isnan(tau) ? last : tau;
	for (size_t c = 0; c < own->of.ranked && !bad; c++)
		find_ranks(own, system->count, c, sorted);
	free(sorted);
	return bad || make_scratch(own, system->count, target) ? -1 : 0;
}

/* ---- warnings ---- */

/* hmm_warn, or where there are many hmm_warn_counted. */
typedef void warning(const char *format, ...) HMM_PRINTF(1, 2);

/* What was scored. */
struct scored {
	const struct hmm_measures *measures;
	const struct hmm_score *scores;
};

/* Whether a metric is wanted and has no value. */
static int
lacks(const struct scored *scored, enum hmm_metric metric)
{
	for (size_t m = 0; m < scored->measures->count; m++)
		if (scored->measures->metric[m].metric == metric)
			return isnan(scored->scores[m].value);
	return 0;
}

/* Of classes that are not there, or not predicted: those that nothing is left out of have no
 * warning. */
static void
warn_of_classes(warning *warn, const char *where, const struct hmm_predictions *predictions,
    const struct hmm_system *system, const struct scored *scored)
{
	const size_t classes = predictions->target.width;
	size_t never = 0;
	for (size_t k = 0; k < classes; k++) {
		size_t of = 0, called = 0;
		for (size_t i = 0; i < system->count; i++) {
			of += (size_t)system->rows[i].outcome->truth == k;
			called += system->rows[i].called == k;
		}
		const char *name = predictions->target.names.name[k];
		if (!of)
			warn("%s: no row of class '%s'; %s", where, name,
			    called ? "its recall and f1 are 0, and the areas are of the others"
			           : "the means are of the others");
		else if (!called)
			warn("%s: nothing predicted to be '%s'; its precision and f1 are 0", where, name);
	}
	for (size_t i = 0; i < system->count; i++) {
		const struct hmm_outcome *row = system->rows[i].outcome;
		never += row->predicted[(size_t)row->truth] > 0 ? 0 : 1;
	}
	if (lacks(scored, HMM_CLASS_LOG_LOSS))
		warn("%s: %zu of %zu labels have probability 0; log_loss is n/a", where, never,
		    system->count);
	if (lacks(scored, HMM_CLASS_KAPPA))
		warn("%s: all labels are one class, and predicted to be; kappa is n/a", where);
}

static void
warn_of_times(warning *warn, const char *where, const struct hmm_predictions *predictions,
    const struct hmm_system *system, const struct scored *scored)
{
	const int brier = lacks(scored, HMM_TIME_INTEGRATED_BRIER);
	size_t events = 0;
	for (size_t i = 0; i < system->count; i++)
		events += (size_t)system->rows[i].label;
	if (!events)
		warn("%s: none of %zu rows has an event; harrell and uno are n/a", where, system->count);
	if (events && lacks(scored, HMM_TIME_HARRELL))
		warn("%s: nobody is seen longer than an event; harrell is n/a", where);
	if (events && lacks(scored, HMM_TIME_UNO))
		warn("%s: nobody is seen longer than an event that is not behind %g; uno is n/a", where,
		    system->outcomes->tau);
	if (brier && predictions->target.width == 1)
		warn("%s: no column survival_T; integrated_brier is n/a", where);
	else if (brier)
		warn(
		    "%s: the last survival_T, the last row or tau is at 0; integrated_brier is n/a", where);
}

static void
warn_of_values(warning *warn, const char *where, const struct hmm_predictions *predictions,
    const struct hmm_system *system, const struct scored *scored)
{
	const int has_sd = predictions->target.width > 1;
	if (system->outcomes->ranks[0] == 1)
		warn("%s: all %zu labels are one value; r2 and the correlations are n/a", where,
		    system->count);
	if (!has_sd && (lacks(scored, HMM_VALUE_CRPS) || lacks(scored, HMM_VALUE_COVERAGE_90)))
		warn("%s: no column sd; crps and coverage_90 are n/a", where);
	if (lacks(scored, HMM_VALUE_MAE) || lacks(scored, HMM_VALUE_RMSE) ||
	    lacks(scored, HMM_VALUE_BIAS) || (has_sd && lacks(scored, HMM_VALUE_CRPS)))
		warn("%s: the errors are too large for their sums; what is made of these is n/a", where);
}

void
hmm_outcomes_warn(const char *where, const struct hmm_predictions *predictions,
    const struct hmm_system *system, const struct hmm_measures *measures,
    const struct hmm_score *scores, int many)
{
	warning *const warn = many ? hmm_warn_counted : hmm_warn;
	const struct scored scored = {measures, scores};
	if (predictions->kind == HMM_CLASSES)
		warn_of_classes(warn, where, predictions, system, &scored);
	if (predictions->kind == HMM_TIME)
		warn_of_times(warn, where, predictions, system, &scored);
	if (predictions->kind == HMM_VALUE)
		warn_of_values(warn, where, predictions, system, &scored);
}
