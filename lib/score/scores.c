#include "hmm/score/scores.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "hmm/kernel/pvalue.h"
#include "hmm/score/compare.h"
#include "hmm/score/outcomes.h"

struct writing {
	FILE *file;
	size_t runs;
	int begun; /* 1: the header stands there */
};

/* The kind of interval that there is. */
static const char *
interval_of(const struct hmm_score *score)
{
	return hmm_interval_names[isnan(score->low) ? HMM_INTERVAL_NONE : score->interval];
}

static void
say_prevalence(const struct hmm_scoring_part *part)
{
	const double prevalence = part->scoring->prevalence;
	size_t positives = 0;
	for (size_t i = 0; i < part->system->count; i++)
		positives += (size_t)part->prediction[i].label;
	if (!isnan(prevalence) && positives && positives < part->system->count)
		hmm_say("%s: a prevalence of %g, of the rows it is %.3g: what depends on it is weighted, "
		        "and probabilities are shifted",
		    part->where, prevalence, (double)positives / (double)part->system->count);
}

/* Warn of what could not be fitted, of both labels and logits that are finite. */
static void
warn_of_fits(const struct hmm_scoring_part *part, const struct hmm_score *scores)
{
	const struct hmm_measures *measures = &part->scoring->measures;
	int none[2] = {0, 0}, finite = 1;
	size_t of[2] = {0, 0};
	for (size_t m = 0; m < measures->count; m++)
		if (measures->metric[m].metric == HMM_CITL || measures->metric[m].metric == HMM_SLOPE)
			none[measures->metric[m].metric == HMM_SLOPE] = isnan(scores[m].value);
	for (size_t i = 0; i < part->system->count; i++) {
		finite &= isfinite(part->prediction[i].logit);
		of[part->prediction[i].label]++;
	}
	if ((none[0] || none[1]) && finite && of[0] && of[1])
		(part->by ? hmm_warn_counted : hmm_warn)(
		    "%s: %s n/a: the logits tell the labels apart, are all the same, or too large",
		    part->where,
		    !none[0]   ? "slope is"
		    : !none[1] ? "citl is"
		               : "citl and slope are");
}

/* Say what a reader should know; `first`: what is said once of several levels too. */
static void
warn(const struct hmm_scoring_part *part, const struct hmm_score *scores, int first)
{
	const struct hmm_measures *measures = &part->scoring->measures;
	const int many = part->by != NULL;
	if (part->predictions->kind != HMM_BINARY) {
		hmm_score_warn_repeated(part->where, part->prediction, part->system->count, many);
		hmm_outcomes_warn(part->where, part->predictions, part->system, measures, scores, many);
		return;
	}
	hmm_score_warn(part->where, part->prediction, part->system, measures, many);
	warn_of_fits(part, scores);
	if (first)
		say_prevalence(part);
}

/* The cells behind the metric's name, of so many runs. */
static void
write_score(const struct hmm_scoring_part *part, const struct hmm_score *score, size_t runs,
    const struct writing *writing)
{
	FILE *file = writing->file;
	hmm_table_write_number(file, score->value);
	hmm_table_write_number(file, score->low);
	hmm_table_write_number(file, score->high);
	fprintf(file, "\t%zu\t%s\t%s", part->system->count, interval_of(score),
	    hmm_scoring_over(runs, score->pooled));
	if (writing->runs) {
		fprintf(file, "\t%zu", writing->runs);
		hmm_table_write_number(file, score->pooled ? (double)NAN : score->sd);
	}
	putc('\n', file);
}

/* The threshold that was chosen, of several runs the mean. */
static void
write_threshold(const struct hmm_scoring_part *part, const struct writing *writing)
{
	const struct hmm_thresholds *thresholds = part->thresholds;
	double sum = 0, squares = 0;
	const double runs = (double)thresholds->runs;
	for (size_t r = 0; r < thresholds->runs; r++)
		sum += thresholds->value[r];
	for (size_t r = 0; r < thresholds->runs; r++)
		squares += pow(thresholds->value[r] - sum / runs, 2);
	const struct hmm_score score = {
	    sum / runs, (double)NAN, (double)NAN, sqrt(squares / (runs - 1)), HMM_INTERVAL_NONE, 0};
	hmm_scoring_write_part(writing->file, part);
	hmm_table_write(writing->file, "threshold", 0);
	write_score(part, &score, thresholds->runs, writing);
}

