#include "hmm/score/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

static const struct hmm_result_kind kinds[] = {
    {6, {"acc", "auc", "f1", "precision", "recall", "auc_hard"}, 1},
    {6, {"acc", "balanced_accuracy", "auc_macro", "f1_macro", "log_loss", "brier"}, 2},
    {6, {"r2", "mae", "rmse", "crps", "pearson", "spearman"}, 0},
    {3, {"harrell", "uno", "integrated_brier"}, 0}};
enum { AUC = 1, AUC_HARD = 5 };  /* of the first kind */
static const double most = 1e15; /* of any number of a table */

/* The place of a metric, or -1. */
static int
find_metric(const struct hmm_result_kind *kind, const char *name)
{
	for (size_t m = 0; name && m < kind->count; m++)
		if (!strcmp(kind->metric[m], name))
			return (int)m;
	return -1;
}

/* The kind that has the metric of a table's rows, by its main one; the first where none has. */
static const struct hmm_result_kind *
find_kind(const struct hmm_table *table, int metric)
{
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		for (size_t row = 0; row < table->rows; row++) {
			const char *name = hmm_table_cell(table, row, metric);
			if (name && !strcmp(name, kinds[k].metric[kinds[k].main]))
				return &kinds[k];
		}
	return kinds;
}

/* A number, or NaN where the cell or the whole column is missing. 0, or -1 reported. */
static int
read_number(double *value, const struct hmm_table *table, size_t row, const char *column)
{
	const int at = hmm_table_find(table, column);
	const char *cell = hmm_table_cell(table, row, at);
	char *end = NULL;
	*value = cell ? strtod(cell, &end) : (double)NAN;
	if (cell && (end == cell || *end || !(fabs(*value) < most)))
		return hmm_error(
		    "%s: row %zu: %s '%s', want a number below 1e15", table->name, row + 1, column, cell);
	return 0;
}

/* A whole number from 1, or 0 where it is missing. 0, or -1 reported. */
static int
read_count(long *value, const struct hmm_table *table, size_t row, const char *column)
{
	double number;
	if (read_number(&number, table, row, column))
		return -1;
	*value = isnan(number) ? 0 : (long)number;
	if (!isnan(number) && (number < 1 || number > (double)*value))
		return hmm_error("%s: row %zu: %s '%g', want a whole number from 1", table->name, row + 1,
		    column, number);
	return 0;
}

/* Note that a system has a metric. 0, or -1 reported: it had it. */
static int
note_metric(char seen[HMM_RESULT_METRICS], const char *name, int m, const struct hmm_table *table,
    size_t row)
{
	return seen[m]++ ? hmm_error("%s: row %zu: metric '%s' stands there twice", table->name,
	                       row + 1, name)
	                 : 0;
}

/* Whether a cell is this text. */
static int
is(const struct hmm_table *table, size_t row, const char *column, const char *text)
{
	const char *cell = hmm_table_cell(table, row, hmm_table_find(table, column));
	return cell && text && !strcmp(cell, text);
}

static int
read_score(struct hmm_result *result, const struct hmm_table *table, size_t row, int m)
{
	struct hmm_result_metric *metric = &result->metric[m];
	long runs;
	if (read_number(&metric->value, table, row, "value") ||
	    read_number(&metric->low, table, row, "low") ||
	    read_number(&metric->high, table, row, "high") ||
	    read_number(&metric->sd, table, row, "sd") || read_count(&result->n, table, row, "n") ||
	    read_count(&runs, table, row, "runs"))
		return -1;
	result->runs = runs ? runs : 1;
	return 0;
}

