#include "hmm/learn/slice_rule.h"

#include <stdlib.h>

static int
compare(const void *left, const void *right)
{
	const struct hmm_slice_value *a = left, *b = right;
	const int order = (a->value > b->value) - (a->value < b->value);
	return order ? order : (a->slice > b->slice) - (a->slice < b->slice);
}

void
hmm_slice_rule_share(double *share, struct hmm_slice_value *value, size_t count, double worth,
    enum hmm_slice_rule rule)
{
	size_t winners = 0;
	double part = 0, below = 0;
	qsort(value, count, sizeof(*value), compare);
	const double most = (double)value[count - 1].value;
	while (winners < count && (double)value[count - 1 - winners].value >= most)
		winners++;
	for (size_t k = count - winners; k < count && rule == HMM_WINNER; k++)
		share[value[k].slice] += worth / (double)winners;
	for (size_t k = 0; k < count && rule == HMM_AIRPORT; k++) {
		const double x = (double)value[k].value;
		part += (x - below) / (double)(count - k);
		below = x;
		share[value[k].slice] += worth * part / most;
	}
}
