#include "hmm/kernel/survival.h"

#include <math.h>
#include <string.h>

/* The rows and what their censoring says. */
struct rows {
	const struct hmm_scored *row; /* [count], by time, the censored before the events */
	size_t count;
	double *before; /* [count]: G just before the row's time */
	double *from;   /* [count]: G at it */
	double *tree;   /* [ranks of the risk + 1]: weights of those that come later, see add() */
	double *later;  /* [count + 1] */
	double all;
	const struct hmm_outcomes *outcomes;
};

size_t
hmm_survival_scratch(const struct hmm_outcomes *outcomes, size_t count)
{
	return 3 * count + 1 + outcomes->ranks[1] + 1;
}

/* Where the rows of one time end, and in *events where its events begin. */
static size_t
end_of(const struct hmm_scored *rows, size_t count, size_t first, size_t *events)
{
	size_t end = first;
	while (end < count && rows[end].score == rows[first].score && !rows[end].label)
		end++;
	*events = end;
	while (end < count && rows[end].score == rows[first].score)
		end++;
	return end;
}

static double
weigh(const struct hmm_scored *rows, size_t first, size_t end)
{
	double sum = 0;
	for (size_t i = first; i < end; i++)
		sum += rows[i].weight;
	return sum;
}

static struct rows
open_rows(const struct hmm_scored *sorted, size_t count, const struct hmm_outcomes *outcomes)
{
	struct rows rows = {.row = sorted, .count = count, .outcomes = outcomes};
	double g = 1;
	rows.before = outcomes->scratch;
	rows.from = rows.before + count;
	rows.later = rows.from + count;
	rows.tree = rows.later + count + 1;
	rows.all = weigh(sorted, 0, count);
	double left = rows.all;
	for (size_t i = 0, end, events; i < count; i = end) {
		end = end_of(sorted, count, i, &events);
		const double censored = weigh(sorted, i, events), dead = weigh(sorted, events, end);
		for (size_t k = i; k < end; k++)
			rows.before[k] = g;
		if (censored > 0)
			g *= 1 - censored / (left - dead);
		for (size_t k = i; k < end; k++)
			rows.from[k] = g;
		left -= censored + dead;
	}
	return rows;
}

/* ---- pairs ---- */

/* A Fenwick tree: of every rank, from 0, a weight; and the sum of those below a rank. */
static void
add(double *tree, size_t ranks, size_t rank, double weight)
{
	for (size_t k = rank + 1; k <= ranks; k += k & (~k + 1))
		tree[k] += weight;
}

static double
sum_below(const double *tree, size_t rank)
{
	double sum = 0;
	for (size_t k = rank; k; k -= k & (~k + 1))
		sum += tree[k];
	return sum;
}

/* Harrell's C, or Uno's. From the last time to the first, so that the tree has those later. */
static double
concordance(const struct rows *rows, int uno)
{
	const struct hmm_scored *row = rows->row;
	const size_t ranks = rows->outcomes->ranks[1];
	double wins = 0, pairs = 0, later = 0;
	memset(rows->tree, 0, (ranks + 1) * sizeof(*rows->tree));
	for (size_t end = rows->count, first; end; end = first) {
		for (first = end; first && row[first - 1].score == row[end - 1].score; first--)
			;
		size_t events = first;
		for (; events < end && !row[events].label; events++) {
			add(rows->tree, ranks, row[events].outcome->rank[1], row[events].weight);
			later += row[events].weight;
		}
		const int counts = !uno || row[first].score <= rows->outcomes->tau;
		for (size_t i = events; i < end && counts; i++) {
			const size_t rank = row[i].outcome->rank[1];
			const double below = sum_below(rows->tree, rank);
			const double tied = sum_below(rows->tree, rank + 1) - below;
			const double share = uno ? rows->before[i] * rows->before[i] : 1;
			if (!(row[i].weight > 0))
				continue;
			wins += row[i].weight / share * (below + tied / 2);
			pairs += row[i].weight / share * later;
		}
		for (size_t i = events; i < end; i++) {
			add(rows->tree, ranks, row[i].outcome->rank[1], row[i].weight);
			later += row[i].weight;
		}
	}
	return pairs > 0 ? wins / pairs : (double)NAN;
}

/* ---- Brier ---- */

/* The last of the times that is not after this one; 0: none is. */
static size_t
column_at(const struct hmm_outcomes *outcomes, double time)
{
	size_t column = 0;
	while (column + 1 < outcomes->width && outcomes->time[column + 1] <= time)
		column++;
	return column;
}

static double
survives(const struct hmm_scored *row, size_t column)
{
	return column ? row->outcome->predicted[column] : 1;
}

