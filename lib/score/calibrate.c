#include "hmm/score/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/overlap.h"
#include "hmm/score/coverage.h"
#include "calibrate_split.h"

enum { PLACE = 400, NUMBER = 32 };

/* A table in hand. */
struct job {
	const struct hmm_calibrate_options *options;
	const char *name; /* of the table that is learned from */
	/* [learned]: those of another table, then the rows of this one; both where there is no other */
	struct hmm_prediction *row;
	size_t learned, count;
	const char **group; /* the names of their groups */
	struct hmm_patterns patterns;
	struct hmm_calibrated *calibrated; /* [count] */
	enum hmm_sets_by *by;              /* [count]: where there is a set */
	struct hmm_set_rule *rule;         /* [patterns], of one run after the other */
	char *wanted;                      /* [patterns]: 1: its rule is */
	const char *split;                 /* that is calibrated on */
};

/* A logit of 0 or 1 cannot be mapped. 0, or -1 reported. */
static int
check_logits(const struct hmm_predictions *predictions)
{
	for (size_t i = 0; i < predictions->count; i++) {
		const struct hmm_prediction *row = &predictions->prediction[i];
		if (!isfinite(row->logit))
			return hmm_error("%s: row %zu: probability %g has no finite logit, want a column logit",
			    predictions->table->name, row->row + 1, row->probability);
	}
	return 0;
}

/* Warn of a table whose logits are not those of its probabilities: it is of two models, or of
 * rounded numbers. */
static void
warn_of_logits(const struct hmm_predictions *predictions)
{
	static const double rounding = 1e-3;
	size_t other = 0;
	for (size_t i = 0; i < predictions->count; i++) {
		const struct hmm_prediction *row = &predictions->prediction[i];
		other += fabs(1 / (1 + exp(-row->logit)) - row->probability) > rounding;
	}
	if (other)
		hmm_warn("%s: of %zu of %zu rows the logit is not that of the probability: logits count",
		    predictions->table->name, other, predictions->count);
}

/* Those who were trained on, who chose the model or who are calibrated on get no set: it would
 * hold their label more often than a new patient's. Where another table is learned from, all are
 * new to that. */
static int
is_new(const struct job *job, size_t i)
{
	const char *split = job->row[i].split;
	return i >= job->learned && (job->learned || (strcmp(split, "train") && strcmp(split, "val") &&
	                                                 strcmp(split, "cal")));
}

/* Where the rows end that are of the same split and run as the first. */
static size_t
find_end(const struct job *job, size_t first)
{
	const struct hmm_prediction *row = job->row;
	size_t end = first + 1;
	while (end < job->count && !strcmp(row[end].split, row[first].split) &&
	       !strcmp(row[end].run, row[first].run))
		end++;
	return end;
}

static void
say_cohort(const struct hmm_cohort *cohort, struct hmm_member *drawn, const char *place)
{
	const size_t patients = hmm_cohort_draw_whole(drawn, cohort);
	size_t events = 0;
	for (size_t i = 0; i < patients; i++)
		events += drawn[i].row->label == 1;
	if (patients < cohort->wholes)
		hmm_say("%s: %zu patients, %zu of label 1; of %zu rows one a patient is drawn", place,
		    patients, events, cohort->wholes);
	else
		hmm_say("%s: %zu patients, %zu of label 1", place, patients, events);
}

static void
say_calibrators(const struct hmm_calibrators *calibrators, const struct job *job, const char *place)
{
	const struct hmm_calibrator *all = &calibrators->all;
	if (job->options->method == HMM_CALIBRATOR_TEMPERATURE)
		hmm_say("%s: temperature %.6g", place, 1 / all->slope);
	else
		hmm_say(
		    "%s: logits become %.6g + %.6g times themselves", place, all->intercept, all->slope);
	if (all->slope <= 0)
		hmm_warn("%s: there the label is the likelier 0 the higher the logit: calibrated "
		         "probabilities turn the order round",
		    place);
	if (job->options->each && isfinite(calibrators->ridge))
		hmm_say(
		    "%s: each pattern has a map of its own, with a ridge of %g", place, calibrators->ridge);
	else if (job->options->each)
		hmm_say("%s: all patterns have one map: none of their own did better", place);
}

