#include "curves.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/survival.h"

static const double level = .95;

void
hmm_curve_write_bins(FILE *file, const struct hmm_curve_line *line, const struct hmm_scored *sorted,
    size_t count, const double share[2], int intervals)
{
	struct hmm_bin bins[HMM_BINS];
	const size_t used = hmm_calibration_bins(bins, sorted, count, share);
	for (size_t k = 0; k < used; k++) {
		struct hmm_interval interval = {(double)NAN, (double)NAN};
		if (intervals)
			interval = hmm_interval_wilson(
			    (size_t)(bins[k].observed * bins[k].rows + .5), (size_t)bins[k].rows, level);
		hmm_scoring_write_part(file, line->part);
		if (line->name)
			hmm_table_write(file, line->name, 0);
		fprintf(file, "\t%zu\t%.0f", k + 1, bins[k].rows);
		hmm_table_write_number(file, bins[k].mean);
		hmm_table_write_number(file, bins[k].observed);
		hmm_table_write_number(file, interval.low);
		hmm_table_write_number(file, interval.high);
		hmm_table_write(file, hmm_scoring_over(1, line->pooled), 0);
		putc('\n', file);
	}
}

/* Whether the rows of all runs, which are put together, are independent; a warning says so where
 * they are not. -1, reported. */
static int
pool(const struct hmm_scoring_part *part)
{
	hmm_system_pool(part->system);
	const int independent = hmm_system_is_independent(part->system, part->groups);
	if (!independent)
		hmm_warn_counted("%s: rows of one patient depend on each other; no intervals", part->where);
	return independent;
}

int
hmm_curve_classes(const struct hmm_scoring_part *part, void *context)
{
	static const double as_they_are[2] = {1, 1};
	FILE *file = ((const struct hmm_curve_writing *)context)->file;
	struct hmm_system *system = part->system;
	struct hmm_curve_line line = {part, NULL, system->runs > 1};
	const int independent = pool(part);
	if (independent < 0)
		return -1;
	for (size_t k = 0; k < system->outcomes->width; k++) {
		for (size_t i = 0; i < system->count; i++) {
			struct hmm_scored *row = &system->rows[i];
			row->score = row->outcome->predicted[k];
			row->label = (size_t)row->outcome->truth == k;
		}
		hmm_metrics_sort(system->rows, system->count);
		line.name = part->predictions->target.names.name[k];
		hmm_curve_write_bins(file, &line, system->rows, system->count, as_they_are, independent);
	}
	return 0;
}

int
hmm_curve_confusion(const struct hmm_scoring_part *part, void *context)
{
	FILE *file = ((const struct hmm_curve_writing *)context)->file;
	const struct hmm_system *system = part->system;
	const struct hmm_names *names = &part->predictions->target.names;
	const size_t classes = names->count;
	size_t *table = hmm_alloc(classes + 2, classes * sizeof(*table));
	size_t *of = table ? table + classes * classes : NULL, *called = table ? of + classes : NULL;
	for (size_t i = 0; table && i < system->count; i++) {
		const size_t truth = (size_t)system->rows[i].outcome->truth;
		table[truth * classes + system->rows[i].called]++;
		of[truth]++;
		called[system->rows[i].called]++;
	}
	for (size_t k = 0; table && k < classes * classes; k++) {
		hmm_scoring_write_part(file, part);
		hmm_table_write(file, names->name[k / classes], 0);
		hmm_table_write(file, names->name[k % classes], 0);
		fprintf(file, "\t%zu", table[k]);
		hmm_table_write_number(file, (double)table[k] / (double)of[k / classes]);
		hmm_table_write_number(file, (double)table[k] / (double)called[k % classes]);
		hmm_table_write(file, hmm_scoring_over(1, system->runs > 1), 0);
		putc('\n', file);
	}
	free(table);
	return table ? 0 : -1;
}

/* ---- quarters by risk ---- */

enum { QUARTERS = 4 };

