#include "baseline.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"

enum { INTENSITIES = 256 };

static const unsigned char *
bytes_of(const struct hmm_examples *examples, int side, size_t pair)
{
	return examples->slice[side][pair]->x.data;
}

/* The mean of the images that are to be made, pixel by pixel. */
static void
mean_image(unsigned char *mean, double *sum, const struct hmm_examples *examples, size_t pixels)
{
	const size_t pairs = examples->count[1];
	for (size_t pair = 0; pair < pairs; pair++)
		for (size_t i = 0; i < pixels; i++)
			sum[i] += bytes_of(examples, 1, pair)[i];
	for (size_t i = 0; i < pixels; i++)
		mean[i] = (unsigned char)lround(sum[i] / (double)pairs);
}

/* For every intensity the mean of what stands in its place: no table has a smaller squared error.
 * One that never occurs is between its neighbours, or as the nearest at the ends. */
static void
best_table(unsigned char table[INTENSITIES], const struct hmm_examples *examples, size_t pixels)
{
	double sum[INTENSITIES] = {0}, count[INTENSITIES] = {0};
	for (size_t pair = 0; pair < examples->count[0]; pair++)
		for (size_t i = 0; i < pixels; i++) {
			const unsigned char at = bytes_of(examples, 0, pair)[i];
			sum[at] += bytes_of(examples, 1, pair)[i];
			count[at] += 1;
		}
	for (int v = 0; v < INTENSITIES; v++) {
		int below = v, above = v;
		while (below >= 0 && count[below] == 0)
			below--;
		while (above < INTENSITIES && count[above] == 0)
			above++;
		below = below < 0 ? above : below;
		above = above == INTENSITIES ? below : above;
		const double low = sum[below] / count[below], high = sum[above] / count[above];
		const double part = above > below ? (double)(v - below) / (double)(above - below) : 0;
		table[v] = (unsigned char)lround(low + part * (high - low));
	}
}

int
baseline_learn(enum hmm_imputer_kind kind, const struct hmm_examples *examples,
    const struct hmm_model_facts *facts, struct hmm_output *output)
{
	static char mean_name[] = HMM_IMPUTER_MEAN, table_name[] = HMM_IMPUTER_TABLE;
	const struct hmm_tensor *first = &examples->slice[1][0]->x;
	unsigned char table[INTENSITIES], *mean = NULL;
	double *sum = NULL;
	size_t pixels = 0;
	struct hmm_weight weight = {.name = table_name,
	    .x = {.dtype = HMM_U8, .dimensions = 1, .shape = {INTENSITIES}, .data = table}};
	hmm_tensor_count(first, &pixels);
	if (kind == HMM_IMPUTE_TABLE) {
		best_table(table, examples, pixels);
	} else {
		mean = hmm_alloc(pixels, 1);
		sum = hmm_alloc(pixels, sizeof(*sum));
		if (mean && sum)
			mean_image(mean, sum, examples, pixels);
		weight = (struct hmm_weight){.name = mean_name, .x = *first};
		weight.x.data = mean;
	}
	const int bad =
	    (kind == HMM_IMPUTE_MEAN && (!mean || !sum)) || hmm_model_write(output, facts, &weight, 1);
	free(mean);
	free(sum);
	return bad ? -1 : 0;
}
