#include "hmm/score/measures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
add_named(struct hmm_measures *measures, const char *word, size_t length)
{
	for (int m = 0; m < HMM_METRICS; m++) {
		const char *name = hmm_metric_names[m];
		if (strlen(name) != length || strncmp(name, word, length))
			continue;
		if (hmm_measures_have(measures, (enum hmm_metric)m))
			return "--metrics: a name stands there twice";
		add(measures, (enum hmm_metric)m, 0, name);
		return NULL;
	}
	return "--metrics: want names that the manual lists, with commas between them";
}

static const char *
add_thresholds(struct hmm_measures *measures, const char *thresholds)
{
	enum { ROOM = 24 };
	for (const char *at = thresholds; *at;) {
		char *end, name[HMM_MEASURE_NAME];
		const double threshold = strtod(at, &end);
		const size_t length = (size_t)(end - at);
		if (!length || length > ROOM || (*end && *end != ',') || (*end && !end[1]) ||
		    !(threshold > 0 && threshold < 1))
			return "--net-benefit: want thresholds between 0 and 1, with commas between them";
		if (measures->count + 2 > HMM_MEASURES)
			return "--net-benefit: too many thresholds";
		snprintf(name, sizeof(name), "net_benefit@%.*s", (int)length, at);
		add(measures, HMM_NET_BENEFIT, threshold, name);
		snprintf(name, sizeof(name), "net_benefit_standardised@%.*s", (int)length, at);
		add(measures, HMM_NET_BENEFIT_STANDARDISED, threshold, name);
		at = *end ? end + 1 : end;
	}
	return NULL;
}

const char *
hmm_measures_choose(
    struct hmm_measures *measures, const char *names, size_t otherwise, const char *thresholds)
{
	const char *bad = NULL;
	measures->count = 0;
	for (size_t m = 0; m < otherwise && !names; m++)
		add(measures, (enum hmm_metric)m, 0, hmm_metric_names[m]);
	for (const char *word = names; word && !bad;) {
		const size_t length = strcspn(word, ",");
		bad = add_named(measures, word, length);
		word = word[length] ? word + length + 1 : NULL;
	}
	return bad || !thresholds ? bad : add_thresholds(measures, thresholds);
}
