#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/split.h"
#include "hmm/kernel/ridge.h"
#include "hmm/learn/feed.h"
#include "hmm/learn/pooled.h"

/* The training in numbers. */
struct numbers {
	const struct hmm_items *items;
	size_t width;   /* of a row: modalities * channels */
	double *number; /* [items->count][width] */
	char *has;      /* [items->count][modalities] */
	size_t *fold;   /* [items->count]: its group's; NULL: nothing is chosen */
};

static void
close_numbers(struct numbers *numbers)
{
	free(numbers->number);
	free(numbers->has);
	free(numbers->fold);
}

static int
read_numbers(struct numbers *numbers, struct hmm_pooled *pooled, const struct hmm_items *items)
{
	struct hmm_feed feed;
	int bad = 0;
	numbers->width = pooled->modalities * pooled->channels;
	size_t row_bytes;
	if (hmm_multiply(&row_bytes, numbers->width, sizeof(double)))
		return hmm_memory_out();
	numbers->number = hmm_alloc(items->count, row_bytes);
	numbers->has = hmm_alloc(items->count, pooled->modalities);
	if (!numbers->number || !numbers->has)
		return -1;
	hmm_feed_open(&feed, items);
	hmm_feed_begin(&feed, NULL, 0);
	for (size_t i = 0; i < items->count && !bad; i++) {
		const struct hmm_item *item = &items->item[i];
		bad = hmm_feed_next(&feed, i, &item, 1, NULL);
		if (bad)
			break;
		hmm_pooled_take(pooled, item);
		memcpy(numbers->number + i * numbers->width, pooled->number, row_bytes);
		for (size_t m = 0; m < pooled->modalities; m++)
			numbers->has[i * pooled->modalities + m] = pooled->images[m] > 0;
	}
	hmm_feed_close(&feed);
	return bad;
}

/* ---- folds of groups ---- */

/* Their groups' numbers into of[count], and the labels of each, bit 0: 0, bit 1: 1, into
 * seen[count].
 */
static int
number_groups(struct hmm_names *names, size_t *of, unsigned *seen, const struct hmm_items *items)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct hmm_sample *sample = items->item[i].image[0].sample;
		const long group = hmm_names_add(names, sample->group[0] ? sample->group : sample->subject);
		if (group < 0)
			return -1;
		of[i] = (size_t)group;
		seen[group] |= 1u << items->item[i].label;
	}
	return 0;
}

/* The fold of every item, dealt by group as hmm-split does. 0, or -1 reported. */
static int
deal(struct numbers *numbers, const struct hmm_items *items, const struct hmm_pooled_options *how)
{
	static const enum hmm_stratum strata[] = {HMM_UNKNOWN, HMM_ALL_0, HMM_ALL_1, HMM_MIXED};
	const size_t count = items->count;
	struct hmm_names names = {0};
	size_t *of = hmm_alloc(count, sizeof(*of)), *fold = hmm_alloc(count, sizeof(*fold));
	unsigned *seen = hmm_alloc(count, sizeof(*seen));
	struct hmm_split_unit *units = hmm_alloc(count, sizeof(*units));
	numbers->fold = hmm_alloc(count, sizeof(*numbers->fold));
	int bad =
	    !of || !fold || !seen || !units || !numbers->fold || number_groups(&names, of, seen, items);
	for (size_t g = 0; g < names.count && !bad; g++)
		units[g] =
		    (struct hmm_split_unit){.name = names.name[g], .index = g, .stratum = strata[seen[g]]};
	bad = bad || hmm_split_folds(fold, units, names.count, how->folds, how->seed);
	for (size_t i = 0; i < count && !bad; i++)
		numbers->fold[i] = fold[of[i]];
	hmm_names_close(&names);
	free(of);
	free(fold);
	free(seen);
	free(units);
	return bad ? -1 : 0;
}

/* ---- one regression ---- */

/* Mean and, into weight[], 1 over the standard deviation (0: constant) of a modality's numbers. */
static void
standardise(struct hmm_pooled *pooled, const struct numbers *numbers, size_t modality)
{
	static const double rounding = 1e-9;
	for (size_t c = modality * pooled->channels; c < (modality + 1) * pooled->channels; c++) {
		double sum = 0, squares = 0;
		size_t count = 0;
		for (size_t i = 0; i < numbers->items->count; i++)
			if (numbers->has[i * pooled->modalities + modality]) {
				sum += numbers->number[i * numbers->width + c];
				count++;
			}
		pooled->mean[c] = count ? sum / (double)count : 0;
		for (size_t i = 0; i < numbers->items->count; i++)
			if (numbers->has[i * pooled->modalities + modality]) {
				const double off = numbers->number[i * numbers->width + c] - pooled->mean[c];
				squares += off * off;
			}
		const double deviation = count ? sqrt(squares / (double)count) : 0;
		pooled->weight[c] = deviation > rounding * fabs(pooled->mean[c]) ? 1 / deviation : 0;
	}
}

/* Modalities first..end-1 of the items that have one of them. */
struct regression {
	struct hmm_ridge_rows rows;
	double *x, *target, *coefficient, *scratch;
	size_t *fold;
};

static void
close_regression(struct regression *of)
{
	free(of->x);
	free(of->target);
	free(of->coefficient);
	free(of->scratch);
	free(of->fold);
}

