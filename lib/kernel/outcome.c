#include "hmm/kernel/outcome.h"

int
hmm_outcome_order(const struct hmm_outcome *a, const struct hmm_outcome *b)
{
	if (a->truth != b->truth)
		return a->truth < b->truth ? -1 : 1;
	for (size_t k = a->width; k-- > 0;) /* a risk last: the sums of the survivals know none */
		if (a->predicted[k] != b->predicted[k])
			return a->predicted[k] < b->predicted[k] ? -1 : 1;
	return 0;
}