static int
read_scores(
    struct hmm_results *results, struct hmm_result *result, const char *path, const char *split)
{
	struct hmm_table *table = hmm_table_read_named(path, '\t');
	const int metric = table ? hmm_table_want(table, "metric") : -1;
	char seen[HMM_RESULT_METRICS] = {0};
	int bad = metric < 0 || hmm_table_want(table, "value") < 0, found = 0;
	if (!bad && !results->kind)
		results->kind = find_kind(table, metric);
	for (size_t row = 0; !bad && row < table->rows; row++) {
		const char *name = hmm_table_cell(table, row, metric);
		const int m = find_metric(results->kind, name);
		if (m < 0 || !is(table, row, "split", split))
			continue;
		bad = note_metric(seen, name, m, table, row) || read_score(result, table, row, m);
		found++;
	}
	if (!bad && !found)
		bad = hmm_error("%s: no row of split '%s'", table->name, split);
	hmm_table_free(table);
	return bad ? -1 : 0;
}

static int
read_tests(const struct hmm_result_kind *kind, struct hmm_result *result, const char *path,
    const char *name, int is_reference)
{
	struct hmm_table *table = hmm_table_read_named(path, '\t');
	const int metric = table ? hmm_table_want(table, "metric") : -1;
	char seen[HMM_RESULT_METRICS] = {0};
	int bad = metric < 0 || hmm_table_want(table, "system") < 0 ||
	          hmm_table_want(table, "p_holm") < 0,
	    found = 0;
	for (size_t row = 0; !bad && row < table->rows; row++) {
		const char *measured = hmm_table_cell(table, row, metric);
		const int m = find_metric(kind, measured);
		if (m < 0 || !is(table, row, "system", name))
			continue;
		struct hmm_result_metric *of = &result->metric[m];
		found++;
		bad = note_metric(seen, measured, m, table, row) ||
		      read_number(&of->difference, table, row, "difference") ||
		      read_number(&of->p, table, row, "p") ||
		      read_number(&of->p_holm, table, row, "p_holm") ||
		      read_number(&of->least, table, row, "p_holm_least");
	}
	if (!bad && !found && !is_reference)
		bad = hmm_error("%s: no row of system '%s'", table->name, name ? name : "n/a");
	hmm_table_free(table);
	return bad ? -1 : 0;
}

/* The mean over the runs. */
static int
read_seconds(struct hmm_result *result, const char *path)
{
	struct hmm_table *table = hmm_table_read_named(path, '\t');
	int bad = !table || hmm_table_want(table, "seconds") < 0;
	double sum = 0, seconds = 0;
	for (size_t row = 0; !bad && row < table->rows; row++) {
		bad = read_number(&seconds, table, row, "seconds");
		sum += seconds;
	}
	if (!bad && !table->rows)
		bad = hmm_error("%s: no rows, want the seconds of each run", table->name);
	result->seconds = bad ? (double)NAN : sum / (double)table->rows;
	hmm_table_free(table);
	return bad ? -1 : 0;
}

static struct hmm_result
result_of(const char *scenario, const char *system)
{
	static const double none = (double)NAN;
	struct hmm_result result = {.scenario = scenario, .system = system, .seconds = none};
	for (int m = 0; m < HMM_RESULT_METRICS; m++)
		result.metric[m] =
		    (struct hmm_result_metric){none, none, none, none, none, none, none, none, NULL, NULL};
	return result;
}

static int
read_system(struct hmm_results *results, size_t row, const char *split, const char *reference)
{
	struct hmm_result *result = &results->result[row];
	const struct hmm_table *index = results->index;
	const char *scenario = hmm_table_cell(index, row, hmm_table_find(index, "scenario"));
	const char *system = hmm_table_cell(index, row, hmm_table_find(index, "system"));
	const char *scores = hmm_table_cell(index, row, hmm_table_find(index, "scores"));
	const char *tests = hmm_table_cell(index, row, hmm_table_find(index, "tests"));
	const char *seconds = hmm_table_cell(index, row, hmm_table_find(index, "seconds"));
	const char *name = hmm_table_cell(index, row, hmm_table_find(index, "predictions"));
	if (!scores)
		return hmm_error("%s: row %zu: no scores", index->name, row + 1);
	*result = result_of(scenario ? scenario : "n/a", system ? system : "n/a");
	result->ran = 1;
	return read_scores(results, result, scores, split) ||
	       (tests && read_tests(
	                     results->kind, result, tests, name, !strcmp(result->system, reference))) ||
	       (seconds && read_seconds(result, seconds));
}

