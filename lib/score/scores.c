#include "hmm/score/scores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "hmm/kernel/pvalue.h"
#include "hmm/score/compare.h"

static void
write_score(FILE *file, const struct hmm_score *score)
{
	hmm_table_write_number(file, score->value);
	hmm_table_write_number(file, score->low);
	hmm_table_write_number(file, score->high);
}

static struct hmm_place
place_of(const struct hmm_scoring *scoring, const char *split)
{
	return (struct hmm_place){.seed = scoring->seed, .subject = hmm_random_name(split)};
}

/* A table to write, of all rows of predictions: its header and what a split has to say. */
struct writing {
	FILE *file;
	const struct hmm_predictions *predictions;
	const struct hmm_scoring *scoring;
	size_t runs;
	enum hmm_curve curve;
	const char *header;
	int (*split)(
	    const struct writing *, struct hmm_system *system, const struct hmm_prediction *prediction);
};

static int
write_metrics(const struct writing *writing, struct hmm_system *system,
    const struct hmm_prediction *prediction)
{
	FILE *file = writing->file;
	struct hmm_score scores[HMM_METRICS];
	const double threshold = writing->scoring->threshold;
	if (hmm_score_run(scores, system, writing->predictions->groups.names.count, threshold,
	        writing->scoring->replicates, place_of(writing->scoring, prediction->split)))
		return -1;
	hmm_score_warn(writing->predictions->table->name, prediction, system->count, threshold);
	for (int m = 0; m < HMM_METRICS; m++) {
		hmm_table_write(file, prediction->split, 1);
		hmm_table_write(file, hmm_metric_names[m], 0);
		write_score(file, &scores[m]);
		fprintf(file, "\t%zu", system->count);
		if (writing->runs) {
			fprintf(file, "\t%zu", writing->runs);
			hmm_table_write_number(file, scores[m].sd);
		}
		putc('\n', file);
	}
	return 0;
}

static int
write_points(const struct writing *writing, struct hmm_system *system,
    const struct hmm_prediction *prediction)
{
	struct hmm_score points[HMM_CURVE_POINTS];
	if (hmm_score_curve(points, writing->curve, system, writing->predictions->groups.names.count,
	        writing->scoring->replicates, place_of(writing->scoring, prediction->split)))
		return -1;
	for (int k = 0; k < HMM_CURVE_POINTS; k++) {
		hmm_table_write(writing->file, prediction->split, 1);
		hmm_table_write_number(writing->file, k / (HMM_CURVE_POINTS - 1.));
		write_score(writing->file, &points[k]);
		putc('\n', writing->file);
	}
	return 0;
}

static int
write_splits(const struct writing *writing)
{
	const struct hmm_predictions *predictions = writing->predictions;
	const char *only = writing->scoring->split;
	int bad = 0, found = 0;
	for (size_t i = 0, end; i < predictions->count && !bad; i = end) {
		const struct hmm_prediction *prediction = &predictions->prediction[i];
		struct hmm_system system;
		end = hmm_predictions_end(predictions, i);
		if (only && strcmp(prediction->split, only))
			continue;
		if (!found++)
			fputs(writing->header, writing->file);
		bad = hmm_system_open(&system, prediction, prediction, end - i) ||
		      writing->split(writing, &system, prediction);
		hmm_system_close(&system);
	}
	if (!bad && !found)
		bad = hmm_predictions_no_split(predictions, only);
	return bad ? -1 : 0;
}

int
hmm_scores_write(FILE *file, const struct hmm_predictions *predictions,
    const struct hmm_scoring *scoring, size_t runs)
{
	const struct writing writing = {.file = file,
	    .predictions = predictions,
	    .scoring = scoring,
	    .runs = runs,
	    .header = runs ? "split\tmetric\tvalue\tlow\thigh\tn\truns\tsd\n"
	                   : "split\tmetric\tvalue\tlow\thigh\tn\n",
	    .split = write_metrics};
	return write_splits(&writing);
}

int
hmm_scores_write_curve(FILE *file, const struct hmm_predictions *predictions,
    const struct hmm_scoring *scoring, enum hmm_curve curve)
{
	const struct writing writing = {.file = file,
	    .predictions = predictions,
	    .scoring = scoring,
	    .curve = curve,
	    .header = curve == HMM_ROC ? "split\tfpr\ttpr\tlow\thigh\n"
	                               : "split\trecall\tprecision\tlow\thigh\n",
	    .split = write_points};
	return write_splits(&writing);
}

/* ---- tests ---- */

/* What is found of one system; `count` is the number of rows. */
struct tested {
	struct hmm_compared compared[HMM_METRICS];
	size_t count;
};

static int
test_system(struct tested *tested, const struct hmm_predictions *reference, char *const *paths,
    size_t runs, const struct hmm_scoring *scoring)
{
	struct hmm_predictions predictions;
	struct hmm_prediction *ours = NULL, *theirs = NULL;
	struct hmm_system system = {0}, other = {0};
	const char *split = scoring->split;
	const int bad =
	    hmm_predictions_open_runs(&predictions, paths, runs, 0) ||
	    hmm_predictions_match(&ours, &theirs, &tested->count, reference, &predictions, split) ||
	    hmm_system_open(&system, ours, ours, tested->count) ||
	    hmm_system_open(&other, theirs, ours, tested->count) ||
	    hmm_compare_run(tested->compared, &system, &other, reference->groups.names.count,
	        scoring->threshold, scoring->replicates, place_of(scoring, split));
	hmm_system_close(&system);
	hmm_system_close(&other);
	free(ours);
	free(theirs);
	hmm_predictions_close(&predictions);
	return bad ? -1 : 0;
}

static void
write_system(FILE *file, const char *name, const struct tested *tested, const double *adjusted)
{
	for (int m = 0; m < HMM_METRICS; m++) {
		const struct hmm_compared *compared = &tested->compared[m];
		hmm_table_write(file, name, 1);
		fprintf(file, "\t%s\t%zu", hmm_metric_names[m], tested->count);
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

int
hmm_scores_write_tests(
    FILE *file, char *const *paths, size_t systems, size_t runs, const struct hmm_scoring *scoring)
{
	struct hmm_predictions reference = {0};
	const size_t others = systems - 1;
	struct tested *tested = hmm_alloc(others, sizeof(*tested));
	double *p = hmm_alloc(others, 2 * HMM_METRICS * sizeof(*p));
	int bad = !tested || !p || hmm_predictions_open_runs(&reference, paths, runs, 0);
	for (size_t i = 0; i < others && !bad; i++) {
		bad = test_system(&tested[i], &reference, paths + (i + 1) * runs, runs, scoring);
		for (size_t m = 0; m < HMM_METRICS; m++)
			p[i * HMM_METRICS + m] = tested[i].compared[m].p;
	}
	if (!bad) {
		double *adjusted = p + others * HMM_METRICS;
		hmm_pvalue_holm(adjusted, p, others * HMM_METRICS);
		fputs("system\tmetric\tn\tvalue\tother\tdifference\tlow\thigh\ttest\tp\tp_holm\n", file);
		for (size_t i = 0; i < others; i++)
			write_system(file, paths[(i + 1) * runs], &tested[i], adjusted + i * HMM_METRICS);
	}
	free(tested);
	free(p);
	hmm_predictions_close(&reference);
	return bad ? -1 : 0;
}
