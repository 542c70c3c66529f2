#include "hmm/score/threshold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/overlap.h"

int
hmm_threshold_read(struct hmm_threshold *threshold, const char *text)
{
	static const char sensitivity[] = "sensitivity=";
	const int prefixed = !strncmp(text, sensitivity, strlen(sensitivity));
	const char *number = prefixed ? text + strlen(sensitivity) : text;
	char *end;
	*threshold = (struct hmm_threshold){HMM_THRESHOLD_FIXED, 0};
	if (!strcmp(text, "youden") || !strcmp(text, "f1")) {
		threshold->rule = *text == 'y' ? HMM_THRESHOLD_YOUDEN : HMM_THRESHOLD_F1;
		return 0;
	}
	threshold->rule = prefixed ? HMM_THRESHOLD_SENSITIVITY : HMM_THRESHOLD_FIXED;
	threshold->value = strtod(number, &end);
	return end == number || *end || !(threshold->value >= 0 && threshold->value <= 1) ? -1 : 0;
}

/* How good it is to call so many of the positives and negatives. */
static double
worth(const struct hmm_threshold *threshold, const double called[2], const double of[2])
{
	switch (threshold->rule) {
	case HMM_THRESHOLD_YOUDEN: /* over one denominator, so that equals are equal */
		return called[1] * of[0] - called[0] * of[1];
	case HMM_THRESHOLD_F1:
		return called[1] / (called[0] + called[1] + of[1]);
	default: /* of those with enough sensitivity the highest threshold */
		return called[1] >= threshold->value * of[1] * (1 - 1e-12)
		           ? -called[0] - called[1]
		           : called[1] - 2 * (of[0] + of[1]) - 1;
	}
}

double
hmm_threshold_best(
    const struct hmm_threshold *threshold, const struct hmm_scored *sorted, size_t count)
{
	const int highest = threshold->rule == HMM_THRESHOLD_SENSITIVITY;
	double of[2] = {0, 0}, called[2], best = -HUGE_VAL, at = 0, candidate = 0;
	for (size_t i = 0; i < count; i++)
		of[sorted[i].label]++;
	called[0] = of[0];
	called[1] = of[1];
	for (size_t i = 0, next = 1;; next++) {
		for (; i < count && !(sorted[i].score > candidate); i++)
			called[sorted[i].label]--;
		const double here = worth(threshold, called, of);
		if (here > best || (highest && here >= best)) {
			best = here;
			at = candidate;
		}
		if (candidate >= 1)
			return at;
		while (next < count && sorted[next].score == sorted[next - 1].score)
			next++;
		candidate = next < count ? (sorted[next - 1].score + sorted[next].score) / 2 : 1;
	}
}

/* The first row of a split, or the number of all rows. */
static size_t
find_split(const struct hmm_predictions *predictions, const char *split)
{
	size_t i = 0;
	while (i < predictions->count && strcmp(predictions->prediction[i].split, split))
		i = hmm_predictions_end(predictions, i);
	return i;
}

/* Choose the threshold of one run, and say so. 0, or -1 reported: its rows cannot choose. */
static int
choose(double *value, const struct hmm_threshold *threshold, struct hmm_scored *rows, size_t count,
    const struct hmm_prediction *prediction, const char *name)
{
	static const char *const rules[] = {"fixed", "youden", "f1", "sensitivity"};
	const int one = !strcmp(prediction->run, "n/a");
	size_t events = 0;
	for (size_t i = 0; i < count; i++)
		events += (size_t)rows[i].label;
	if (!events || events == count)
		return hmm_error("%s: split %s%s%s: all %zu labels are %d, want both to choose a threshold",
		    name, prediction->split, one ? "" : ", run ", one ? "" : prediction->run, count,
		    prediction->label);
	hmm_metrics_sort(rows, count);
	*value = hmm_threshold_best(threshold, rows, count);
	if (threshold->rule == HMM_THRESHOLD_SENSITIVITY) {
		size_t called = 0;
		for (size_t i = 0; i < count; i++)
			called += rows[i].label && rows[i].score > *value;
		const double reached = (double)called / (double)events;
		if (reached < threshold->value * (1 - 1e-12))
			hmm_warn(
			    "%s: split %s%s%s: no threshold has a sensitivity of %g, the most is %.3g: other "
			    "positives have a probability of 0",
			    name, prediction->split, one ? "" : ", run ", one ? "" : prediction->run,
			    threshold->value, reached);
	}
	hmm_say("%s: threshold %.9g by %s, of split %s%s%s: n %zu, %zu events", name, *value,
	    rules[threshold->rule], prediction->split, one ? "" : ", run ", one ? "" : prediction->run,
	    count, events);
	return 0;
}

int
hmm_thresholds_open(struct hmm_thresholds *thresholds, const struct hmm_threshold *threshold,
    const struct hmm_predictions *predictions)
{
	const char *name = predictions->table->name;
	*thresholds = (struct hmm_thresholds){.fixed = threshold->value};
	if (threshold->rule == HMM_THRESHOLD_FIXED)
		return 0;
	size_t first = find_split(predictions, "cal");
	if (first == predictions->count) {
		first = find_split(predictions, "val");
		if (first == predictions->count)
			return hmm_error(
			    "%s: no row of split 'cal' or 'val', want one to choose a threshold", name);
		hmm_warn("%s: no split cal: the threshold is chosen on val, which has chosen the model too",
		    name);
	}
	if (hmm_overlap_warn(predictions, predictions->prediction[first].split))
		return -1;
	const size_t end = hmm_predictions_end(predictions, first);
	struct hmm_system system = {0};
	struct hmm_prediction *prediction = hmm_alloc(end - first, sizeof(*prediction));
	size_t count = 0;
	for (size_t i = first; i < end && prediction; i++)
		if (!predictions->prediction[i].observed) /* whole sets alone */
			prediction[count++] = predictions->prediction[i];
	int bad = !prediction || hmm_system_open(&system, prediction, prediction, count);
	if (!bad) {
		thresholds->run = hmm_alloc(system.runs, sizeof(*thresholds->run));
		thresholds->value = hmm_alloc(system.runs, sizeof(*thresholds->value));
		bad = !thresholds->run || !thresholds->value;
	}
	for (size_t r = 0, start = 0; r < system.runs && !bad; start = system.end[r++]) {
		thresholds->run[thresholds->runs] = prediction[start].run;
		bad = choose(&thresholds->value[thresholds->runs++], threshold, system.rows + start,
		    system.end[r] - start, &prediction[start], name);
	}
	hmm_system_close(&system);
	free(prediction);
	return bad ? -1 : 0;
}

void
hmm_thresholds_close(struct hmm_thresholds *thresholds)
{
	free(thresholds->run);
	free(thresholds->value);
	*thresholds = (struct hmm_thresholds){0};
}

int
hmm_thresholds_call(const struct hmm_thresholds *thresholds, struct hmm_system *system,
    const struct hmm_prediction *prediction, const char *name)
{
	for (size_t r = 0, start = 0; r < system->runs; start = system->end[r++]) {
		double value = thresholds->fixed;
		size_t k = 0;
		while (k < thresholds->runs && strcmp(thresholds->run[k], prediction[start].run))
			k++;
		if (k < thresholds->runs)
			value = thresholds->value[k];
		else if (thresholds->runs)
			return hmm_error(
			    "%s: run '%s' has no rows to choose its threshold on", name, prediction[start].run);
		hmm_metrics_call(system->rows + start, system->end[r] - start, value);
	}
	return 0;
}
