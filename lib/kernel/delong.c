#include "hmm/kernel/delong.h"

#include <math.h>

/* Add `sign` times the structural component of each sorted row to that of its group: the share of
 * the other class that it beats, ties half. */
static void
add_components(
    struct hmm_delong_group *group, double sign, const struct hmm_scored *sorted, size_t count)
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
			group[sorted[k].group].beaten[sorted[k].label] +=
			    sign * (sorted[k].label ? over / (double)all[0] : under / (double)all[1]);
		below[0] += tied[0];
		below[1] += tied[1];
	}
}

/* Obuchowski's sum of squares and products: a group that has both classes ties their errors. */
static void
vary(struct hmm_delong *of, const struct hmm_delong_group *group, size_t groups,
    const double mean[2], const double rows[2])
{
	double square[2] = {0, 0}, product = 0, having[2] = {0, 0}, all = 0;
	for (size_t g = 0; g < groups; g++) {
		double off[2];
		for (int label = 0; label < 2; label++) {
			const double own = (double)group[g].rows[label];
			off[label] = (group[g].beaten[label] - own * mean[label]) / rows[label];
			square[label] += off[label] * off[label];
			having[label] += own > 0;
		}
		product += off[0] * off[1];
		all += group[g].rows[0] || group[g].rows[1];
	}
	of->freedom = all < rows[0] + rows[1] ? all - 1 : (double)INFINITY;
	if (having[0] < 2 || having[1] < 2)
		return;
	/* rounding may leave less than 0 of it */
	of->variance =
	    fmax(0, having[0] / (having[0] - 1) * square[0] + having[1] / (having[1] - 1) * square[1] +
	                2 * all / (all - 1) * product);
}

void
hmm_delong_compare(struct hmm_delong *difference, const struct hmm_scored *first,
    const struct hmm_scored *second, size_t count, struct hmm_delong_group *scratch, size_t groups)
{
	double mean[2] = {0, 0}, rows[2] = {0, 0};
	*difference = (struct hmm_delong){(double)NAN, (double)NAN, (double)NAN};
	if (hmm_metrics_lost(first, count) || (second && hmm_metrics_lost(second, count)))
		return;
	for (size_t g = 0; g < groups; g++)
		scratch[g] = (struct hmm_delong_group){{0, 0}, {0, 0}};
	for (size_t i = 0; i < count; i++)
		scratch[first[i].group].rows[first[i].label]++;
	add_components(scratch, 1, first, count);
	if (second)
		add_components(scratch, -1, second, count);
	for (size_t g = 0; g < groups; g++)
		for (int label = 0; label < 2; label++) {
			mean[label] += scratch[g].beaten[label];
			rows[label] += (double)scratch[g].rows[label];
		}
	if (!(rows[0] > 0 && rows[1] > 0))
		return;
	mean[0] /= rows[0];
	mean[1] /= rows[1];
	difference->value = mean[1];
	vary(difference, scratch, groups, mean, rows);
}

void
hmm_delong_area(struct hmm_delong *area, const struct hmm_scored *sorted, size_t count,
    struct hmm_delong_group *scratch, size_t groups)
{
	hmm_delong_compare(area, sorted, NULL, count, scratch, groups);
}
