#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/ridge.h"
#include "hmm/kernel/span.h"
#include "hmm/learn/feed.h"
#include "hmm/learn/pooled.h"
#include "folds.h"

/* The training in numbers. */
struct numbers {
	const struct hmm_items *items;
	size_t width;   /* of a row: modalities * channels */
	double *number; /* [items->count][width] */
	char *has;      /* [items->count][modalities] */
	double *scale;  /* [width]: 1 over the standard deviation; 0: constant */
	size_t *fold;   /* [items->count]: its group's; NULL: nothing is chosen */
};

static void
close_numbers(struct numbers *numbers)
{
	free(numbers->number);
	free(numbers->has);
	free(numbers->scale);
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
	numbers->scale = hmm_alloc(numbers->width, sizeof(double));
	if (!numbers->number || !numbers->has || !numbers->scale)
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

/* ---- one regression ---- */

/* Mean and scale of a modality's numbers. */
static void
standardise(struct hmm_pooled *pooled, struct numbers *numbers, size_t modality)
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
		numbers->scale[c] = deviation > rounding * fabs(pooled->mean[c]) ? 1 / deviation : 0;
	}
}

/* Modalities first..end-1 of the items that have one of them. */
struct regression {
	struct hmm_ridge_rows rows;
	size_t first, columns;
	double *x, *target, *coefficient, *scratch;
	double *base; /* [rank][columns]: what the rows are coordinates in; NULL: x has the columns */
	size_t rank;
	int *event;
	size_t *fold, *item; /* [rows.count]: which they are of */
	const char *name;    /* of the modalities */
};

static void
close_regression(struct regression *of)
{
	free(of->x);
	free(of->target);
	free(of->coefficient);
	free(of->scratch);
	free(of->base);
	free(of->event);
	free(of->fold);
	free(of->item);
}

/* Few rows of many columns as coordinates in what they span: a conjugate gradient takes the same
 * way there. Fewer columns than WIDE cost nothing. 0, or -1 reported. */
static int
narrow(struct regression *of)
{
	enum { WIDE = 1000 };
	const size_t rows = of->rows.count, wide = of->rows.size, size = rows + 1;
	if (of->columns < WIDE || of->columns < 2 * rows)
		return 0;
	double *z = hmm_alloc(rows, size * sizeof(*z));
	of->base = hmm_alloc(rows, of->columns * sizeof(*of->base));
	if (!z || !of->base) {
		free(z);
		return -1;
	}
	of->rank = hmm_span_make(of->base, z + 1, size, of->x + 1, wide, rows, of->columns);
	for (size_t i = 0; i < rows; i++)
		z[i * size] = 1;
	free(of->x);
	of->rows.x = of->x = z;
	of->rows.size = size;
	return 0;
}

/* The coefficients of the columns. */
static void
widen(double *coefficient, const struct regression *of)
{
	if (!of->base) {
		memcpy(coefficient, of->coefficient + 1, of->columns * sizeof(*coefficient));
		return;
	}
	memset(coefficient, 0, of->columns * sizeof(*coefficient));
	for (size_t k = 0; k < of->rank; k++)
		for (size_t c = 0; c < of->columns; c++)
			coefficient[c] += of->coefficient[k + 1] * of->base[k * of->columns + c];
}

static int
open_regression(struct regression *of, const struct hmm_pooled *pooled,
    const struct numbers *numbers, size_t first, size_t end)
{
	const size_t count = numbers->items->count, from = first * pooled->channels;
	const size_t columns = (end - first) * pooled->channels, size = columns + 1;
	*of = (struct regression){.first = first,
	    .columns = columns,
	    .x = hmm_alloc(count, size * sizeof(double)),
	    .target = hmm_alloc(count, sizeof(double)),
	    .coefficient = hmm_alloc(size, sizeof(double)),
	    .scratch = hmm_alloc(hmm_ridge_scratch(count, size), sizeof(double)),
	    .event = hmm_alloc(count, sizeof(*of->event)),
	    .fold = hmm_alloc(count, sizeof(*of->fold)),
	    .item = hmm_alloc(count, sizeof(*of->item))};
	if (!of->x || !of->target || !of->coefficient || !of->scratch || !of->event || !of->fold ||
	    !of->item)
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
			              numbers->scale[from + c]
			        : 0;
		of->fold[rows] = numbers->fold ? numbers->fold[i] : 0;
		of->item[rows++] = i;
	}
	of->rows = (struct hmm_ridge_rows){
	    .x = of->x, .target = of->target, .count = rows, .size = size, .event = of->event};
	return narrow(of);
}

