#include "hmm/score/calibrate_classes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate_split.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/data/overlap.h"
#include "hmm/score/coverage.h"

enum { PLACE = 400, NUMBER = 32, NAME = 512 };

/* On whom the sets of a pattern rest. */
struct rule {
	enum hmm_sets_by by; /* FEW: too few patients, so the set is all classes */
	double *quantile;    /* [classes] */
	size_t patients;
};

/* A table in hand. */
struct job {
	const struct hmm_predictions *predictions;
	const struct hmm_calibrate_options *options;
	size_t classes;
	const char *split;
	struct hmm_patterns patterns;
	double *calibrated; /* [count][classes] */
	char (*name)[NAME]; /* [classes]: of the new columns, which the table goes on to point to */
	char **set;         /* [count]: NULL: none */
	enum hmm_sets_by *by;
	/* of one run after the other */
	struct hmm_cohort cohort;
	struct hmm_member *drawn; /* [cohort.count], as all below */
	const double **p;
	int *label;
	double *score;
};

static void
close_run(struct job *job)
{
	hmm_cohort_close(&job->cohort);
	free(job->drawn);
	free(job->p);
	free(job->label);
	free(job->score);
}

/* Whose labels and probabilities they are. */
static void
look_up(struct job *job, size_t drawn)
{
	for (size_t i = 0; i < drawn; i++) {
		job->p[i] = job->drawn[i].row->number;
		job->label[i] = job->drawn[i].row->label;
	}
}

/* ---- probabilities ---- */

static int
make_probabilities(struct job *job, const char *run, const char *place)
{
	const struct hmm_predictions *predictions = job->predictions;
	const size_t patients = hmm_cohort_draw_whole(job->drawn, &job->cohort);
	double a;
	look_up(job, patients);
	hmm_say("%s: %zu patients", place, patients);
	if (hmm_temperature_fit(&a, job->p, job->label, patients, job->classes))
		return hmm_error("%s: the largest probability is right for all %zu patients, or for none: "
		                 "there is no best temperature",
		    place, patients);
	hmm_say("%s: temperature %.6g", place, 1 / a);
	if (a <= 0)
		hmm_warn("%s: there a class is the less likely the higher its probability: calibrated "
		         "ones turn the order round",
		    place);
	for (size_t i = 0; i < predictions->count; i++)
		if (!strcmp(predictions->prediction[i].run, run))
			hmm_temperature_apply(job->calibrated + i * job->classes, a,
			    predictions->prediction[i].number, job->classes);
	return 0;
}

/* ---- sets ---- */

/* The quantiles of those drawn: of each class, or one. 1: they are enough. */
static int
fit_quantiles(struct job *job, struct rule *rule, enum hmm_sets_by by, size_t drawn)
{
	const struct hmm_sets_options *sets = &job->options->sets;
	int enough = 1;
	look_up(job, drawn);
	rule->patients = drawn;
	for (size_t k = 0; k < job->classes; k++) {
		size_t used = 0;
		for (size_t i = 0; i < drawn; i++)
			if (sets->together || job->label[i] == (int)k)
				job->score[used++] = 1 - job->p[i][job->label[i]];
		const size_t rank = hmm_conformal_rank(used, sets->alpha);
		hmm_numbers_sort(job->score, used);
		rule->quantile[k] = rank > used ? HUGE_VAL : job->score[rank - 1];
		enough &= rank <= used;
	}
	rule->by = enough ? by : HMM_SETS_FEW;
	return enough;
}

static void
fit_rule(struct job *job, struct rule *rule, size_t pattern)
{
	const struct hmm_cohort *cohort = &job->cohort;
	const enum hmm_sets_by wanted = job->options->sets.by;
	if (wanted == HMM_SETS_ALL) {
		fit_quantiles(job, rule, wanted, hmm_cohort_draw_whole(job->drawn, cohort));
		return;
	}
	if (wanted != HMM_SETS_CUT &&
	    fit_quantiles(job, rule, HMM_SETS_OWN, hmm_cohort_draw_own(job->drawn, cohort, pattern)))
		return;
	rule->by = HMM_SETS_FEW;
	if (wanted != HMM_SETS_OWN && !hmm_cohort_uncut(cohort, &job->patterns, pattern))
		fit_quantiles(job, rule, HMM_SETS_CUT, hmm_cohort_draw_cut(job->drawn, cohort, pattern));
}

