#include "hmm/data/drop.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/list.h"
#include "hmm/data/mechanism.h"
#include "hmm/base/random.h"

static int
by_key(const void *left, const void *right)
{
	const struct hmm_drop_subject *a = left, *b = right;
	const int order = strcmp(a->split, b->split);
	if (order)
		return order;
	if (a->bar != b->bar)
		return a->bar < b->bar ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* Every name in the list must be some subject's split. */
static int
check_splits(const char *list, const struct hmm_drop_subject *subjects, size_t count)
{
	for (const char *at = list; *at;) {
		const size_t span = strcspn(at, ",");
		size_t i = 0;
		while (i < count && (strncmp(subjects[i].split, at, span) || subjects[i].split[span]))
			i++;
		if (i == count)
			return hmm_error("no line has split '%.*s'", (int)span, at);
		at += span + (at[span] == ',');
	}
	return 0;
}

static int
is_in(const struct hmm_drop_subject *subject, const struct hmm_drop_options *options)
{
	return !options->splits ||
	       hmm_list_has(options->splits, subject->split, strlen(subject->split));
}

/* Find everybody's bar, and the intercept. 0, or -1 reported. */
static int
set_bars(double *intercept, struct hmm_drop_subject *subjects, size_t count,
    const struct hmm_drop_options *options)
{
	double *value = hmm_alloc(count, sizeof(*value));
	size_t found = 0;
	int bad = !value, differ = 0;
	for (size_t i = 0; i < count && !bad; i++)
		if (subjects[i].has && is_in(&subjects[i], options)) {
			value[found++] = subjects[i].value;
			differ |= value[found - 1] > *value || value[found - 1] < *value;
		}
	const double first = bad || !found ? 0 : *value;
	if (found && strcmp(options->by, "label"))
		differ = differ && !hmm_mechanism_standardise(value, found);
	if (found && !differ)
		bad = hmm_error("column '%s' is %g in all that have '%s', want what differs", options->by,
		    first, options->modality);
	if (!bad)
		*intercept = hmm_mechanism_intercept(value, found, options->gamma, options->rate);
	found = 0;
	for (size_t i = 0; i < count && !bad; i++) {
		struct hmm_drop_subject *subject = &subjects[i];
		subject->bar = (double)INFINITY;
		if (!subject->has || !is_in(subject, options))
			continue;
		subject->value = value[found++];
		subject->bar = hmm_mechanism_bar(
		    (double)(subject->key >> 11) * 0x1p-53, options->gamma, subject->value);
	}
	free(value);
	return bad ? -1 : 0;
}

/* How many were lost of one split, by label where that decides. */
static void
say_rate(const struct hmm_drop_subject *subjects, size_t count, double intercept,
    const struct hmm_drop_options *options)
{
	size_t has[2] = {0, 0}, dropped[2] = {0, 0};
	double want = 0;
	char labels[120] = "";
	const int by_label = !strcmp(options->by, "label");
	for (size_t i = 0; i < count; i++) {
		const int label = by_label && subjects[i].value > 0;
		if (!subjects[i].has)
			continue;
		has[label]++;
		dropped[label] += (size_t)subjects[i].drop;
		want += hmm_mechanism_probability(intercept, options->gamma, subjects[i].value);
	}
	if (by_label)
		snprintf(labels, sizeof(labels), ": %zu of %zu of label 0, %zu of %zu of label 1",
		    dropped[0], has[0], dropped[1], has[1]);
	if (has[0] + has[1])
		hmm_say("split %s: '%s' dropped from %zu of %zu %s, %.1f expected%s", subjects->split,
		    options->modality, dropped[0] + dropped[1], has[0] + has[1],
		    options->each ? "lines" : "subjects", want, labels);
}

/* Choose among the sorted subjects of one split: how many have the modality. */
static size_t
choose(struct hmm_drop_subject *subjects, size_t count, double intercept,
    const struct hmm_drop_options *options)
{
	size_t has = 0, dropped = 0, above = 0;
	for (size_t i = 0; i < count; i++) {
		has += (size_t)subjects[i].has;
		above += (size_t)(subjects[i].has && subjects[i].bar < intercept);
	}
	const size_t want = options->by ? above : (size_t)floor(options->rate * (double)has + .5);
	for (size_t i = 0; i < count && (options->by ? subjects[i].bar < intercept : dropped < want);
	     i++) {
		size_t *left = subjects[i].left;
		subjects[i].drop = subjects[i].has && (left ? *left > 1 : subjects[i].other);
		dropped += (size_t)subjects[i].drop;
		if (left)
			*left -= (size_t)subjects[i].drop;
	}
	if (options->by)
		say_rate(subjects, count, intercept, options);
	if (dropped < want)
		hmm_warn("split %s: '%s' dropped from %zu %s, want %zu of %zu: the rest has nothing else",
		    subjects->split, options->modality, dropped, options->each ? "lines" : "subjects", want,
		    has);
	return has;
}

int
hmm_drop_choose(
    struct hmm_drop_subject *subjects, size_t count, const struct hmm_drop_options *options)
{
	size_t has = 0;
	double intercept = 0;
	if (options->splits && check_splits(options->splits, subjects, count))
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct hmm_place place = {.seed = options->seed,
		    .epoch = options->repeat,
		    .subject = hmm_random_name(subjects[i].name)};
		subjects[i].key = hmm_random_bits(place, hmm_random_name(options->modality));
		subjects[i].drop = 0;
		subjects[i].bar = 0;
	}
	if (options->by && set_bars(&intercept, subjects, count, options))
		return -1;
	if (count)
		qsort(subjects, count, sizeof(*subjects), by_key);
	for (size_t i = 0, end; i < count; i = end) {
		const char *split = subjects[i].split;
		for (end = i + 1; end < count && !strcmp(subjects[end].split, split);)
			end++;
		if (is_in(&subjects[i], options))
			has += choose(subjects + i, end - i, intercept, options);
	}
	char also[300] = "";
	if (options->label >= 0)
		snprintf(also, sizeof(also), " and label %d", options->label);
	if (options->by)
		snprintf(
		    also + strlen(also), sizeof(also) - strlen(also), " and a known '%s'", options->by);
	return has ? 0
	           : hmm_error("nobody%s%s has a modality that matches '%s'%s",
	                 options->splits ? " in split " : "", options->splits ? options->splits : "",
	                 options->modality, also);
}
