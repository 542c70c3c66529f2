#include "hmm/score/cohort.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/base/random.h"

enum { DRAW = 41 }; /* a stream of random numbers */

int
hmm_patterns_open(
    struct hmm_patterns *patterns, const struct hmm_prediction *prediction, size_t count)
{
	*patterns = (struct hmm_patterns){.of = hmm_alloc_raw(count, sizeof(*patterns->of))};
	if (!patterns->of)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const char *name = prediction[i].modalities ? prediction[i].modalities : "n/a";
		const long number = hmm_names_add(&patterns->names, name);
		if (number < 0)
			return -1;
		patterns->of[i] = (size_t)number;
	}
	size_t *now = hmm_alloc_raw(patterns->names.count, sizeof(*now));
	const int bad = !now || hmm_names_sort(&patterns->names, now);
	for (size_t i = 0; i < count && !bad; i++)
		patterns->of[i] = now[patterns->of[i]];
	free(now);
	return bad ? -1 : 0;
}

void
hmm_patterns_close(struct hmm_patterns *patterns)
{
	hmm_names_close(&patterns->names);
	free(patterns->of);
	*patterns = (struct hmm_patterns){0};
}

static int
holds(const char *whole, const char *modality, size_t length)
{
	for (;;) {
		const size_t here = strcspn(whole, "+");
		if (here == length && !memcmp(whole, modality, length))
			return 1;
		if (!whole[here])
			return 0;
		whole += here + 1;
	}
}

int
hmm_patterns_within(const char *part, const char *whole)
{
	for (;;) {
		const size_t length = strcspn(part, "+");
		if (!holds(whole, part, length))
			return 0;
		if (!part[length])
			return 1;
		part += length + 1;
	}
}

/* By group; within one by what the rows are, so that no draw depends on the order of a table. */
static int
by_group(const void *left, const void *right)
{
	const struct hmm_prediction *a = ((const struct hmm_member *)left)->row;
	const struct hmm_prediction *b = ((const struct hmm_member *)right)->row;
	if (a->group != b->group)
		return (a->group > b->group) - (a->group < b->group);
	const int order = strcmp(a->subject, b->subject);
	return order ? order : (a->logit > b->logit) - (a->logit < b->logit);
}

static int
by_pattern(const void *left, const void *right)
{
	const struct hmm_member *a = left, *b = right;
	const int order = (a->pattern > b->pattern) - (a->pattern < b->pattern);
	return order ? order : by_group(left, right);
}

int
hmm_cohort_open(struct hmm_cohort *cohort, const struct hmm_prediction *prediction, size_t count,
    const char *const *group, const struct hmm_patterns *patterns, const char *run,
    const char *split, uint64_t seed)
{
	*cohort = (struct hmm_cohort){.patterns = patterns->names.count,
	    .group = group,
	    .seed = seed,
	    .member = hmm_alloc_raw(count, sizeof(*cohort->member)),
	    .whole = hmm_alloc_raw(count, sizeof(*cohort->whole)),
	    .start = hmm_alloc(patterns->names.count + 1, sizeof(*cohort->start)),
	    .sets = hmm_alloc(patterns->names.count, sizeof(*cohort->sets))};
	if (!cohort->member || !cohort->whole || !cohort->start || !cohort->sets)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct hmm_prediction *row = &prediction[i];
		const struct hmm_member member = {row, patterns->of[i]};
		if (row->label < 0 || strcmp(row->split, split) || strcmp(row->run, run))
			continue;
		cohort->member[cohort->count++] = member;
		cohort->start[member.pattern + 1]++;
		if (row->observed)
			continue;
		cohort->sets[member.pattern]++;
		cohort->whole[cohort->wholes++] = member;
	}
	for (size_t i = 0; i < cohort->patterns; i++)
		cohort->start[i + 1] += cohort->start[i];
	qsort(cohort->member, cohort->count, sizeof(*cohort->member), by_pattern);
	qsort(cohort->whole, cohort->wholes, sizeof(*cohort->whole), by_group);
	return 0;
}

void
hmm_cohort_close(struct hmm_cohort *cohort)
{
	free(cohort->member);
	free(cohort->whole);
	free(cohort->start);
	free(cohort->sets);
	*cohort = (struct hmm_cohort){0};
}

/* One of each group of the members, which lie together. */
static size_t
draw(struct hmm_member *drawn, const struct hmm_cohort *cohort, const struct hmm_member *member,
    size_t count, int subsets)
{
	size_t used = 0, first = 0; /* of drawn, and of its own group there */
	for (size_t i = 0; i < count; i++) {
		const size_t group = member[i].row->group;
		if (subsets || !member[i].row->observed)
			drawn[used++] = member[i];
		if ((i + 1 < count && member[i + 1].row->group == group) || used == first)
			continue;
		const struct hmm_place place = {
		    .seed = cohort->seed, .subject = hmm_random_name(cohort->group[group]), .stream = DRAW};
		const double chosen = hmm_random_uniform(place, 0) * (double)(used - first);
		drawn[first] = drawn[first + (size_t)chosen];
		used = ++first;
	}
	return used;
}

size_t
hmm_cohort_draw_whole(struct hmm_member *drawn, const struct hmm_cohort *cohort)
{
	return draw(drawn, cohort, cohort->whole, cohort->wholes, 0);
}

size_t
hmm_cohort_draw_own(struct hmm_member *drawn, const struct hmm_cohort *cohort, size_t pattern)
{
	const size_t first = cohort->start[pattern];
	return draw(drawn, cohort, cohort->member + first, cohort->start[pattern + 1] - first, 0);
}

size_t
hmm_cohort_draw_cut(struct hmm_member *drawn, const struct hmm_cohort *cohort, size_t pattern)
{
	const size_t first = cohort->start[pattern];
	return draw(drawn, cohort, cohort->member + first, cohort->start[pattern + 1] - first, 1);
}

size_t
hmm_cohort_uncut(
    const struct hmm_cohort *cohort, const struct hmm_patterns *patterns, size_t pattern)
{
	const char *name = patterns->names.name[pattern];
	const size_t cut = cohort->start[pattern + 1] - cohort->start[pattern] - cohort->sets[pattern];
	size_t more = 0;
	for (size_t other = 0; other < cohort->patterns; other++)
		if (other != pattern && cohort->sets[other] &&
		    hmm_patterns_within(name, patterns->names.name[other]))
			more += cohort->sets[other];
	return more > cut ? more - cut : 0;
}
