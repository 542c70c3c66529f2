#include "hmm/kernel/calibration.h"

#include <math.h>

/* Where the parts meet: edge[HMM_BINS - 1], ascending. How many. */
static size_t
find_edges(double edge[HMM_BINS - 1], const struct hmm_scored *sorted, size_t count)
{
	double rows = 0, before = 0;
	for (size_t i = 0; i < count; i++)
		rows += sorted[i].weight;
	const double parts = fmin(rows, HMM_BINS), least = floor(rows / parts);
	const double more = rows - parts * least; /* so many parts have one row more */
	size_t edges = 0;
	for (size_t i = 0; i < count; before += sorted[i++].weight)
		for (; (double)edges + 1 < parts; edges++) {
			const double k = (double)edges + 1, end = k * least + fmin(k, more);
			if (end > before + sorted[i].weight)
				break;
			edge[edges] = sorted[i].score;
		}
	return edges;
}

size_t
hmm_calibration_bins(struct hmm_bin bins[HMM_BINS], const struct hmm_scored *sorted, size_t count,
    const double share[2])
{
	double edge[HMM_BINS - 1];
	const size_t edges = find_edges(edge, sorted, count);
	size_t used = 0;
	for (size_t i = 0, k = 0; i < count; k++) {
		struct hmm_bin bin = {0, 0, 0, 0};
		for (; i < count && (k == edges || sorted[i].score <= edge[k]); i++) {
			const double counts = sorted[i].weight * share[sorted[i].label];
			bin.rows += sorted[i].weight;
			bin.weight += counts;
			bin.mean += counts * sorted[i].score;
			bin.observed += counts * sorted[i].label;
		}
		if (!(bin.rows > 0))
			continue;
		bin.mean /= bin.weight;
		bin.observed /= bin.weight;
		bins[used++] = bin;
	}
	return used;
}

struct hmm_calibration_errors
hmm_calibration_find(const struct hmm_scored *sorted, size_t count, const double share[2])
{
	struct hmm_bin bins[HMM_BINS];
	const size_t used = hmm_calibration_bins(bins, sorted, count, share);
	double expected = 0, square = 0, weight = 0;
	for (size_t k = 0; k < used; k++) {
		const struct hmm_bin *bin = &bins[k];
		const double off = bin->mean - bin->observed;
		weight += bin->weight;
		expected += bin->weight * fabs(off);
		if (bin->rows > 1)
			square +=
			    bin->weight * (off * off - bin->observed * (1 - bin->observed) / (bin->rows - 1));
	}
	return (struct hmm_calibration_errors){expected / weight, sqrt(fmax(0, square / weight))};
}
