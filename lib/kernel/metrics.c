#include "hmm/metrics.h"

#include <math.h>

double
hmm_metrics_auc(const double *scores, const int *labels, size_t count)
{
	size_t pairs = 0;
	double wins = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; labels[i] && j < count; j++) {
			if (labels[j])
				continue;
			pairs++;
			wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? .5 : 0;
		}
	return pairs ? wins / (double)pairs : (double)NAN;
}
