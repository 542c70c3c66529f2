#include "hmm/score/scoring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/score/compare.h"
#include "hmm/score/outcomes.h"

/* The numbers at which some metrics of a target are measured. */
static const char *
numbers_of(const struct hmm_asked *asked, enum hmm_target target)
{
	return target == HMM_BINARY ? asked->benefits : target == HMM_TIME ? asked->times : NULL;
}

const char *
hmm_scoring_read(struct hmm_scoring *scoring)
{
	const struct hmm_asked *asked = &scoring->asked;
	const char *wrong = scoring->by.columns ? hmm_levels_check(&scoring->by) : NULL;
	int fits = 0;
	struct hmm_measures *measures = &scoring->measures;
	scoring->prevalence = asked->prevalence < 0 ? (double)NAN : asked->prevalence;
	if (asked->prevalence >= 0 && !(asked->prevalence > 0 && asked->prevalence < 1))
		return "--prevalence: want more than 0 and less than 1";
	if (hmm_threshold_read(&scoring->threshold, asked->threshold ? asked->threshold : "0.5"))
		return "--threshold: want 0 to 1, youden, f1 or sensitivity=0 to 1";
	if (!wrong && asked->benefits)
		wrong = hmm_measures_choose(measures, HMM_BINARY, NULL, 1, asked->benefits);
	if (!wrong && asked->times)
		wrong = hmm_measures_choose(measures, HMM_TIME, NULL, 1, asked->times);
	if (wrong)
		return wrong;
	for (int t = HMM_TIME; t >= HMM_BINARY; t--) {
		const enum hmm_target target = (enum hmm_target)t;
		wrong = hmm_measures_choose(
		    measures, target, asked->metrics, asked->compared, numbers_of(asked, target));
		if (!wrong && target == HMM_TIME && asked->tau >= 0 &&
		    !hmm_measures_have(measures, HMM_TIME_UNO) &&
		    !hmm_measures_have(measures, HMM_TIME_INTEGRATED_BRIER))
			return "--tau does nothing without uno or integrated_brier among --metrics";
		if (!wrong && target == HMM_BINARY && asked->compared)
			wrong = hmm_compare_check(measures);
		if (!wrong)
			fits = 1;
	}
	return fits ? NULL : wrong;
}

int
hmm_scoring_settle(struct hmm_scoring *scoring, const struct hmm_predictions *predictions)
{
	const struct hmm_asked *asked = &scoring->asked;
	const enum hmm_target target = predictions->kind;
	const char *name = predictions->table->name;
	const struct {
		const char *option;
		int given;
		enum hmm_target of;
	} options[] = {{"threshold", asked->threshold != NULL, HMM_BINARY},
	    {"net-benefit", asked->benefits != NULL, HMM_BINARY},
	    {"prevalence", asked->prevalence >= 0, HMM_BINARY},
	    {"times", asked->times != NULL, HMM_TIME}, {"tau", asked->tau >= 0, HMM_TIME}};
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (options[i].given && options[i].of != target)
			return hmm_error("%s: predictions of %s have no --%s", name, hmm_target_names[target],
			    options[i].option);
	const char *wrong = hmm_measures_choose(
	    &scoring->measures, target, asked->metrics, asked->compared, numbers_of(asked, target));
	return wrong ? hmm_error("%s: predictions of %s: %s", name, hmm_target_names[target], wrong)
	             : 0;
}

struct hmm_place
hmm_scoring_place(const struct hmm_scoring *scoring, const char *split)
{
	return (struct hmm_place){.seed = scoring->seed, .subject = hmm_random_name(split)};
}

int
hmm_scoring_open_system(struct hmm_system *system, const struct hmm_scoring *scoring,
    const struct hmm_thresholds *thresholds, const struct hmm_predictions *predictions,
    const struct hmm_prediction *prediction, const struct hmm_prediction *like, size_t count)
{
	const double tau = scoring->asked.tau;
	if (hmm_system_open(system, prediction, like, count))
		return -1;
	if (predictions->kind != HMM_BINARY)
		return hmm_outcomes_open(system, predictions, prediction, tau < 0 ? (double)NAN : tau);
	if (hmm_thresholds_call(thresholds, system, like, predictions->table->name))
		return -1;
	if (!isnan(scoring->prevalence))
		hmm_system_shift(system, scoring->prevalence);
	return 0;
}

/* What a visit wants beside the part. */
struct visiting {
	const struct hmm_all_levels *levels; /* NULL: whole splits */
	hmm_scoring_visit *visit;
	void *context;
};

static int
visit_part(struct hmm_scoring_part *part, const struct visiting *visiting, size_t count)
{
	enum { FEW = 10 };
	char where[600];
	struct hmm_system system;
	size_t events = 0;
	snprintf(where, sizeof(where), "%s: split %s%s%s%s%s", part->predictions->table->name,
	    part->prediction->split, part->by ? ", " : "", part->by ? part->by : "",
	    part->by ? " " : "",
	    !part->by     ? ""
	    : part->level ? part->level
	                  : "n/a");
	for (size_t i = 0; i < count; i++)
		events += (size_t)part->prediction[i].label;
	if (part->by && part->predictions->kind == HMM_TIME && events < FEW)
		hmm_warn_counted("%s: %zu events, want %d: the numbers say little", where, events, FEW);
	if (part->by && part->predictions->kind == HMM_BINARY && (events < FEW || count - events < FEW))
		hmm_warn_counted(
		    "%s: %zu positive and %zu negative labels, want %d of each: the numbers say little",
		    where, events, count - events, FEW);
	part->where = where;
	part->system = &system;
	const int bad = hmm_scoring_open_system(&system, part->scoring, part->thresholds,
	                    part->predictions, part->prediction, part->prediction, count) ||
	                visiting->visit(part, visiting->context);
	hmm_system_close(&system);
	return bad ? -1 : 0;
}

