#include "folds.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/data/split.h"

/* What the items of a group say. */
struct group {
	int known, several, event; /* several: of the labels 0 and 1, of the classes */
	size_t class;              /* or the label, 0, 1 */
	double number;             /* the largest value; the latest time, of an event if it has one */
	const char *name;
	size_t index;
};

static void
take(struct group *group, const struct hmm_item *item, enum hmm_target target)
{
	const int event = target == HMM_TIME && item->label == 1;
	const size_t class = target == HMM_BINARY || target == HMM_CLASSES ? (size_t)item->label : 0;
	group->several |= group->known && class != group->class;
	group->class = class;
	if (!group->known || event > group->event ||
	    (event == group->event && item->truth > group->number)) {
		group->event = event;
		group->number = item->truth;
	}
	group->known = 1;
}

/* The groups' numbers into of[count], and what they say into group[]. */
static int
number_groups(struct hmm_names *names, size_t *of, struct group *group,
    const struct hmm_items *items, enum hmm_target target)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct hmm_sample *sample = items->item[i].image[0].sample;
		const long found = hmm_names_add(names, sample->group[0] ? sample->group : sample->subject);
		if (found < 0)
			return -1;
		of[i] = (size_t)found;
		take(&group[found], &items->item[i], target);
	}
	for (size_t g = 0; g < names->count; g++) {
		group[g].name = names->name[g];
		group[g].index = g;
	}
	return 0;
}

static int
by_number(const void *left, const void *right)
{
	const struct group *a = left, *b = right;
	if (a->event != b->event)
		return a->event - b->event;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void
find_strata(struct hmm_split_unit *units, struct group *group, size_t count,
    const struct hmm_objective *objective)
{
	enum { QUARTERS = 4 };
	static const enum hmm_stratum binary[] = {HMM_ALL_0, HMM_ALL_1};
	const int ordered = objective->target == HMM_VALUE || objective->target == HMM_TIME;
	size_t some[2] = {0, 0}, place[2] = {0, 0};
	if (ordered)
		qsort(group, count, sizeof(*group), by_number);
	for (size_t g = 0; g < count; g++)
		some[group[g].event]++;
	for (size_t g = 0; g < count; g++) {
		const struct group *one = &group[g];
		size_t stratum = one->several ? objective->classes.count : one->class;
		if (objective->target == HMM_BINARY)
			stratum = one->several ? HMM_MIXED : binary[one->class];
		if (ordered)
			stratum =
			    (size_t)one->event * QUARTERS + place[one->event]++ * QUARTERS / some[one->event];
		units[one->index] = (struct hmm_split_unit){
		    .name = one->name, .index = one->index, .stratum = (unsigned)stratum};
	}
}

int
folds_deal(size_t *fold, const struct hmm_items *items, const struct hmm_objective *objective,
    long folds, uint64_t seed)
{
	const size_t count = items->count;
	struct hmm_names names = {0};
	size_t *of = hmm_alloc(count, sizeof(*of)), *own = hmm_alloc(count, sizeof(*own));
	struct group *group = hmm_alloc(count, sizeof(*group));
	struct hmm_split_unit *units = hmm_alloc(count, sizeof(*units));
	int bad = !of || !own || !group || !units ||
	          number_groups(&names, of, group, items, objective->target);
	if (!bad) {
		find_strata(units, group, names.count, objective);
		bad = hmm_split_folds(own, units, names.count, folds, seed);
	}
	for (size_t i = 0; i < count && !bad; i++)
		fold[i] = own[of[i]];
	hmm_names_close(&names);
	free(of);
	free(own);
	free(group);
	free(units);
	return bad ? -1 : 0;
}