double
hmm_survival_at(const double *predicted, const struct hmm_outcomes *outcomes, double time)
{
	const size_t column = column_at(outcomes, time);
	return column ? predicted[column] : 1;
}

/* What an event has in a score behind it; nothing where the row is censored, or does not count: who
 * is left at its time may not count either. */
static double
part_of_event(const struct rows *rows, size_t i, size_t column)
{
	const double survival = survives(&rows->row[i], column);
	return rows->row[i].label && rows->row[i].weight > 0
	           ? rows->row[i].weight * survival * survival / rows->before[i]
	           : 0;
}

static double
part_of_living(const struct rows *rows, size_t i, size_t column)
{
	const double event = 1 - survives(&rows->row[i], column);
	return rows->row[i].weight * event * event;
}

/* NaN behind the last time: nobody knows what is censored there. */
static double
brier_at(const struct rows *rows, double time)
{
	if (!rows->count || rows->row[rows->count - 1].score < time)
		return (double)NAN;
	const size_t column = column_at(rows->outcomes, time);
	double events = 0, living = 0, g = 1;
	size_t i = 0;
	for (; i < rows->count && rows->row[i].score <= time; i++) {
		events += part_of_event(rows, i, column);
		g = rows->from[i];
	}
	for (; i < rows->count; i++)
		living += part_of_living(rows, i, column);
	return (events + (living > 0 ? living / g : 0)) / rows->all;
}

/* The score's integral from `from` to `to`, between which the column is one. */
static double
integrate(const struct rows *rows, double from, double to, size_t column)
{
	const struct hmm_scored *row = rows->row;
	double events = 0, area = 0, g = 1, at = from;
	size_t i = 0;
	rows->later[rows->count] = 0;
	for (size_t k = rows->count; k && row[k - 1].score > from; k--)
		rows->later[k - 1] = rows->later[k] + part_of_living(rows, k - 1, column);
	for (; i < rows->count && row[i].score <= from; i++) {
		events += part_of_event(rows, i, column);
		g = rows->from[i];
	}
	while (at < to) {
		const double next = i < rows->count && row[i].score < to ? row[i].score : to;
		const double living = rows->later[i];
		area += (next - at) * (events + (living > 0 ? living / g : 0));
		for (; i < rows->count && row[i].score <= next; i++) {
			events += part_of_event(rows, i, column);
			g = rows->from[i];
		}
		at = next;
	}
	return area;
}

static double
integrated_brier(const struct rows *rows)
{
	const struct hmm_outcomes *outcomes = rows->outcomes;
	const size_t width = outcomes->width;
	const double last = width > 1 ? outcomes->time[width - 1] : 0;
	const double seen = rows->count ? rows->row[rows->count - 1].score : 0;
	const double end = fmin(fmin(outcomes->tau, last), seen); /* as of brier_at() */
	double area = 0, from = 0;
	for (size_t column = 0; column < width && from < end; column++) {
		double to = column + 1 < width ? outcomes->time[column + 1] : end;
		to = to < end ? to : end;
		area += from < to ? integrate(rows, from, to, column) : 0;
		from = from < to ? to : from;
	}
	return end > 0 ? area / end / rows->all : (double)NAN;
}

/* ---- all of it ---- */

double
hmm_survival_kaplan_meier(const struct hmm_scored *sorted, size_t count, double time)
{
	double share = 1, left = weigh(sorted, 0, count);
	for (size_t i = 0, end, events; i < count && sorted[i].score <= time; i = end) {
		end = end_of(sorted, count, i, &events);
		const double dead = weigh(sorted, events, end);
		share *= dead > 0 ? 1 - dead / left : 1;
		left -= weigh(sorted, i, end);
	}
	return share;
}

void
hmm_survival_measure(double *values, const struct hmm_scored *sorted, size_t count,
    const struct hmm_measuring *measuring)
{
	const struct rows rows = open_rows(sorted, count, measuring->outcomes);
	for (size_t m = 0; m < measuring->count; m++) {
		const struct hmm_measured *measured = &measuring->metric[m];
		const int predicts = measuring->outcomes->width > 1;
		if (!(rows.all > 0))
			values[m] = (double)NAN;
		else if (measured->metric == HMM_TIME_HARRELL || measured->metric == HMM_TIME_UNO)
			values[m] = concordance(&rows, measured->metric == HMM_TIME_UNO);
		else if (measured->metric == HMM_TIME_BRIER)
			values[m] = predicts ? brier_at(&rows, measured->at) : (double)NAN;
		else
			values[m] = integrated_brier(&rows);
	}
}
