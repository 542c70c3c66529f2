#include "hmm/score/sets.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"

struct fitting {
	const struct hmm_cohort *cohort;
	const struct hmm_sets_options *options;
	struct hmm_member *drawn; /* [cohort->count], as all of these */
	double *probability, *scratch;
	int *label;
};

/* 1: there are enough of those drawn. */
static int
calibrate(struct hmm_set_rule *rule, enum hmm_sets_by by, struct fitting *fitting, size_t drawn)
{
	const struct hmm_sets_options *options = fitting->options;
	for (size_t i = 0; i < drawn; i++) {
		fitting->probability[i] = fitting->drawn[i].row->probability;
		fitting->label[i] = fitting->drawn[i].row->label;
	}
	hmm_conformal_fit(&rule->conformal, fitting->probability, fitting->label, drawn, options->alpha,
	    options->together, fitting->scratch);
	rule->by = hmm_conformal_enough(&rule->conformal) ? by : HMM_SETS_FEW;
	return rule->by == by;
}

static void
fit_rule(struct hmm_set_rule *rule, size_t pattern, const struct hmm_patterns *patterns,
    struct fitting *fitting)
{
	const struct hmm_cohort *cohort = fitting->cohort;
	const enum hmm_sets_by wanted = fitting->options->by;
	*rule =
	    (struct hmm_set_rule){.by = HMM_SETS_FEW, .conformal = {.quantile = {HUGE_VAL, HUGE_VAL}}};
	if (wanted == HMM_SETS_ALL) {
		calibrate(rule, wanted, fitting, hmm_cohort_draw_whole(fitting->drawn, cohort));
		return;
	}
	if (wanted != HMM_SETS_CUT && calibrate(rule, HMM_SETS_OWN, fitting,
	                                  hmm_cohort_draw_own(fitting->drawn, cohort, pattern)))
		return;
	/* some of those who have at least the pattern are not like all of them */
	rule->uncut = wanted == HMM_SETS_OWN ? 0 : hmm_cohort_uncut(cohort, patterns, pattern);
	if (wanted != HMM_SETS_OWN && !rule->uncut)
		calibrate(
		    rule, HMM_SETS_CUT, fitting, hmm_cohort_draw_cut(fitting->drawn, cohort, pattern));
}

int
hmm_sets_fit(struct hmm_set_rule *rule, const char *wanted, const struct hmm_cohort *cohort,
    const struct hmm_patterns *patterns, const struct hmm_sets_options *options)
{
	struct fitting fitting = {.cohort = cohort,
	    .options = options,
	    .drawn = hmm_alloc_raw(cohort->count, sizeof(*fitting.drawn)),
	    .probability = hmm_alloc_raw(cohort->count, sizeof(double)),
	    .scratch = hmm_alloc_raw(cohort->count, sizeof(double)),
	    .label = hmm_alloc_raw(cohort->count, sizeof(int))};
	const int bad = !fitting.drawn || !fitting.probability || !fitting.scratch || !fitting.label;
	for (size_t pattern = 0; pattern < cohort->patterns && !bad; pattern++)
		if (wanted[pattern])
			fit_rule(&rule[pattern], pattern, patterns, &fitting);
	free(fitting.drawn);
	free(fitting.probability);
	free(fitting.scratch);
	free(fitting.label);
	return bad ? -1 : 0;
}