/* Put sorted rows into quarters, ties together: start[QUARTERS + 1], of which some may be empty. */
static void
cut(size_t start[QUARTERS + 1], const struct hmm_scored *sorted, size_t count)
{
	const size_t least = count / QUARTERS, more = count % QUARTERS;
	start[0] = 0;
	for (size_t q = 1; q <= QUARTERS; q++) {
		size_t end = q * least + (q < more ? q : more);
		while (end > 0 && end < count && sorted[end].score == sorted[end - 1].score)
			end++;
		start[q] = end;
	}
}

/* The share with an event by Kaplan and Meier, and its interval by Greenwood on the scale of
 * log(-log): R's log-log. None where all have one, or nobody, or behind the last time. */
static double
observe(struct hmm_interval *interval, const struct hmm_scored *sorted, size_t count, double time)
{
	const double share = hmm_survival_kaplan_meier(sorted, count, time);
	double variance = 0;
	*interval = (struct hmm_interval){(double)NAN, (double)NAN};
	for (size_t i = 0, end; i < count && sorted[i].score <= time; i = end) {
		double dead = 0;
		for (end = i; end < count && sorted[end].score == sorted[i].score; end++)
			dead += sorted[end].label;
		variance += dead / ((double)(count - i) * ((double)(count - i) - dead));
	}
	if (share > 0 && sorted[count - 1].score < time)
		return (double)NAN;
	if (share > 0 && share < 1) {
		const double scale = log(share) * log(share);
		const struct hmm_interval on_scale =
		    hmm_interval_normal(log(-log(share)), variance / scale, level);
		*interval =
		    (struct hmm_interval){1 - exp(-exp(on_scale.low)), 1 - exp(-exp(on_scale.high))};
	}
	return 1 - share;
}

static void
write_quarter(FILE *file, const struct hmm_curve_line *line, size_t quarter,
    struct hmm_scored *rows, size_t count, double time, int intervals)
{
	const struct hmm_outcomes *outcomes = line->part->system->outcomes;
	struct hmm_interval interval;
	double predicted = 0;
	for (size_t i = 0; i < count; i++) {
		predicted += 1 - hmm_survival_at(rows[i].outcome->predicted, outcomes, time);
		rows[i].score = rows[i].outcome->truth;
	}
	hmm_metrics_sort(rows, count);
	const double observed = observe(&interval, rows, count, time);
	hmm_scoring_write_part(file, line->part);
	hmm_table_write(file, line->name, 0);
	fprintf(file, "\t%zu\t%zu", quarter, count);
	hmm_table_write_number(file, outcomes->width > 1 ? predicted / (double)count : (double)NAN);
	hmm_table_write_number(file, observed);
	hmm_table_write_number(file, intervals ? interval.low : (double)NAN);
	hmm_table_write_number(file, intervals ? interval.high : (double)NAN);
	hmm_table_write(file, hmm_scoring_over(1, line->pooled), 0);
	putc('\n', file);
}

int
hmm_curve_quarters(const struct hmm_scoring_part *part, void *context)
{
	FILE *file = ((const struct hmm_curve_writing *)context)->file;
	struct hmm_system *system = part->system;
	const struct hmm_measures *measures = &part->scoring->measures;
	struct hmm_curve_line line = {part, NULL, system->runs > 1};
	const int independent = pool(part);
	if (independent < 0)
		return -1;
	for (size_t m = 0; m < measures->count; m++) {
		size_t start[QUARTERS + 1], bin = 0;
		if (measures->metric[m].metric != HMM_TIME_BRIER)
			continue;
		for (size_t i = 0; i < system->count; i++)
			system->rows[i].score = system->rows[i].outcome->predicted[0];
		hmm_metrics_sort(system->rows, system->count);
		cut(start, system->rows, system->count);
		line.name = measures->name[m] + sizeof("brier@") - 1;
		for (size_t q = 0; q < QUARTERS; q++)
			if (start[q + 1] > start[q])
				write_quarter(file, &line, ++bin, system->rows + start[q], start[q + 1] - start[q],
				    measures->metric[m].at, independent);
	}
	return 0;
}
