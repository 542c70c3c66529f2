#include "baseline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"

enum { INTENSITIES = 256, PLACES = 4096 };

/* Slices that a mean image is made of and stands for: those of an index. */
static size_t
places_of(const struct hmm_examples *examples)
{
	long most = 0;
	for (size_t pair = 0; pair < examples->count[1]; pair++)
		most = examples->slice[1][pair]->index > most ? examples->slice[1][pair]->index : most;
	return (size_t)most + 1;
}

/* mean[places][pixels] of the images that are to be made, pixel by pixel; an index that nobody has
 * gets that of the one below. 0, or -1 reported. */
static int
mean_images(unsigned char *mean, double *sum, void *buffer, const struct hmm_examples *examples,
    size_t places)
{
	const size_t pixels = examples->data->bytes;
	for (size_t place = 0; place < places; place++, mean += pixels) {
		size_t count = 0;
		memset(sum, 0, pixels * sizeof(*sum));
		for (size_t pair = 0; pair < examples->count[1]; pair++) {
			const long index = examples->slice[1][pair]->index;
			if ((index < 0 ? 0 : (size_t)index) != place)
				continue;
			const unsigned char *slice =
			    hmm_dataset_block(examples->data, examples->slice[1][pair], buffer);
			if (!slice)
				return -1;
			count++;
			for (size_t i = 0; i < pixels; i++)
				sum[i] += slice[i];
		}
		for (size_t i = 0; count && i < pixels; i++)
			mean[i] = (unsigned char)lround(sum[i] / (double)count);
		if (!count && place)
			memcpy(mean, mean - pixels, pixels);
	}
	return 0;
}

/* What stands in the place of every intensity, and how often. 0, or -1 reported. */
static int
sum_pairs(double sum[INTENSITIES], double count[INTENSITIES], const struct hmm_examples *examples)
{
	const struct hmm_dataset *data = examples->data;
	unsigned char *buffer = hmm_alloc_raw(HMM_EXAMPLE_SIDES, data->bytes);
	int bad = !buffer;
	for (size_t pair = 0; !bad && pair < examples->count[0]; pair++) {
		const unsigned char *from = hmm_dataset_block(data, examples->slice[0][pair], buffer);
		const unsigned char *to =
		    from ? hmm_dataset_block(data, examples->slice[1][pair], buffer + data->bytes) : NULL;
		bad = !to;
		for (size_t i = 0; !bad && i < data->bytes; i++) {
			sum[from[i]] += to[i];
			count[from[i]] += 1;
		}
	}
	free(buffer);
	return bad ? -1 : 0;
}

/* For every intensity the mean of what stands in its place: no table has a smaller squared error.
 * One that never occurs is between its neighbours, or as the nearest at the ends. 0, or -1
 * reported. */
static int
best_table(unsigned char table[INTENSITIES], const struct hmm_examples *examples)
{
	double sum[INTENSITIES] = {0}, count[INTENSITIES] = {0};
	if (sum_pairs(sum, count, examples))
		return -1;
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
	return 0;
}

static int
learn_mean(const struct hmm_examples *examples, const struct hmm_model_facts *facts,
    struct hmm_output *output)
{
	static char name[] = HMM_IMPUTER_MEAN;
	const size_t *shape = examples->data->x.shape, pixels = examples->data->bytes;
	const size_t places = places_of(examples);
	if (places > PLACES)
		return hmm_error(
		    "a slice of index %zu, want at most %d for a mean image", places - 1, PLACES - 1);
	unsigned char *mean = hmm_alloc(places, pixels);
	double *sum = hmm_alloc(pixels, sizeof(*sum));
	void *buffer = hmm_alloc_raw(1, pixels);
	const struct hmm_weight weight = {.name = name,
	    .x = {.dtype = HMM_U8,
	        .dimensions = 4,
	        .shape = {places, shape[0], shape[1], shape[2]},
	        .data = mean}};
	const int bad = !mean || !sum || !buffer || mean_images(mean, sum, buffer, examples, places) ||
	                hmm_model_write(output, facts, &weight, 1);
	free(mean);
	free(sum);
	free(buffer);
	return bad ? -1 : 0;
}

int
baseline_learn(enum hmm_imputer_kind kind, long size, const struct hmm_examples *examples,
    const struct hmm_model_facts *facts, struct hmm_output *output)
{
	static char table_name[] = HMM_IMPUTER_TABLE, side_name[] = HMM_IMPUTER_SIDE;
	unsigned char table[INTENSITIES];
	float side = (float)size;
	struct hmm_weight weight = {
	    .name = side_name, .x = {.dtype = HMM_F32, .dimensions = 1, .shape = {1}, .data = &side}};
	if (kind == HMM_IMPUTE_MEAN)
		return learn_mean(examples, facts, output);
	if (kind == HMM_IMPUTE_TABLE) {
		if (best_table(table, examples))
			return -1;
		weight = (struct hmm_weight){.name = table_name,
		    .x = {.dtype = HMM_U8, .dimensions = 1, .shape = {INTENSITIES}, .data = table}};
	}
	return hmm_model_write(output, facts, &weight, 1);
}