static int
write_metrics(const struct hmm_scoring_part *part, void *context)
{
	struct writing *writing = context;
	FILE *file = writing->file;
	struct hmm_score scores[HMM_MEASURES];
	const struct hmm_scoring *scoring = part->scoring;
	const struct hmm_measures *measures = &scoring->measures;
	const struct hmm_scores_of of = {measures, scoring->prevalence, scoring->replicates,
	    hmm_scoring_place(scoring, part->prediction->split)};
	const size_t runs = part->system->runs; /* which are one behind the next call */
	if (hmm_score_run(scores, part->system, part->groups, &of))
		return -1;
	warn(part, scores, !part->by || !writing->begun);
	if (!writing->begun++) {
		hmm_scoring_write_header(file, scoring);
		fprintf(file, "\tmetric\tvalue\tlow\thigh\tn\tinterval\tover%s\n",
		    writing->runs ? "\truns\tsd" : "");
	}
	for (size_t m = 0; m < measures->count; m++) {
		hmm_scoring_write_part(file, part);
		hmm_table_write(file, measures->name[m], 0);
		write_score(part, &scores[m], runs, writing);
	}
	if (part->thresholds->runs)
		write_threshold(part, writing);
	return 0;
}

int
hmm_scores_write(
    FILE *file, char *const *paths, size_t count, struct hmm_scoring *scoring, size_t runs)
{
	struct writing writing = {file, runs, 0};
	struct hmm_predictions predictions;
	const int bad = hmm_predictions_open_runs(&predictions, paths, count, 0) ||
	                hmm_scoring_settle(scoring, &predictions) ||
	                hmm_scoring_run(&predictions, scoring, write_metrics, &writing);
	hmm_predictions_close(&predictions);
	return bad ? -1 : 0;
}

/* ---- tests ---- */

/* What is found of one system; `count` is the number of rows. */
struct tested {
	struct hmm_compared compared[HMM_MEASURES];
	size_t count;
};

/* How many p are the bootstrap's to give, of systems of which each has so many metrics; 0: all are
 * of areas of one run, which have a formula. */
static size_t
count_drawn(const struct hmm_measures *measures, size_t others, size_t runs)
{
	size_t areas = 0;
	for (size_t m = 0; m < measures->count; m++) {
		const enum hmm_metric metric = measures->metric[m].metric;
		areas += metric == HMM_AUC || metric == HMM_AUC_HARD || metric == HMM_BALANCED_ACCURACY;
	}
	return runs == 1 && areas == measures->count ? 0 : others * measures->count;
}

/* `others`: as many systems are tested, of which this is one. */
static int
test_system(struct tested *tested, const struct hmm_predictions *reference,
    const struct hmm_thresholds *thresholds, char *const *paths, size_t runs,
    const struct hmm_scoring *scoring, size_t others)
{
	struct hmm_predictions predictions;
	struct hmm_prediction *ours = NULL, *theirs = NULL;
	struct hmm_system system = {0}, other = {0};
	struct hmm_thresholds own = {0};
	const size_t groups = reference->groups.names.count;
	struct hmm_scores_of of = {
	    &scoring->measures, scoring->prevalence, 0, hmm_scoring_place(scoring, scoring->split)};
	long replicates = -1;
	int bad =
	    hmm_predictions_open_runs(&predictions, paths, runs, 0) ||
	    hmm_predictions_match(
	        &ours, &theirs, &tested->count, reference, &predictions, scoring->split) ||
	    hmm_thresholds_open(&own, &scoring->threshold, &predictions) ||
	    hmm_scoring_open_system(
	        &system, scoring, thresholds, reference, ours, ours, tested->count) ||
	    hmm_scoring_open_system(&other, scoring, &own, &predictions, theirs, ours, tested->count);
	if (!bad)
		replicates = hmm_bootstrap_replicates(scoring->replicates, &system, groups,
		    count_drawn(&scoring->measures, others, system.runs));
	of.replicates = (size_t)replicates;
	bad = bad || replicates < 0 || hmm_compare_run(tested->compared, &system, &other, groups, &of);
	hmm_thresholds_close(&own);
	hmm_system_close(&system);
	hmm_system_close(&other);
	free(ours);
	free(theirs);
	hmm_predictions_close(&predictions);
	return bad ? -1 : 0;
}

/* The p of every system and metric, [count]. */
struct corrected {
	double *p, *holm;
	double *least; /* that Holm's correction could have left, of the bootstrap's; else NaN */
	size_t count;
};

