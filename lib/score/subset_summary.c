#include "subset_summary.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "modalities.h"

/* All of them, and what the replicates make of them. */
struct summary {
	struct hmm_subset *subset; /* [count] */
	size_t count, modalities, replicates;
	struct hmm_measuring measuring;
	double *value;  /* [metrics][count]: of the rows as they are */
	double *sample; /* [metrics][count][replicates] */
	size_t replicate;
};

static void
measure(double *values, const struct hmm_scored *sorted, size_t count, const void *context)
{
	hmm_metrics_measure(values, sorted, count, context);
}

/* Whether more of a metric is better: 1, -1; 0: neither, or it is not measured run by run. */
static int
direction(const struct summary *summary, size_t m)
{
	const enum hmm_metric metric = summary->measuring.metric[m].metric;
	if (metric == HMM_BRIER || metric == HMM_LOG_LOSS)
		return -1;
	if (metric == HMM_ECE || metric == HMM_RMSCE_DEBIASED)
		return summary->subset[0].system.runs > 1 ? 0 : -1;
	return metric >= HMM_CITL && metric <= HMM_TP ? 0 : 1;
}

/* Mean and worst over all subsets of each metric; value[metrics][count] on the way. */
static void
summarise(double *statistics, double *value, size_t step, const struct summary *summary)
{
	double each[HMM_MEASURES], scratch[2 * HMM_MEASURES];
	const size_t metrics = summary->measuring.count;
	for (size_t s = 0; s < summary->count; s++) {
		hmm_system_measure(
		    each, &summary->subset[s].system, metrics, measure, &summary->measuring, scratch);
		for (size_t m = 0; m < metrics; m++)
			value[(m * summary->count + s) * step] = each[m];
	}
	for (size_t m = 0; m < metrics; m++) {
		const int sign = direction(summary, m);
		double sum = 0, times = 0, worst = (double)NAN;
		for (size_t s = 0; s < summary->count; s++) {
			const double here = value[(m * summary->count + s) * step];
			sum += summary->subset[s].times * here;
			times += summary->subset[s].times;
			if (isnan(worst) || sign * here < sign * worst)
				worst = here;
		}
		statistics[2 * m] = sign ? sum / times : (double)NAN;
		statistics[2 * m + 1] = sign && !isnan(sum) ? worst : (double)NAN;
	}
}

/* Of the mean of a metric over subsets that were drawn: SD / sqrt(draws). */
static double
sampling_error(const struct summary *summary, size_t m, double mean)
{
	double square = 0, times = 0;
	for (size_t s = 0; s < summary->count; s++) {
		const double off = summary->value[m * summary->count + s] - mean;
		square += summary->subset[s].times * off * off;
		times += summary->subset[s].times;
	}
	return times > 1 ? sqrt(square / (times - 1) / times) : (double)NAN;
}

static void
replicate(double *statistics, const double *weight, void *context)
{
	struct summary *summary = context;
	for (size_t s = 0; s < summary->count; s++)
		hmm_system_weigh(&summary->subset[s].system, weight);
	summarise(statistics, summary->sample + summary->replicate++, summary->replicates, summary);
}

/* Whether the interval of more less fewer lies wholly on the worse side of 0. `difference` is
 * scratch for the replicates. */
static int
is_worse(double *difference, const double *more, const double *fewer, size_t replicates, int sign,
    double tail)
{
	size_t count = 0, below = 0;
	for (size_t b = 0; b < replicates; b++) {
		const double here = sign * (more[b] - fewer[b]);
		below += here < 0;
		if (!isnan(here))
			difference[count++] = here;
	}
	const double at = (1 - tail) * ((double)count - 1);
	if (!count || isnan(tail) || (double)below < at) /* nearly always */
		return 0;
	hmm_numbers_sort(difference, count);
	const size_t low = (size_t)at, high = low + 1 < count ? low + 1 : low;
	return difference[low] + (at - (double)low) * (difference[high] - difference[low]) < 0;
}

