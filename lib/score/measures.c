#include "hmm/score/measures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is measured of a target: names, of the metrics from `first` on, of which the first ones are
 * compared. */
static const char *const of_classes[] = {"acc", "balanced_accuracy", "auc_macro", "f1_macro",
    "log_loss", "brier", "precision_macro", "recall_macro", "auc_weighted", "f1_weighted",
    "precision_weighted", "recall_weighted", "mcc", "kappa", "ece"};
static const char *const of_value[] = {
    "r2", "mae", "rmse", "crps", "coverage_90", "bias", "pearson", "spearman"};
static const char *const of_time[] = {"harrell", "uno", "integrated_brier"};
static const struct kind {
	const char *const *names;
	int first, count, compared;
} kinds[] = {[HMM_BINARY] = {hmm_metric_names, 0, HMM_METRICS, HMM_COMPARED},
    [HMM_CLASSES] = {of_classes, HMM_CLASS_ACC, HMM_CLASS_END - HMM_CLASS_ACC, 6},
    [HMM_VALUE] = {of_value, HMM_VALUE_R2, HMM_VALUE_END - HMM_VALUE_R2, 4},
    [HMM_TIME] = {of_time, HMM_TIME_HARRELL, HMM_TIME_END - HMM_TIME_HARRELL, 3}};

int
hmm_measures_have(const struct hmm_measures *measures, enum hmm_metric metric)
{
	size_t m = 0;
	while (m < measures->count && measures->metric[m].metric != metric)
		m++;
	return m < measures->count;
}

static void
add(struct hmm_measures *measures, enum hmm_metric metric, double at, const char *name)
{
	measures->metric[measures->count] = (struct hmm_measured){metric, at};
	snprintf(measures->name[measures->count++], HMM_MEASURE_NAME, "%s", name);
}

/* Add the metric of a word of that length. */
static const char *
add_named(struct hmm_measures *measures, const struct kind *kind, const char *word, size_t length)
{
	for (int m = 0; m < kind->count; m++) {
		const char *name = kind->names[m];
		const enum hmm_metric metric = (enum hmm_metric)(kind->first + m);
		if (strlen(name) != length || strncmp(name, word, length))
			continue;
		if (hmm_measures_have(measures, metric))
			return "--metrics: a name stands there twice";
		add(measures, metric, 0, name);
		return NULL;
	}
	return "--metrics: want names that the manual lists, with commas between them";
}

/* Take the next number apart, "0.1,...". NULL: it is none, or longer than a name has room for. */
static const char *
next_number(double *number, size_t *length, const char *at)
{
	enum { ROOM = 24 };
	char *end;
	*number = strtod(at, &end);
	*length = (size_t)(end - at);
	const int bad = !*length || *length > ROOM || (*end && *end != ',') || (*end && !end[1]);
	return bad ? NULL : *end ? end + 1 : end;
}

static const char *
add_thresholds(struct hmm_measures *measures, const char *thresholds)
{
	for (const char *at = thresholds, *next; *at; at = next) {
		char name[HMM_MEASURE_NAME];
		double threshold;
		size_t length;
		next = next_number(&threshold, &length, at);
		if (!next || !(threshold > 0 && threshold < 1))
			return "--net-benefit: want thresholds between 0 and 1, with commas between them";
		if (measures->count + 2 > HMM_MEASURES)
			return "--net-benefit: too many thresholds";
		snprintf(name, sizeof(name), "net_benefit@%.*s", (int)length, at);
		add(measures, HMM_NET_BENEFIT, threshold, name);
		snprintf(name, sizeof(name), "net_benefit_standardised@%.*s", (int)length, at);
		add(measures, HMM_NET_BENEFIT_STANDARDISED, threshold, name);
	}
	return NULL;
}

static const char *
add_times(struct hmm_measures *measures, const char *times)
{
	for (const char *at = times, *next; *at; at = next) {
		char name[HMM_MEASURE_NAME];
		double time;
		size_t length;
		next = next_number(&time, &length, at);
		if (!next || !(time >= 0 && isfinite(time)))
			return "--times: want times, 0 or more, with commas between them";
		for (size_t m = 0; m < measures->count; m++)
			if (measures->metric[m].metric == HMM_TIME_BRIER && measures->metric[m].at == time)
				return "--times: a time stands there twice";
		if (measures->count == HMM_MEASURES)
			return "--times: too many times";
		snprintf(name, sizeof(name), "brier@%.*s", (int)length, at);
		add(measures, HMM_TIME_BRIER, time, name);
	}
	return NULL;
}

const char *
hmm_measures_choose(struct hmm_measures *measures, enum hmm_target target, const char *names,
    int compared, const char *at)
{
	const struct kind *kind = &kinds[target];
	const int otherwise = compared ? kind->compared : kind->count;
	const char *bad = NULL;
	measures->count = 0;
	for (int m = 0; m < otherwise && !names; m++)
		add(measures, (enum hmm_metric)(kind->first + m), 0, kind->names[m]);
	for (const char *word = names; word && !bad;) {
		const size_t length = strcspn(word, ",");
		bad = add_named(measures, kind, word, length);
		word = word[length] ? word + length + 1 : NULL;
	}
	if (bad || !at)
		return bad;
	return target == HMM_TIME ? add_times(measures, at) : add_thresholds(measures, at);
}