/* What the rows of an output are to say. Of classes, how many rows are of it. */
static size_t
set_target(struct regression *of, const struct hmm_objective *objective,
    const struct hmm_items *items, size_t output)
{
	static const enum hmm_ridge_loss loss[] = {
	    HMM_RIDGE_LOGISTIC, HMM_RIDGE_LOGISTIC, HMM_RIDGE_SQUARES, HMM_RIDGE_COX};
	size_t ones = 0;
	of->rows.loss = loss[objective->target];
	for (size_t i = 0; i < of->rows.count; i++) {
		const struct hmm_item *item = &items->item[of->item[i]];
		const int one = item->label == (int)output;
		const double says[] = {
		    item->label, one, (item->truth - objective->mean) / objective->sd, item->truth};
		of->target[i] = says[objective->target];
		of->event[i] = item->label;
		ones += (size_t)one;
	}
	return ones;
}

static int
no_regression(const struct regression *of, enum hmm_target target, int chosen)
{
	static const char *const want[] = {
	    "some of both labels", "some of each class", "some", "some with an event"};
	return hmm_error("%s: no regression of %zu training subjects: want %s%s", of->name,
	    of->rows.count, want[target], chosen ? ", in more than one fold" : "");
}

/* The ridge of an output's rows, or -1. */
static double
choose(struct regression *of, const struct hmm_objective *objective, size_t output, long folds)
{
	static const char *const lost[] = {"log loss", "log loss", "squared error", "partial loss"};
	const int classes = objective->target == HMM_CLASSES;
	double loss = 0;
	const double ridge = hmm_ridge_choose(&loss, &of->rows, of->fold, (size_t)folds, of->scratch);
	if (ridge > 0) /* a square is half of one there, in units of the variance */
		hmm_say("%s%s%s: lambda %g of %g to %g, %s %.3f in %ld inner folds", of->name,
		    classes ? ", class " : "", classes ? objective->classes.name[output] : "", ridge,
		    hmm_ridges[HMM_RIDGES - 1], hmm_ridges[0], lost[objective->target],
		    objective->target == HMM_VALUE ? 2 * loss : loss, folds);
	return ridge;
}

/* The log-odds of `ones` of `count` rows; of none or all of them Laplace's. */
static double
log_odds(size_t ones, size_t count)
{
	const double more = ones == 0 || ones == count ? 1 : 0;
	return log((double)ones + more) - log((double)(count - ones) + more);
}

/* The regression of an output. 0, or -1 reported. */
static int
fit(struct hmm_pooled *pooled, const struct numbers *numbers, struct regression *of, size_t output,
    const struct hmm_pooled_options *how)
{
	const struct hmm_objective *objective = pooled->objective;
	const size_t from = of->first * pooled->channels;
	double *const weight = pooled->weight + output * numbers->width + from;
	double *const bias = pooled->bias + output * pooled->modalities + of->first;
	const size_t ones = set_target(of, objective, numbers->items, output);
	if (objective->target == HMM_CLASSES && (ones == 0 || ones == of->rows.count)) {
		hmm_say("%s, class %s: %s of %zu training subjects, a constant", of->name,
		    objective->classes.name[output], ones ? "all" : "none", of->rows.count);
		*bias = log_odds(ones, of->rows.count);
		return 0;
	}
	const double ridge = how->ridge > 0 ? how->ridge : choose(of, objective, output, how->folds);
	memset(of->coefficient, 0, of->rows.size * sizeof(double));
	if (!(ridge > 0) || hmm_ridge_fit(of->coefficient, &of->rows, ridge, of->scratch))
		return no_regression(of, objective->target, !(how->ridge > 0));
	widen(weight, of);
	for (size_t c = 0; c < of->columns; c++)
		weight[c] *= numbers->scale[from + c];
	*bias = of->coefficient[0];
	return 0;
}