static int
by_value(const void *left, const void *right)
{
	return hmm_size_order(*(const size_t *)left, *(const size_t *)right);
}

/* Number the groups of some rows anew, in their order, so that a level costs what its own rows do:
 * there may be as many levels as rows. How many these are; `scratch` holds [count]. */
static size_t
number_groups(struct hmm_prediction *rows, size_t count, size_t *scratch)
{
	size_t groups = 0;
	for (size_t i = 0; i < count; i++)
		scratch[i] = rows[i].group;
	qsort(scratch, count, sizeof(*scratch), by_value);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || scratch[i] != scratch[groups - 1])
			scratch[groups++] = scratch[i];
	for (size_t i = 0; i < count; i++) {
		const size_t *found = bsearch(&rows[i].group, scratch, groups, sizeof(*scratch), by_value);
		rows[i].group = (size_t)(found - scratch);
	}
	return groups;
}

/* Put the rows first.. of each level together, in their order. Those of a level start at
 * start[level], [levels->count + 1]. */
static void
sort_rows(struct hmm_prediction *rows, size_t *start, const struct hmm_levels *levels,
    const struct hmm_prediction *prediction, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		if (levels->of[i] + 1 < levels->count)
			start[levels->of[i] + 2]++;
	for (size_t level = 2; level <= levels->count; level++)
		start[level] += start[level - 1];
	for (size_t i = first; i < end; i++)
		if (levels->of[i] < levels->count)
			rows[start[levels->of[i] + 1]++] = prediction[i];
}

/* Each level of a column among the predictions from `first` on. */
static int
visit_levels(struct hmm_scoring_part part, const struct visiting *visiting,
    const struct hmm_levels *levels, size_t first, size_t end)
{
	struct hmm_prediction *rows = hmm_alloc(end - first, sizeof(*rows));
	size_t *start = hmm_alloc(levels->count + 2, sizeof(*start));
	size_t *scratch = hmm_alloc(end - first, sizeof(*scratch));
	int bad = !rows || !start || !scratch;
	part.by = levels->column;
	if (!bad)
		sort_rows(rows, start, levels, part.predictions->prediction, first, end);
	for (size_t level = 0; level < levels->count && !bad; level++) {
		struct hmm_prediction *own = rows + start[level];
		const size_t count = start[level + 1] - start[level];
		part.level = levels->name[level];
		part.prediction = own;
		part.groups = number_groups(own, count, scratch);
		if (count)
			bad = visit_part(&part, visiting, count);
	}
	free(rows);
	free(start);
	free(scratch);
	return bad ? -1 : 0;
}

static int
visit_splits(struct hmm_scoring_part part, const struct visiting *visiting)
{
	const struct hmm_predictions *predictions = part.predictions;
	const char *only = part.scoring->split;
	int bad = 0, found = 0;
	for (size_t i = 0, end; i < predictions->count && !bad; i = end) {
		end = hmm_predictions_end(predictions, i);
		if (only && strcmp(predictions->prediction[i].split, only))
			continue;
		found = 1;
		part.prediction = &predictions->prediction[i];
		part.groups = predictions->groups.names.count;
		if (!visiting->levels)
			bad = visit_part(&part, visiting, end - i);
		for (size_t c = 0; visiting->levels && c < visiting->levels->columns && !bad; c++)
			bad = visit_levels(part, visiting, &visiting->levels->column[c], i, end);
	}
	return bad ? -1 : found ? 0 : hmm_predictions_no_split(predictions, only);
}

int
hmm_scoring_run(const struct hmm_predictions *predictions, const struct hmm_scoring *scoring,
    hmm_scoring_visit *visit, void *context)
{
	struct hmm_thresholds thresholds;
	struct hmm_all_levels levels = {0};
	const struct visiting visiting = {scoring->by.columns ? &levels : NULL, visit, context};
	const struct hmm_scoring_part part = {
	    .predictions = predictions, .scoring = scoring, .thresholds = &thresholds};
	const int bad = hmm_thresholds_open(&thresholds, &scoring->threshold, predictions) ||
	                (scoring->by.columns &&
	                    hmm_levels_open(&levels, &scoring->by, predictions, scoring->split)) ||
	                visit_splits(part, &visiting);
	hmm_levels_close(&levels);
	hmm_thresholds_close(&thresholds);
	return bad ? -1 : 0;
}

void
hmm_scoring_write_header(FILE *file, const struct hmm_scoring *scoring)
{
	fputs(scoring->by.columns ? "split\tby\tlevel" : "split", file);
}

void
hmm_scoring_write_part(FILE *file, const struct hmm_scoring_part *part)
{
	hmm_table_write(file, part->prediction->split, 1);
	if (part->by) {
		hmm_table_write(file, part->by, 0);
		hmm_table_write(file, part->level, 0);
	}
}

const char *
hmm_scoring_over(size_t runs, int pooled)
{
	return pooled ? "pooled" : runs > 1 ? "runs" : "rows";
}