/* "II+IV", "none", of a row; to free(). NULL, reported. */
static char *
name_set(const struct job *job, const struct rule *rule, const double *p)
{
	static const double close = 1e-12;
	char *const *name = job->predictions->target.names.name;
	size_t room = sizeof("none"), used = 0;
	for (size_t k = 0; k < job->classes; k++)
		room += strlen(name[k]) + 1;
	char *text = hmm_alloc(room, 1);
	for (size_t k = 0; text && k < job->classes; k++)
		if (rule->by == HMM_SETS_FEW || 1 - p[k] <= rule->quantile[k] + close)
			used += (size_t)snprintf(text + used, room - used, "%s%s", used ? "+" : "", name[k]);
	if (text && !used)
		snprintf(text, room, "none");
	return text;
}

/* Those who were trained on, who chose the model or who are calibrated on get no set. */
static int
is_new(const struct hmm_prediction *row)
{
	return !row->observed && strcmp(row->split, "train") && strcmp(row->split, "val") &&
	       strcmp(row->split, "cal");
}

/* The sets of the rows of a run with this pattern. 0, or -1 reported. */
static int
make_sets(struct job *job, const char *run, size_t pattern, struct rule *rule, const char *place)
{
	const struct hmm_predictions *predictions = job->predictions;
	size_t rows = 0;
	for (size_t i = 0; i < predictions->count; i++) {
		const struct hmm_prediction *row = &predictions->prediction[i];
		if (job->patterns.of[i] != pattern || !is_new(row) || strcmp(row->run, run))
			continue;
		if (!rows++)
			fit_rule(job, rule, pattern);
		job->by[i] = rule->by;
		if (!(job->set[i] = name_set(job, rule, row->number)))
			return -1;
	}
	if (rows && rule->by == HMM_SETS_FEW)
		hmm_warn_counted("%s: pattern %s: %zu %s all classes, for want of %zu patients %s", place,
		    job->patterns.names.name[pattern], rows, rows == 1 ? "set is" : "sets are",
		    hmm_conformal_least(job->options->sets.alpha),
		    job->options->sets.together ? "with it" : "of each class with it");
	else if (rows)
		hmm_say("%s: pattern %s: %zu sets by %s, %zu patients", place,
		    job->patterns.names.name[pattern], rows, hmm_coverage_word(rule->by), rule->patients);
	return 0;
}

/* ---- all of it ---- */

static int
calibrate_run(struct job *job, const char *run)
{
	char place[PLACE];
	const struct hmm_predictions *predictions = job->predictions;
	const int several = strcmp(run, "n/a") != 0;
	struct rule rule = {.quantile = hmm_alloc(job->classes, sizeof(*rule.quantile))};
	snprintf(place, sizeof(place), "%.200s:%s%.100s split %s", predictions->table->name,
	    several ? " run " : "", several ? run : "", job->split);
	int bad = hmm_cohort_open(&job->cohort, predictions->prediction, predictions->count,
	              (const char *const *)predictions->groups.names.name, &job->patterns, run,
	              job->split, job->options->seed) ||
	          !rule.quantile;
	const size_t count = job->cohort.count;
	job->drawn = hmm_alloc(count, sizeof(*job->drawn));
	job->p = hmm_alloc(count, sizeof(*job->p));
	job->label = hmm_alloc(count, sizeof(*job->label));
	job->score = hmm_alloc(count, sizeof(*job->score));
	bad = bad || !job->drawn || !job->p || !job->label || !job->score ||
	      make_probabilities(job, run, place);
	for (size_t pattern = 0; pattern < job->patterns.names.count && !bad; pattern++)
		bad = make_sets(job, run, pattern, &rule, place);
	free(rule.quantile);
	close_run(job);
	return bad ? -1 : 0;
}

static int
calibrate_runs(struct job *job)
{
	struct hmm_names runs = {0};
	int bad = 0;
	for (size_t i = 0; i < job->predictions->count && !bad; i++)
		bad = hmm_names_add(&runs, job->predictions->prediction[i].run) < 0;
	bad = bad || hmm_names_sort(&runs, NULL);
	for (size_t i = 0; i < runs.count && !bad; i++)
		bad = calibrate_run(job, runs.name[i]);
	hmm_names_close(&runs);
	return bad;
}