/* The coefficients of modalities first..end-1. `name` is what they are. 0, or -1 reported. */
static int
regress(struct hmm_pooled *pooled, struct numbers *numbers, size_t first, size_t end,
    const char *name, const struct hmm_pooled_options *how)
{
	struct regression of;
	for (size_t m = first; m < end; m++)
		standardise(pooled, numbers, m);
	int bad = open_regression(&of, pooled, numbers, first, end);
	of.name = name;
	for (size_t k = 0; k < pooled->objective->outputs && !bad; k++)
		bad = fit(pooled, numbers, &of, k, how);
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

/* Of a value or a time there is nothing to learn: the objective has the mean, or the baseline. */
static int
learn_majority(struct hmm_pooled *pooled, const struct hmm_items *items)
{
	const struct hmm_objective *objective = pooled->objective;
	const int binary = objective->target == HMM_BINARY;
	for (size_t k = 0; k < objective->outputs; k++) {
		size_t ones = 0;
		for (size_t i = 0; i < items->count; i++)
			ones += items->item[i].label == (binary ? 1 : (int)k);
		if (binary && (ones == 0 || ones == items->count))
			return hmm_error(
			    "all %zu training subjects have label %d, want both", items->count, ones != 0);
		if (binary)
			hmm_say("%zu of %zu training subjects have label 1", ones, items->count);
		if (binary || objective->target == HMM_CLASSES)
			pooled->bias[k * pooled->modalities] = log_odds(ones, items->count);
	}
	return 0;
}

static int
learn_systems(struct hmm_pooled *pooled, struct numbers *numbers, const struct hmm_names *names,
    const struct hmm_pooled_options *options)
{
	const struct hmm_items *items = numbers->items;
	int bad = 0;
	if (read_numbers(numbers, pooled, items))
		return -1;
	if (!(options->ridge > 0)) {
		numbers->fold = hmm_alloc(items->count, sizeof(*numbers->fold));
		bad = !numbers->fold ||
		      folds_deal(numbers->fold, items, pooled->objective, options->folds, options->seed);
	}
	if (!bad && pooled->system == HMM_POOLED_CONCAT)
		bad = regress(pooled, numbers, 0, pooled->modalities, "all modalities", options);
	for (size_t m = 0; m < pooled->modalities && !bad && pooled->system == HMM_MEAN_LOGIT; m++)
		bad = regress(pooled, numbers, m, m + 1, names->name[m], options);
	return bad ? -1 : 0;
}

/* Of cox, the baseline of the items with what the model says of them. 0, or -1 reported. */
static int
learn_baseline(struct hmm_pooled *pooled, struct hmm_objective *objective,
    const struct numbers *numbers, const struct hmm_items *items)
{
	const struct hmm_item **item = hmm_alloc(items->count, sizeof(*item));
	double *eta = hmm_alloc(items->count, sizeof(*eta));
	int bad = !item || !eta;
	for (size_t i = 0; i < items->count && !bad; i++) {
		item[i] = &items->item[i];
		if (pooled->system != HMM_MAJORITY)
			memcpy(pooled->number, numbers->number + i * numbers->width,
			    numbers->width * sizeof(double));
		for (size_t m = 0; m < pooled->modalities && pooled->system != HMM_MAJORITY; m++)
			pooled->images[m] = (size_t)numbers->has[i * pooled->modalities + m];
		hmm_pooled_outputs(pooled, &eta[i]);
	}
	bad = bad || hmm_objective_baseline(objective, item, items->count, eta);
	free(item);
	free(eta);
	return bad ? -1 : 0;
}

int
hmm_pooled_learn(struct hmm_pooled *pooled, struct hmm_objective *objective,
    struct hmm_learned *learned, const struct hmm_dataset *data, const struct hmm_items *items,
    const struct hmm_names *names, const struct hmm_pooled_options *options)
{
	struct numbers numbers = {.items = items};
	int bad = note(learned, data, items) ||
	          (pooled->system == HMM_MAJORITY ? learn_majority(pooled, items)
	                                          : learn_systems(pooled, &numbers, names, options));
	if (!bad && objective->loss == HMM_COX)
		bad = learn_baseline(pooled, objective, &numbers, items);
	close_numbers(&numbers);
	return bad ? -1 : 0;
}
