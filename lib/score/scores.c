#include "hmm/score/scores.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "hmm/kernel/pvalue.h"
#include "hmm/score/compare.h"

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
say_prevalence(const struct hmm_scoring_part *part, size_t positives)
{
	const double prevalence = part->scoring->prevalence;
	if (!isnan(prevalence) && positives && positives < part->system->count)
		hmm_say("%s: a prevalence of %g, of the rows it is %.3g: what depends on it is weighted, "
		        "and probabilities are shifted",
		    part->where, prevalence, (double)positives / (double)part->system->count);
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
	const size_t runs = part->system->runs;
	size_t positives = 0;
	for (size_t i = 0; i < part->system->count; i++)
		positives += (size_t)part->prediction[i].label;
	if (hmm_score_run(scores, part->system, part->predictions->groups.names.count, &of))
		return -1;
	hmm_score_warn(part->where, part->prediction, part->system, measures);
	say_prevalence(part, positives);
	if (!writing->begun++) {
		hmm_scoring_write_header(file, scoring);
		fprintf(file, "\tmetric\tvalue\tlow\thigh\tn\tinterval\tover%s\n",
		    writing->runs ? "\truns\tsd" : "");
	}
	for (size_t m = 0; m < measures->count; m++) {
		hmm_scoring_write_part(file, part);
		hmm_table_write(file, measures->name[m], 0);
		hmm_table_write_number(file, scores[m].value);
		hmm_table_write_number(file, scores[m].low);
		hmm_table_write_number(file, scores[m].high);
		fprintf(file, "\t%zu\t%s\t%s", part->system->count, interval_of(&scores[m]),
		    hmm_scoring_over(runs, scores[m].pooled));
		if (writing->runs) {
			fprintf(file, "\t%zu", writing->runs);
			hmm_table_write_number(file, scores[m].pooled ? (double)NAN : scores[m].sd);
		}
		putc('\n', file);
	}
	return 0;
}

int
hmm_scores_write(FILE *file, const struct hmm_predictions *predictions,
    const struct hmm_scoring *scoring, size_t runs)
{
	struct writing writing = {file, runs, 0};
	return hmm_scoring_run(predictions, scoring, write_metrics, &writing);
}

/* ---- tests ---- */

/* What is found of one system; `count` is the number of rows. */
struct tested {
	struct hmm_compared compared[HMM_MEASURES];
	size_t count;
};

static int
test_system(struct tested *tested, const struct hmm_predictions *reference,
    const struct hmm_thresholds *thresholds, char *const *paths, size_t runs,
    const struct hmm_scoring *scoring)
{
	struct hmm_predictions predictions;
	struct hmm_prediction *ours = NULL, *theirs = NULL;
	struct hmm_system system = {0}, other = {0};
	struct hmm_thresholds own = {0};
	const struct hmm_scores_of of = {&scoring->measures, scoring->prevalence, scoring->replicates,
	    hmm_scoring_place(scoring, scoring->split)};
	const int bad =
	    hmm_predictions_open_runs(&predictions, paths, runs, 0) ||
	    hmm_predictions_match(
	        &ours, &theirs, &tested->count, reference, &predictions, scoring->split) ||
	    hmm_thresholds_open(&own, &scoring->threshold, &predictions) ||
	    hmm_scoring_open_system(
	        &system, scoring, thresholds, ours, ours, tested->count, reference->table->name) ||
	    hmm_scoring_open_system(
	        &other, scoring, &own, theirs, ours, tested->count, predictions.table->name) ||
	    hmm_compare_run(tested->compared, &system, &other, reference->groups.names.count, &of);
	hmm_thresholds_close(&own);
	hmm_system_close(&system);
	hmm_system_close(&other);
	free(ours);
	free(theirs);
	hmm_predictions_close(&predictions);
	return bad ? -1 : 0;
}

static void
write_system(FILE *file, const char *name, const struct tested *tested,
    const struct hmm_measures *measures, const double *adjusted)
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
		hmm_table_write_number(file, adjusted[m]);
		putc('\n', file);
	}
}

/* All systems, in the space for them; p and what Holm makes of them: [others][metrics]. */
static int
test_systems(FILE *file, struct tested *tested, double *p, double *adjusted, char *const *paths,
    size_t others, size_t runs, const struct hmm_scoring *scoring)
{
	struct hmm_predictions reference;
	struct hmm_thresholds thresholds = {0};
	const size_t metrics = scoring->measures.count;
	int bad = hmm_predictions_open_runs(&reference, paths, runs, 0) ||
	          hmm_thresholds_open(&thresholds, &scoring->threshold, &reference);
	for (size_t i = 0; i < others && !bad; i++) {
		bad =
		    test_system(&tested[i], &reference, &thresholds, paths + (i + 1) * runs, runs, scoring);
		for (size_t m = 0; m < metrics; m++)
			p[i * metrics + m] = tested[i].compared[m].p;
	}
	if (!bad) {
		hmm_pvalue_holm(adjusted, p, others * metrics);
		fputs("system\tmetric\tn\tvalue\tother\tdifference\tlow\thigh\ttest\tp\tp_holm\n", file);
		for (size_t i = 0; i < others; i++)
			write_system(file, paths[(i + 1) * runs], &tested[i], &scoring->measures,
			    adjusted + i * metrics);
	}
	hmm_thresholds_close(&thresholds);
	hmm_predictions_close(&reference);
	return bad ? -1 : 0;
}

int
hmm_scores_write_tests(FILE *file, const char *against, char *const *paths, size_t count,
    size_t runs, const struct hmm_scoring *scoring)
{
	const size_t others = (count + 1) / runs - 1, metrics = scoring->measures.count;
	char **all = hmm_alloc(count + 1, sizeof(*all));
	struct tested *tested = hmm_alloc(others, sizeof(*tested));
	double *p = hmm_alloc(others, 2 * metrics * sizeof(*p));
	int bad = !all || !tested || !p;
	if (!bad) {
		all[0] = (char *)against;
		for (size_t i = 0; i < count; i++)
			all[i + 1] = paths[i];
		bad = test_systems(file, tested, p, p + others * metrics, all, others, runs, scoring);
	}
	free(all);
	free(tested);
	free(p);
	return bad ? -1 : 0;
}