/* The result of this system, a new one where there is none; NULL where it has no name. */
static struct hmm_result *
published_result(struct hmm_results *results, const char *scenario, const char *system)
{
	if (!scenario || !system)
		return NULL;
	for (size_t i = 0; i < results->count; i++)
		if (!strcmp(results->result[i].scenario, scenario) &&
		    !strcmp(results->result[i].system, system))
			return &results->result[i];
	results->result[results->count] = result_of(scenario, system);
	return &results->result[results->count++];
}

static int
read_published(struct hmm_results *results, const char *of)
{
	static const char *const names[] = {"scenario", "system", "metric", "mean", "sd"};
	const struct hmm_table *table = results->published;
	int column[5], found = 0;
	for (int i = 0; i < 5; i++)
		if ((column[i] = hmm_table_want(table, names[i])) < 0)
			return -1;
	for (size_t row = 0; row < table->rows; row++) {
		const char *cell[5];
		double number;
		for (int i = 0; i < 5; i++)
			cell[i] = hmm_table_cell(table, row, column[i]);
		if (of && !is(table, row, "table", of))
			continue;
		found++;
		struct hmm_result *result = published_result(results, cell[0], cell[1]);
		const int m = find_metric(results->kind, cell[2]);
		if (result)
			result->published = 1;
		if (result && is(table, row, "metric", "time"))
			result->paper_time = cell[3];
		if (!result || m < 0)
			continue;
		if (read_number(&number, table, row, "mean") || read_number(&number, table, row, "sd"))
			return -1;
		/* in the paper's code the AUC is that of thresholded predictions, so it stands beside
		 * both */
		for (int k = m; k >= 0; k = k == AUC && results->kind == kinds ? AUC_HARD : -1) {
			result->metric[k].paper = cell[3];
			result->metric[k].paper_sd = cell[4];
		}
	}
	return found ? 0 : hmm_error("%s: no row of table '%s'", table->name, of ? of : "n/a");
}

/* No system stands in a scenario twice. 0, or -1 reported. */
static int
check_systems(const struct hmm_results *results)
{
	const struct hmm_result *result = results->result;
	for (size_t i = 0; i < results->count; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(result[i].system, result[k].system) &&
			    !strcmp(result[i].scenario, result[k].scenario))
				return hmm_error(
				    "%s: rows %zu and %zu: system '%s' in scenario '%s', want each once",
				    results->index->name, k + 1, i + 1, result[i].system, result[i].scenario);
	return 0;
}

int
hmm_results_open(struct hmm_results *results, const char *index, const char *split,
    const char *reference, const char *published, const char *table)
{
	*results = (struct hmm_results){.index = hmm_table_read(index, '\t')};
	if (!results->index || hmm_table_want(results->index, "scenario") < 0 ||
	    hmm_table_want(results->index, "system") < 0 ||
	    hmm_table_want(results->index, "scores") < 0)
		return -1;
	if (published && !(results->published = hmm_table_read(published, '\t')))
		return -1;
	const size_t systems = results->index->rows;
	if (!systems)
		return hmm_error("%s: no rows, want a line a system", results->index->name);
	results->result =
	    hmm_alloc(systems + (published ? results->published->rows : 0), sizeof(*results->result));
	if (!results->result)
		return -1;
	for (; results->count < systems; results->count++)
		if (read_system(results, results->count, split, reference))
			return -1;
	return check_systems(results) || (published && read_published(results, table)) ? -1 : 0;
}

void
hmm_results_close(struct hmm_results *results)
{
	hmm_table_free(results->index);
	hmm_table_free(results->published);
	free(results->result);
	*results = (struct hmm_results){0};
}