static int
open_corrected(struct corrected *all, size_t others, size_t metrics)
{
	all->count = others * metrics;
	all->p = hmm_alloc(others, 3 * metrics * sizeof(*all->p));
	all->holm = all->p ? all->p + all->count : NULL;
	all->least = all->p ? all->holm + all->count : NULL;
	return all->p ? 0 : -1;
}

/* Holm's correction of all p, and of the bootstrap's least ones, each as if it were there: those of
 * formulas below it come first. Warn where no test of the bootstrap could have shown anything. */
static void
correct(struct corrected *all, const struct tested *tested, size_t metrics, const char *name)
{
	static const double significant = .05;
	double least = (double)NAN;
	size_t tests = 0;
	hmm_pvalue_holm(all->holm, all->p, all->count);
	for (size_t i = 0; i < all->count; i++)
		tests += isnan(all->p[i]) ? 0 : 1;
	for (size_t i = 0; i < all->count; i++) {
		const double here = tested[i / metrics].compared[i % metrics].least;
		size_t before = 0;
		for (size_t k = 0; k < all->count; k++)
			before += isnan(tested[k / metrics].compared[k % metrics].least) && all->p[k] < here;
		all->least[i] = isnan(here) ? here : fmin(1, (double)(tests - before) * here);
		least = fmin(least, all->least[i]); /* of a NaN the other one */
	}
	if (least >= significant)
		hmm_warn("%s: %zu tests, and so few replicates and patients that p_holm of the bootstrap "
		         "cannot be less than %.2g: want a larger --bootstrap, or fewer --metrics",
		    name, tests, least);
}

static void
write_system(FILE *file, const char *name, const struct tested *tested,
    const struct hmm_measures *measures, const struct corrected *all, size_t first)
{
	for (size_t m = 0; m < measures->count; m++) {
		const struct hmm_compared *compared = &tested->compared[m];
		hmm_table_write(file, name, 1);
		hmm_table_write(file, measures->name[m], 0);
		fprintf(file, "\t%zu", tested->count);
		hmm_table_write_number(file, compared->value);
		hmm_table_write_number(file, compared->other);
		hmm_table_write_number(file, compared->difference);
		hmm_table_write_number(file, compared->low);
		hmm_table_write_number(file, compared->high);
		hmm_table_write(file, hmm_test_names[compared->test], 0);
		hmm_table_write_number(file, compared->p);
		hmm_table_write_number(file, all->holm[first + m]);
		hmm_table_write_number(file, all->least[first + m]);
		putc('\n', file);
	}
}

/* All systems. */
static int
test_systems(FILE *file, const struct hmm_predictions *reference, char *const *paths, size_t others,
    size_t runs, const struct hmm_scoring *scoring)
{
	struct hmm_thresholds thresholds = {0};
	struct corrected all = {0};
	struct tested *tested = hmm_alloc(others, sizeof(*tested));
	const size_t metrics = scoring->measures.count;
	int bad = !tested || open_corrected(&all, others, metrics) ||
	          hmm_thresholds_open(&thresholds, &scoring->threshold, reference);
	for (size_t i = 0; i < others && !bad; i++) {
		bad = test_system(
		    &tested[i], reference, &thresholds, paths + (i + 1) * runs, runs, scoring, others);
		for (size_t m = 0; m < metrics; m++)
			all.p[i * metrics + m] = tested[i].compared[m].p;
	}
	if (!bad) {
		correct(&all, tested, metrics, reference->table->name);
		fputs("system\tmetric\tn\tvalue\tother\tdifference\tlow\thigh\ttest\tp\tp_holm\t"
		      "p_holm_least\n",
		    file);
		for (size_t i = 0; i < others; i++)
			write_system(
			    file, paths[(i + 1) * runs], &tested[i], &scoring->measures, &all, i * metrics);
	}
	hmm_thresholds_close(&thresholds);
	free(tested);
	free(all.p);
	return bad ? -1 : 0;
}

int
hmm_scores_write_tests(FILE *file, const char *against, char *const *paths, size_t count,
    size_t runs, struct hmm_scoring *scoring)
{
	struct hmm_predictions reference = {0};
	char **names = hmm_alloc(count + 1, sizeof(*names));
	int bad = !names;
	for (size_t i = 0; i <= count && !bad; i++)
		names[i] = i ? paths[i - 1] : (char *)against;
	bad = bad || hmm_predictions_open_runs(&reference, names, runs, 0) ||
	      hmm_scoring_settle(scoring, &reference) ||
	      test_systems(file, &reference, names, (count + 1) / runs - 1, runs, scoring);
	hmm_predictions_close(&reference);
	free(names);
	return bad ? -1 : 0;
}
