#include "hmm/kernel/delong.h"

#include <math.h>

/* The structural component of each sorted row, at component[row.group]: the share of
 * the other class that it beats, ties half. */
static void
components(double *component, const struct hmm_scored *sorted, size_t count)
{
	size_t all[2] = {0, 0}, below[2] = {0, 0};
	for (size_t i = 0; i < count; i++)
		all[sorted[i].label]++;
	for (size_t i = 0, end; i < count; i = end) {
		size_t tied[2] = {0, 0};
		for (end = i; end < count && sorted[end].score == sorted[i].score; end++)
			tied[sorted[end].label]++;
		const double over = (double)below[0] + (double)tied[0] / 2;
		const double under = (double)(all[1] - below[1] - tied[1]) + (double)tied[1] / 2;
		for (size_t k = i; k < end; k++)
			component[sorted[k].group] =
			    sorted[k].label ? over / (double)all[0] : under / (double)all[1];
		below[0] += tied[0];
		below[1] += tied[1];
	}
}

void
hmm_delong_compare(struct hmm_delong *result, const struct hmm_scored *first,
    const struct hmm_scored *second, size_t count, double *scratch, size_t groups)
{
	double mean[2] = {0, 0}, square[2] = {0, 0}, n[2] = {0, 0};
	*result = (struct hmm_delong){(double)NAN, (double)NAN};
	if (hmm_metrics_lost(first, count) || hmm_metrics_lost(second, count))
		return;
	components(scratch, first, count);
	components(scratch + groups, second, count);
	for (size_t i = 0; i < count; i++) {
		const size_t row = first[i].group;
		scratch[row] -= scratch[groups + row];
		mean[first[i].label] += scratch[row];
		n[first[i].label]++;
	}
	mean[0] /= n[0];
	mean[1] /= n[1];
	for (size_t i = 0; i < count; i++) {
		const double off = scratch[first[i].group] - mean[first[i].label];
		square[first[i].label] += off * off;
	}
	result->difference = mean[1];
	result->variance = n[0] > 1 && n[1] > 1
	                       ? square[0] / (n[0] - 1) / n[0] + square[1] / (n[1] - 1) / n[1]
	                       : (double)NAN;
}