/* The place of a mask, or `count`. */
static size_t
find_subset(const struct summary *summary, uint64_t mask)
{
	const struct hmm_modality_set wanted = {.mask = mask};
	size_t low = 0, high = summary->count;
	while (low < high) {
		const size_t middle = (low + high) / 2;
		const struct hmm_modality_set here = {.mask = summary->subset[middle].mask};
		const int order = hmm_modalities_compare(&here, &wanted);
		if (!order)
			return middle;
		*(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
	}
	return summary->count;
}

/* The share of pairs of a subset and one with a modality more, in which more is worse. */
static double
share_worse(size_t *pairs, double *difference, const struct summary *summary, size_t m, double tail)
{
	const size_t replicates = summary->replicates;
	const int sign = direction(summary, m);
	const double *sample = summary->sample + m * summary->count * replicates;
	size_t worse = 0;
	*pairs = 0;
	for (size_t s = 0; s < summary->count; s++)
		for (size_t k = 0; k < summary->modalities; k++) {
			const uint64_t mask = summary->subset[s].mask, bit = UINT64_C(1) << k;
			const size_t more = mask & bit ? summary->count : find_subset(summary, mask | bit);
			if (more == summary->count)
				continue;
			++*pairs;
			worse += (size_t)is_worse(difference, sample + more * replicates,
			    sample + s * replicates, replicates, sign, tail);
		}
	return sign && *pairs && replicates ? (double)worse / (double)*pairs : (double)NAN;
}

static struct hmm_interval
interval_of(const struct hmm_bootstrap *boot, const double *statistics, size_t at)
{
	static const struct hmm_interval none = {(double)NAN, (double)NAN};
	return isnan(statistics[at]) ? none : hmm_bootstrap_interval(boot, at, boot->groups, .95);
}

static int
fill(struct hmm_subset_summary *summaries, struct summary *summary, size_t groups,
    const struct hmm_scores_of *of)
{
	double statistics[2 * HMM_MEASURES], *difference = hmm_alloc(of->replicates, sizeof(double));
	struct hmm_bootstrap boot = {0};
	summarise(statistics, summary->value, 1, summary);
	summary->measuring.strict = 1; /* a replicate that lacks a label counts for nothing */
	const int bad =
	    !difference || hmm_bootstrap_open(&boot, &summary->subset[0].system, groups,
	                       2 * of->measures->count, replicate, summary, of->replicates, of->place);
	const double tail = bad ? 0 : hmm_interval_expanded(boot.groups, .95);
	for (size_t m = 0; m < of->measures->count && !bad; m++) {
		summaries[m] = (struct hmm_subset_summary){.mean = statistics[2 * m],
		    .worst = statistics[2 * m + 1],
		    .error = sampling_error(summary, m, statistics[2 * m]),
		    .mean_interval = interval_of(&boot, statistics, 2 * m),
		    .worst_interval = interval_of(&boot, statistics, 2 * m + 1)};
		summaries[m].share_worse = share_worse(&summaries[m].pairs, difference, summary, m, tail);
	}
	hmm_bootstrap_close(&boot);
	free(difference);
	return bad ? -1 : 0;
}

int
hmm_subset_summarise(struct hmm_subset_summary *summaries, struct hmm_subset *subset, size_t count,
    size_t modalities, size_t groups, const struct hmm_scores_of *of)
{
	const size_t metrics = of->measures->count, patterns = subset[0].system.patterns;
	size_t bytes = 0;
	struct summary summary = {.subset = subset,
	    .count = count,
	    .modalities = modalities,
	    .replicates = of->replicates,
	    .measuring = {of->measures->metric, metrics, of->prevalence,
	        hmm_alloc(patterns, 2 * sizeof(double)), patterns, subset[0].system.runs > 1, NULL},
	    .value = hmm_alloc(count, metrics * sizeof(double))};
	if (hmm_multiply(&bytes, of->replicates, metrics * sizeof(double)))
		hmm_memory_out();
	else
		summary.sample = hmm_alloc_raw(count, bytes);
	for (size_t s = 0; s < count; s++)
		hmm_system_sort(&subset[s].system);
	const int bad = !summary.measuring.below || !summary.value || !summary.sample ||
	                fill(summaries, &summary, groups, of);
	free(summary.measuring.below);
	free(summary.value);
	free(summary.sample);
	return bad ? -1 : 0;
}