/* What the rules rest on, each in a line, and what they hold for. */
static void
say_rules(const struct job *job, const size_t *rows, const char *place)
{
	static const char *const holds[2][HMM_SETS_FEW] = {
	    [0] = {[HMM_SETS_OWN] = "of either label, whatever makes a modality missing",
	        [HMM_SETS_CUT] = "of either label, if what is missing depends on the label alone",
	        [HMM_SETS_ALL] = "of either label, on average over the patterns"},
	    [1] = {[HMM_SETS_OWN] = "on average over the labels, whatever makes a modality missing",
	        [HMM_SETS_CUT] = "on average over the labels, if what is missing depends on nothing",
	        [HMM_SETS_ALL] = "on average over labels and patterns"}};
	enum { SAID = 20 };
	size_t of[HMM_SETS_FEW + 1] = {0}, said = 0, uncut = 0;
	for (size_t i = 0; i < job->patterns.names.count; i++) {
		const struct hmm_set_rule *rule = &job->rule[i];
		if (!job->wanted[i])
			continue;
		of[rule->by] += rows[i];
		uncut += rule->by == HMM_SETS_FEW && rule->uncut;
		if (said++ < SAID)
			hmm_say("%s: pattern %s: %s, %zu of label 0 and %zu of label 1", place,
			    job->patterns.names.name[i], hmm_coverage_word(rule->by), rule->conformal.count[0],
			    rule->conformal.count[1]);
	}
	if (said > SAID)
		hmm_say("%s: and %zu patterns more, see --report", place, said - SAID);
	for (int by = HMM_SETS_OWN; by < HMM_SETS_FEW; by++)
		if (of[by])
			hmm_say("sets by %s: %zu, of which at least %g %% hold the label, %s",
			    hmm_coverage_word((enum hmm_sets_by)by), of[by],
			    100 - 100 * job->options->sets.alpha, holds[job->options->sets.together][by]);
	if (of[HMM_SETS_FEW])
		hmm_warn("%s: %zu %s both labels, for want of %zu patients %s%s", place, of[HMM_SETS_FEW],
		    of[HMM_SETS_FEW] == 1 ? "set is" : "sets are",
		    hmm_conformal_least(job->options->sets.alpha),
		    job->options->sets.together ? "with their pattern" : "of each label with their pattern",
		    uncut ? "; those who have more would count with hmm-setsum --subsets all | hmm-rho"
		          : "");
}

/* The sets of the rows of a run. 0, or -1 reported. */
static int
make_sets(struct job *job, const struct hmm_cohort *cohort, const char *run, const char *place)
{
	const size_t *pattern = job->patterns.of;
	size_t *rows = hmm_alloc(job->patterns.names.count, sizeof(*rows));
	memset(job->wanted, 0, job->patterns.names.count);
	for (size_t i = 0; rows && i < job->count; i++)
		if (!job->row[i].observed && is_new(job, i) && !strcmp(job->row[i].run, run)) {
			job->wanted[pattern[i]] = 1;
			rows[pattern[i]]++;
		}
	if (!rows ||
	    hmm_sets_fit(job->rule, job->wanted, cohort, &job->patterns, &job->options->sets)) {
		free(rows);
		return -1;
	}
	for (size_t i = 0; i < job->count; i++) {
		if (job->row[i].observed || !is_new(job, i) || strcmp(job->row[i].run, run))
			continue;
		job->calibrated[i].set =
		    hmm_conformal_set(&job->rule[pattern[i]].conformal, job->row[i].probability);
		job->by[i] = job->rule[pattern[i]].by;
	}
	say_rules(job, rows, place);
	free(rows);
	return 0;
}