static int
open_regression(struct regression *of, const struct hmm_pooled *pooled,
    const struct numbers *numbers, size_t first, size_t end)
{
	const size_t count = numbers->items->count, from = first * pooled->channels;
	const size_t columns = (end - first) * pooled->channels, size = columns + 1;
	*of = (struct regression){.x = hmm_alloc(count, size * sizeof(double)),
	    .target = hmm_alloc(count, sizeof(double)),
	    .coefficient = hmm_alloc(size, sizeof(double)),
	    .scratch = hmm_alloc(hmm_ridge_scratch(count, size), sizeof(double)),
	    .fold = hmm_alloc(count, sizeof(*of->fold))};
	if (!of->x || !of->target || !of->coefficient || !of->scratch || !of->fold)
		return -1;
	size_t rows = 0;
	for (size_t i = 0; i < count; i++) {
		const char *has = numbers->has + i * pooled->modalities;
		double *x = of->x + rows * size;
		if (!memchr(has + first, 1, end - first))
			continue;
		x[0] = 1;
		for (size_t c = 0; c < columns; c++)
			x[c + 1] =
			    has[first + c / pooled->channels]
			        ? (numbers->number[i * numbers->width + from + c] - pooled->mean[from + c]) *
			              pooled->weight[from + c]
			        : 0;
		of->target[rows] = numbers->items->item[i].label;
		of->fold[rows++] = numbers->fold ? numbers->fold[i] : 0;
	}
	of->rows =
	    (struct hmm_ridge_rows){.x = of->x, .target = of->target, .count = rows, .size = size};
	return 0;
}

/* The coefficients of modalities first..end-1. `name` is what they are. 0, or -1 reported. */
static int
regress(struct hmm_pooled *pooled, const struct numbers *numbers, size_t first, size_t end,
    const char *name, const struct hmm_pooled_options *how)
{
	struct regression of;
	double loss = 0, ridge = how->ridge;
	for (size_t m = first; m < end; m++)
		standardise(pooled, numbers, m);
	int bad = open_regression(&of, pooled, numbers, first, end);
	if (!bad && !(how->ridge > 0)) {
		ridge = hmm_ridge_choose(&loss, &of.rows, of.fold, (size_t)how->folds, of.scratch);
		if (ridge > 0)
			hmm_say("%s: lambda %g of %g to %g, log loss %.3f in %ld inner folds", name, ridge,
			    hmm_ridges[HMM_RIDGES - 1], hmm_ridges[0], loss, how->folds);
	}
	if (!bad && (!(ridge > 0) || hmm_ridge_fit(of.coefficient, &of.rows, ridge, of.scratch)))
		bad = hmm_error("%s: no regression of %zu training subjects: want some of both labels%s",
		    name, of.rows.count, how->ridge > 0 ? "" : ", in more than one fold");
	for (size_t c = 0; !bad && c < of.rows.size - 1; c++)
		pooled->weight[first * pooled->channels + c] *= of.coefficient[c + 1];
	if (!bad)
		pooled->bias[first] = of.coefficient[0];
	close_regression(&of);
	return bad ? -1 : 0;
}

/* ---- all of it ---- */

static int
note(struct hmm_learned *learned, const struct hmm_dataset *data, const struct hmm_items *items)
{
	struct hmm_record record;
	for (size_t i = 0; i < items->images; i++) {
		const struct hmm_sample *sample = items->image[i].sample;
		hmm_sample_fields(&record, sample);
		if (hmm_model_note(&learned->history, &data->past.history[sample->history], &record) ||
		    hmm_groups_add(&learned->groups, HMM_SEEN_TRAINING, sample->group, sample->subject))
			return -1;
	}
	hmm_model_warn(&learned->history);
	return 0;
}

static int
learn_majority(struct hmm_pooled *pooled, const struct hmm_items *items)
{
	size_t ones = 0;
	for (size_t i = 0; i < items->count; i++)
		ones += items->item[i].label == 1;
	if (ones == 0 || ones == items->count)
		return hmm_error(
		    "all %zu training subjects have label %d, want both", items->count, ones != 0);
	pooled->bias[0] = log((double)ones) - log((double)(items->count - ones));
	hmm_say("%zu of %zu training subjects have label 1", ones, items->count);
	return 0;
}

int
hmm_pooled_learn(struct hmm_pooled *pooled, struct hmm_learned *learned,
    const struct hmm_dataset *data, const struct hmm_items *items, const struct hmm_names *names,
    const struct hmm_pooled_options *options)
{
	struct numbers numbers = {.items = items};
	if (note(learned, data, items))
		return -1;
	if (pooled->system == HMM_MAJORITY)
		return learn_majority(pooled, items);
	int bad = read_numbers(&numbers, pooled, items) ||
	          (!(options->ridge > 0) && deal(&numbers, items, options));
	if (!bad && pooled->system == HMM_POOLED_CONCAT)
		bad = regress(pooled, &numbers, 0, pooled->modalities, "all modalities", options);
	for (size_t m = 0; m < pooled->modalities && !bad && pooled->system == HMM_MEAN_LOGIT; m++)
		bad = regress(pooled, &numbers, m, m + 1, names->name[m], options);
	close_numbers(&numbers);
	return bad ? -1 : 0;
}
