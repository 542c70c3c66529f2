#include "hmm/data/drop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/data/list.h"
#include "hmm/base/random.h"

static int
by_key(const void *left, const void *right)
{
	const struct hmm_drop_subject *a = left, *b = right;
	const int order = strcmp(a->split, b->split);
	if (order)
		return order;
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

/* Choose among the sorted subjects of one split: how many have the modality. */
static size_t
choose(struct hmm_drop_subject *subjects, size_t count, const struct hmm_drop_options *options)
{
	size_t has = 0, dropped = 0;
	for (size_t i = 0; i < count; i++)
		has += (size_t)subjects[i].has;
	const size_t want = (size_t)floor(options->rate * (double)has + .5);
	for (size_t i = 0; i < count && dropped < want; i++) {
		size_t *left = subjects[i].left;
		subjects[i].drop = subjects[i].has && (left ? *left > 1 : subjects[i].other);
		dropped += (size_t)subjects[i].drop;
		if (left)
			*left -= (size_t)subjects[i].drop;
	}
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
	if (options->splits && check_splits(options->splits, subjects, count))
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct hmm_place place = {.seed = options->seed,
		    .epoch = options->repeat,
		    .subject = hmm_random_name(subjects[i].name)};
		subjects[i].key = hmm_random_bits(place, hmm_random_name(options->modality));
		subjects[i].drop = 0;
	}
	if (count)
		qsort(subjects, count, sizeof(*subjects), by_key);
	for (size_t i = 0, end; i < count; i = end) {
		const char *split = subjects[i].split;
		for (end = i + 1; end < count && !strcmp(subjects[end].split, split);)
			end++;
		if (!options->splits || hmm_list_has(options->splits, split, strlen(split)))
			has += choose(subjects + i, end - i, options);
	}
	return has ? 0
	           : hmm_error("nobody%s%s has a modality that matches '%s'",
	                 options->splits ? " in split " : "", options->splits ? options->splits : "",
	                 options->modality);
}
