#include "spread.h"

#include <stdlib.h>

#include "hmm/base/memory.h"

int
hmm_spread_open(struct hmm_spread *spread, size_t most)
{
	*spread = (struct hmm_spread){.weight = hmm_alloc(most, sizeof(*spread->weight)),
	    .rows = hmm_alloc(most, sizeof(*spread->rows))};
	return spread->weight && spread->rows ? 0 : -1;
}

void
hmm_spread_close(struct hmm_spread *spread)
{
	free(spread->weight);
	free(spread->rows);
	*spread = (struct hmm_spread){0};
}

size_t
hmm_spread_add(struct hmm_spread *spread, int label, double score)
{
	spread->rows[spread->count] =
	    (struct hmm_scored){.score = score, .label = label, .group = spread->count};
	return spread->count++;
}

double
hmm_spread_auc(struct hmm_spread *spread)
{
	if (spread->sorted < spread->count)
		hmm_metrics_sort(spread->rows, spread->count);
	spread->sorted = spread->count;
	for (size_t i = 0; i < spread->count; i++)
		spread->rows[i].weight = spread->weight[spread->rows[i].group];
	return hmm_metrics_auc(spread->rows, spread->count);
}

double
hmm_spread_relabel(struct hmm_spread *spread, const int *label)
{
	for (size_t i = 0; i < spread->count; i++)
		spread->rows[i].label = label[spread->rows[i].group];
	return hmm_spread_auc(spread);
}