/* The probabilities of the rows of a run. 0, or -1 reported. */
static int
make_probabilities(
    struct job *job, const struct hmm_cohort *cohort, const char *run, const char *place)
{
	struct hmm_calibrators calibrators;
	const int bad =
	    hmm_calibrators_open(&calibrators, cohort, job->options->method, job->options->each, place);
	for (size_t i = 0; i < job->count && !bad; i++)
		if (!strcmp(job->row[i].run, run))
			job->calibrated[i].probability = hmm_calibrator_probability(
			    &calibrators.pattern[job->patterns.of[i]], job->row[i].logit);
	if (!bad)
		say_calibrators(&calibrators, job, place);
	hmm_calibrators_close(&calibrators);
	return bad;
}

/* What the sets of a run hold. 0, or -1 reported. */
static int
report_run(FILE *report, const struct job *job, const char *run)
{
	for (size_t i = job->learned, end; i < job->count; i = end) {
		end = find_end(job, i);
		if (!strcmp(job->row[i].run, run) &&
		    hmm_coverage_write(report, job->row + i, job->calibrated + i, job->patterns.of + i,
		        end - i, &job->patterns, job->rule))
			return -1;
	}
	return 0;
}

static int
calibrate_run(struct job *job, FILE *report, const char *run)
{
	char place[PLACE];
	struct hmm_cohort cohort;
	const int several = strcmp(run, "n/a") != 0;
	snprintf(place, sizeof(place), "%.200s:%s%.100s split %s", job->name, several ? " run " : "",
	    several ? run : "", job->split);
	int bad = hmm_cohort_open(&cohort, job->row, job->learned ? job->learned : job->count,
	    job->group, &job->patterns, run, job->split, job->options->seed);
	struct hmm_member *drawn = bad ? NULL : hmm_alloc_raw(cohort.count, sizeof(*drawn));
	bad = !drawn;
	if (!bad)
		say_cohort(&cohort, drawn, place);
	bad = bad || make_probabilities(job, &cohort, run, place) ||
	      make_sets(job, &cohort, run, place) || (report && report_run(report, job, run));
	free(drawn);
	hmm_cohort_close(&cohort);
	return bad ? -1 : 0;
}

static int
calibrate_runs(struct job *job, FILE *report)
{
	struct hmm_names runs = {0};
	int bad = 0;
	for (size_t i = 0; i < job->count && !bad; i = find_end(job, i))
		bad = hmm_names_add(&runs, job->row[i].run) < 0;
	bad = bad || hmm_names_sort(&runs, NULL);
	for (size_t i = 0; i < runs.count && !bad; i++)
		bad = calibrate_run(job, report, runs.name[i]);
	hmm_names_close(&runs);
	return bad;
}

/* Put the new columns into the table and print it. 0, or -1 reported. */
static int
print(FILE *file, struct hmm_predictions *predictions, const struct job *job)
{
	static const char *const sets[] = {"none", "0", "1", "0+1"};
	const size_t rows = predictions->table->rows;
	const double threshold = job->options->threshold;
	char(*text)[NUMBER] = hmm_alloc(rows, sizeof(*text)), *keep = hmm_alloc(rows, 1);
	enum { CALIBRATED, SET, SET_BY, PREDICTED, COLUMNS };
	static const char *const name[] = {"calibrated", "set", "set_by", "predicted"};
	char **cells = hmm_alloc(rows, COLUMNS * sizeof(*cells));
	int bad = !text || !keep || !cells;
	for (size_t i = job->learned; i < job->count && !bad; i++) {
		const struct hmm_calibrated *calibrated = &job->calibrated[i];
		const size_t row = job->row[i].row;
		keep[row] = !job->row[i].observed;
		snprintf(text[row], NUMBER, "%.9g", calibrated->probability);
		cells[CALIBRATED * rows + row] = text[row];
		if (calibrated->set >= 0) {
			cells[SET * rows + row] = (char *)sets[calibrated->set];
			cells[SET_BY * rows + row] = (char *)hmm_coverage_word(job->by[i]);
		}
		cells[PREDICTED * rows + row] = (char *)(job->row[i].probability > threshold ? "1" : "0");
	}
	for (size_t c = 0; c < (isnan(threshold) ? PREDICTED : COLUMNS) && !bad; c++)
		bad = hmm_table_set_column(predictions->table, name[c], cells + c * rows);
	if (!bad)
		hmm_table_print(file, predictions->table, keep);
	free(text);
	free(keep);
	free(cells);
	return bad ? -1 : 0;
}

