#include "hmm/kernel/cox.h"

#include <math.h>
#include <stdlib.h>

size_t
hmm_cox_scratch(size_t count)
{
	return 10 * count;
}

static int
later_first(const void *a, const void *b)
{
	const double *one = a, *other = b;
	const int row = one[1] < other[1] ? -1 : 1;
	return one[0] > other[0] ? -1 : one[0] < other[0] ? 1 : row;
}

static size_t
row_at(const struct hmm_cox *cox, size_t k)
{
	return (size_t)cox->order[2 * k + 1];
}

static int
dies(const struct hmm_cox *cox, size_t k)
{
	return cox->event[row_at(cox, k)] == 1;
}

/* Where the rows of a time end, and where those that end there begin. */
static size_t
end_of(const struct hmm_cox *cox, size_t first)
{
	size_t end = first + 1;
	while (end < cox->count && cox->order[2 * end] == cox->order[2 * first])
		end++;
	return end;
}

static size_t
first_of(const struct hmm_cox *cox, size_t end)
{
	size_t first = end - 1;
	while (first > 0 && cox->order[2 * first - 2] == cox->order[2 * end - 2])
		first--;
	return first;
}

static size_t
count_events(const struct hmm_cox *cox, size_t first, size_t end)
{
	size_t events = 0;
	for (size_t k = first; k < end; k++)
		events += dies(cox, k) ? 1 : 0;
	return events;
}

size_t
hmm_cox_open(struct hmm_cox *cox, const double *time, const int *event, const double *weight,
    size_t count, double *scratch)
{
	size_t there = 0, absent = count;
	for (size_t i = 0; i < count; i++) {
		double *row = scratch + 2 * (!weight || weight[i] != 0 ? there++ : --absent);
		row[0] = time[i];
		row[1] = (double)i;
	}
	qsort(scratch, there, 2 * sizeof(double), later_first);
	double *const after = scratch + 2 * count;
	*cox = (struct hmm_cox){.event = event,
	    .all = count,
	    .count = there,
	    .order = scratch,
	    .risk = after,
	    .curve = after + count,
	    .top = after + 2 * count,
	    .shrink = after + 3 * count,
	    .sums = after + 4 * count,
	    .moved = after + 6 * count};
	return count_events(cox, 0, there);
}

/* Those that are not there weigh nothing. */
static void
clear_absent(double *of, const struct hmm_cox *cox)
{
	for (size_t k = cox->count; k < cox->all; k++)
		of[row_at(cox, k)] = 0;
}

/* ---- sums over those at risk ---- */

/* Of the events at a time, sums[] as in struct hmm_cox: Efron has the l-th of d see l/d of their
 * risk gone. */
static double
log_sums(const double *sums, size_t events)
{
	double sum = 0;
	for (size_t l = 0; l < events; l++)
		sum += log(sums[0] - (double)l / (double)events * sums[1]);
	return sum;
}

/* Add to hazard[] what a time has for those at risk, and how much less of it those have whose event
 * it is; with moved sums the derivatives. */
static void
add_hazards(double hazard[2], const double *sums, const double *moved, size_t events)
{
	for (size_t l = 0; l < events; l++) {
		const double gone = (double)l / (double)events, left = sums[0] - gone * sums[1];
		const double add = moved ? -(moved[0] - gone * moved[1]) / left / left : 1 / left;
		hazard[0] += add;
		hazard[1] += gone * add;
	}
}

/* Of all times, from the latest on, and the loss. The sums are of e^(eta - top), and become smaller
 * where the top rises. */
static double
sum_risks(struct hmm_cox *cox, const double *eta)
{
	double loss = 0, top = -(double)INFINITY, all = 0;
	for (size_t first = 0, end; first < cox->count; first = end) {
		double *sums = cox->sums + 2 * first, before = top;
		end = end_of(cox, first);
		for (size_t k = first; k < end; k++)
			top = fmax(top, eta[row_at(cox, k)]);
		cox->top[first] = top;
		cox->shrink[first] = exp(before - top);
		sums[0] = all * cox->shrink[first];
		sums[1] = 0;
		for (size_t k = first; k < end; k++) {
			const double off = eta[row_at(cox, k)] - top;
			cox->risk[k] = exp(off);
			sums[0] += cox->risk[k];
			sums[1] += dies(cox, k) ? cox->risk[k] : 0;
			loss -= dies(cox, k) ? off : 0;
		}
		loss += log_sums(sums, count_events(cox, first, end));
		all = sums[0];
	}
	return loss;
}

/* ---- to others ---- */

double
hmm_cox_loss(struct hmm_cox *cox, const double *eta, double *slope)
{
	const double loss = sum_risks(cox, eta);
	double up = 0; /* of the hazards up to a time, times e^top there */
	if (!slope)
		return loss;
	clear_absent(slope, cox);
	for (size_t end = cox->count, first; end > 0; end = first) {
		first = first_of(cox, end);
		double hazard[2] = {up, 0};
		add_hazards(hazard, cox->sums + 2 * first, NULL, count_events(cox, first, end));
		for (size_t k = first; k < end; k++) {
			const int dead = dies(cox, k);
			cox->curve[k] = cox->risk[k] * (hazard[0] - (dead ? hazard[1] : 0));
			slope[row_at(cox, k)] = cox->curve[k] - dead;
		}
		up = hazard[0] * cox->shrink[first];
	}
	return loss;
}

void
hmm_cox_bend(double *along, struct hmm_cox *cox)
{
	double all = 0, up = 0;
	clear_absent(along, cox);
	for (size_t first = 0, end; first < cox->count; first = end) {
		double *moved = cox->moved + 2 * first;
		end = end_of(cox, first);
		moved[0] = all * cox->shrink[first];
		moved[1] = 0;
		for (size_t k = first; k < end; k++) {
			const double add = cox->risk[k] * along[row_at(cox, k)];
			moved[0] += add;
			moved[1] += dies(cox, k) ? add : 0;
		}
		all = moved[0];
	}
	for (size_t end = cox->count, first; end > 0; end = first) {
		first = first_of(cox, end);
		double hazard[2] = {up, 0};
		add_hazards(
		    hazard, cox->sums + 2 * first, cox->moved + 2 * first, count_events(cox, first, end));
		for (size_t k = first; k < end; k++) {
			double *of = along + row_at(cox, k);
			*of = cox->curve[k] * *of + cox->risk[k] * (hazard[0] - (dies(cox, k) ? hazard[1] : 0));
		}
		up = hazard[0] * cox->shrink[first];
	}
}

void
hmm_cox_baseline(
    double *hazard, const double *at, size_t times, struct hmm_cox *cox, const double *eta)
{
	double sum = 0;
	size_t done = 0;
	sum_risks(cox, eta);
	for (size_t end = cox->count, first; end > 0; end = first) {
		first = first_of(cox, end);
		while (done < times && at[done] < cox->order[2 * first])
			hazard[done++] = sum;
		const double events = (double)count_events(cox, first, end);
		sum += events > 0 ? events / cox->sums[2 * first] * exp(-cox->top[first]) : 0;
	}
	while (done < times)
		hazard[done++] = sum;
}