/* Put one column's numbers into the table. 0, or -1 reported. */
static int
set_column(struct hmm_predictions *predictions, const struct job *job, size_t class,
    char (*text)[NUMBER], char **cells)
{
	char *name = job->name[class];
	for (size_t i = 0; i < predictions->count; i++) {
		const size_t row = predictions->prediction[i].row;
		snprintf(text[row], NUMBER, "%.9g", job->calibrated[i * job->classes + class]);
		cells[row] = text[row];
	}
	if (snprintf(name, NAME, "calibrated_%s", predictions->target.names.name[class]) >= NAME)
		return hmm_error("%s: a class has too long a name", predictions->table->name);
	return hmm_table_set_column(predictions->table, name, cells);
}

static int
print(FILE *file, struct hmm_predictions *predictions, const struct job *job)
{
	struct hmm_table *table = predictions->table;
	const size_t rows = table->rows;
	size_t numbers = 0;
	const int large = hmm_multiply(&numbers, rows, job->classes);
	char(*text)[NUMBER] = large ? NULL : hmm_alloc(numbers, sizeof(*text));
	char *keep = hmm_alloc(rows, 1), **cells = hmm_alloc(rows, sizeof(*cells));
	int bad = !text || !keep || !cells;
	for (size_t k = 0; k < job->classes && !bad; k++)
		bad = set_column(predictions, job, k, text + k * rows, cells);
	for (int c = 0; c < 2 && !bad; c++) {
		memset(cells, 0, rows * sizeof(*cells));
		for (size_t i = 0; i < predictions->count; i++) {
			const struct hmm_prediction *row = &predictions->prediction[i];
			keep[row->row] = !row->observed;
			if (job->set[i])
				cells[row->row] = c ? (char *)hmm_coverage_word(job->by[i]) : job->set[i];
		}
		bad = hmm_table_set_column(table, c ? "set_by" : "set", cells);
	}
	if (!bad)
		hmm_table_print(file, table, keep);
	free(text);
	free(keep);
	free(cells);
	return bad ? -1 : 0;
}

/* What the options have that these predictions have not, and a probability of 0, which no
 * temperature raises. 0, or -1 reported. */
static int
check(const struct hmm_predictions *predictions, const struct hmm_calibrate_options *options)
{
	const char *name = predictions->table->name;
	const char *without = options->on                  ? "--on"
	                      : options->each              ? "--per-pattern"
	                      : !isnan(options->threshold) ? "--threshold"
	                      : options->method != HMM_CALIBRATOR_TEMPERATURE
	                          ? "--method but temperature"
	                          : NULL;
	if (without)
		return hmm_error("%s: predictions of classes have no %s", name, without);
	for (size_t i = 0; i < predictions->count; i++)
		for (size_t k = 0; k < predictions->target.width; k++)
			if (!(predictions->prediction[i].number[k] > 0))
				return hmm_error("%s: row %zu: %s 0, want more", name,
				    predictions->prediction[i].row + 1,
				    predictions->table->header[predictions->target.column[k]]);
	return 0;
}

int
hmm_calibrate_write_classes(
    FILE *file, struct hmm_predictions *predictions, const struct hmm_calibrate_options *options)
{
	const size_t count = predictions->count, classes = predictions->target.width;
	struct job job = {.predictions = predictions, .options = options, .classes = classes};
	size_t bytes = 0;
	int bad = check(predictions, options) || !(job.split = hmm_calibrate_split(predictions)) ||
	          hmm_overlap_warn(predictions, job.split) ||
	          hmm_patterns_open(&job.patterns, predictions->prediction, count) ||
	          hmm_multiply(&bytes, classes, sizeof(double));
	if (!bad) {
		job.calibrated = hmm_alloc(count, bytes);
		job.set = hmm_alloc(count, sizeof(*job.set));
		job.by = hmm_alloc(count, sizeof(*job.by));
		job.name = hmm_alloc(classes, sizeof(*job.name));
		bad = !job.calibrated || !job.set || !job.by || !job.name;
	}
	bad = bad || calibrate_runs(&job) || print(file, predictions, &job);
	hmm_patterns_close(&job.patterns);
	for (size_t i = 0; job.set && i < count; i++)
		free(job.set[i]);
	free(job.calibrated);
	free(job.set);
	free(job.by);
	free(job.name);
	return bad ? -1 : 0;
}
