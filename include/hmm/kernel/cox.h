/* Cox's partial likelihood of times, some of whose events nobody saw (censored), with tied events
 * by Efron (JASA 72, 1977), as R's coxph() has them, and Breslow's baseline.
 *
 * eta is the log of a row's hazard over that of a row whose eta is 0. Every sum over those at risk
 * is of e^(eta - the largest eta among them), so that no eta is too large or too small. */
#ifndef HMM_COX_H
#define HMM_COX_H

#include <stddef.h>

/* Rows in hand. All but the order is of the last eta; what is of a time stands at the first of its
 * rows. */
struct hmm_cox {
	const int *event; /* [all]: 1: at the row's time, 0: not up to then */
	size_t all, count;
	double *order;  /* [all][2]: a row's time and its place: first those that are there, `count`,
	                   the latest before the others, and then those that are not */
	double *risk;   /* [count], in that order: e^(eta - top) */
	double *curve;  /* [count]: the risk times the hazards up to the row's time */
	double *top;    /* [count], of a time: the largest eta from then on */
	double *shrink; /* [count], of a time: e^(the top of the next later one - its own) */
	double *sums;   /* [count][2], of a time: the risks from then on; those of its events */
	double *moved;  /* [count][2]: the same of the risks times a direction */
};

/* The numbers that it wants for scratch. */
size_t hmm_cox_scratch(size_t count);

/* Sort rows by time[count], but for those whose weight is 0, which are not there: all others weigh
 * 1. NULL: all are there. event[count] and the scratch must outlive `cox`. How many events there
 * are. */
size_t hmm_cox_open(struct hmm_cox *cox, const double *time, const int *event, const double *weight,
    size_t count, double *scratch);

/* -log of the partial likelihood at eta[all]; slope[all], unless NULL: its derivatives,
 * 0 of a row that is not there. */
double hmm_cox_loss(struct hmm_cox *cox, const double *eta, double *slope);

/* along[all]: a direction becomes the second derivatives times it, at the eta of the last call
 * of hmm_cox_loss(), which was one with slopes. */
void hmm_cox_bend(double *along, struct hmm_cox *cox);

/* Breslow's cumulative baseline hazard (discussion of Cox, JRSS B 34, 1972), of who has an eta of
 * 0: hazard[times] = the sum over the times u of events up to at[times], which ascend, of the
 * events at u / the sum of e^eta of the rows from u on. Times are in the unit of the rows', a
 * hazard has none; who has eta is without the event at t with probability e^(-H(t) e^eta). It stays
 * what it is behind the last event. */
void hmm_cox_baseline(
    double *hazard, const double *at, size_t times, struct hmm_cox *cox, const double *eta);

#endif