/* Put the labelled rows of the split to calibrate on before those of the table. 0, or -1
 * reported. */
static int
join(struct job *job, const struct hmm_predictions *predictions, const struct hmm_predictions *on)
{
	const size_t groups = on->groups.names.count;
	for (size_t i = 0; i < on->count; i++)
		job->learned +=
		    on->prediction[i].label >= 0 && !strcmp(on->prediction[i].split, job->split);
	job->count = job->learned + predictions->count;
	job->row = hmm_alloc_raw(job->count, sizeof(*job->row));
	job->group = hmm_alloc(groups + predictions->groups.names.count, sizeof(*job->group));
	if (!job->row || !job->group)
		return -1;
	for (size_t i = 0, at = 0; i < on->count; i++)
		if (on->prediction[i].label >= 0 && !strcmp(on->prediction[i].split, job->split))
			job->row[at++] = on->prediction[i];
	for (size_t i = 0; i < predictions->count; i++) {
		job->row[job->learned + i] = predictions->prediction[i];
		job->row[job->learned + i].group += groups;
	}
	for (size_t i = 0; i < job->count; i++)
		if (strcmp(job->row[i].run, "n/a"))
			return hmm_error("%s: has a column 'run', want one model",
			    i < job->learned ? on->table->name : predictions->table->name);
	memcpy(job->group, on->groups.names.name, groups * sizeof(*job->group));
	memcpy(job->group + groups, predictions->groups.names.name,
	    predictions->groups.names.count * sizeof(*job->group));
	return 0;
}

/* The rows that a job is about. 0, or -1 reported. */
static int
open_rows(struct job *job, const struct hmm_predictions *predictions)
{
	const struct hmm_predictions *on = job->options->on;
	const struct hmm_predictions *learned = on ? on : predictions;
	job->name = learned->table->name;
	if (check_logits(predictions) || (on && check_logits(on)) ||
	    !(job->split = hmm_calibrate_split(learned)))
		return -1;
	if (on)
		return join(job, predictions, on);
	job->row = predictions->prediction;
	job->count = predictions->count;
	job->group = (const char **)predictions->groups.names.name;
	return hmm_overlap_warn(predictions, job->split);
}

int
hmm_calibrate_write(FILE *file, FILE *report, struct hmm_predictions *predictions,
    const struct hmm_calibrate_options *options)
{
	struct job job = {.options = options};
	int bad = open_rows(&job, predictions) || hmm_patterns_open(&job.patterns, job.row, job.count);
	if (!bad) {
		const size_t patterns = job.patterns.names.count;
		job.calibrated = hmm_alloc(job.count, sizeof(*job.calibrated));
		job.by = hmm_alloc(job.count, sizeof(*job.by));
		job.rule = hmm_alloc(patterns, sizeof(*job.rule));
		job.wanted = hmm_alloc(patterns, 1);
		bad = !job.calibrated || !job.by || !job.rule || !job.wanted;
	}
	for (size_t i = 0; i < job.count && !bad; i++)
		job.calibrated[i].set = -1;
	if (report)
		hmm_coverage_write_header(report);
	bad = bad || calibrate_runs(&job, report) || print(file, predictions, &job);
	if (!bad)
		warn_of_logits(predictions);
	if (!bad && options->on)
		warn_of_logits(options->on);
	hmm_patterns_close(&job.patterns);
	free(job.calibrated);
	free(job.by);
	free(job.rule);
	free(job.wanted);
	if (options->on) {
		free(job.row);
		free(job.group);
	}
	return bad ? -1 : 0;
}
