#include "strata.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/names.h"

static int
find_binary(struct hmm_split_unit *units, const struct hmm_table *table,
    const struct hmm_column *groups, int label)
{
	static const enum hmm_stratum strata[] = {HMM_UNKNOWN, HMM_ALL_0, HMM_ALL_1, HMM_MIXED};
	unsigned *seen =
	    hmm_alloc(groups->names.count, sizeof(*seen)); /* bit 0: label 0, bit 1: label 1 */
	for (size_t row = 0; seen && row < table->rows; row++) {
		const int value = hmm_table_label(table, row, label);
		seen[groups->of[row]] |= value < 0 ? 0u : 1u << value;
	}
	for (size_t i = 0; seen && i < groups->names.count; i++)
		units[i].stratum = strata[seen[i]];
	free(seen);
	return seen ? 0 : -1;
}

/* ---- classes ---- */

/* The names of the classes, in order. 0, or -1 reported; close them in either case. */
static int
list_classes(struct hmm_names *names, const struct hmm_table *table, int label)
{
	enum { MOST = 1000 };
	int bad = 0;
	for (size_t row = 0; row < table->rows && !bad; row++) {
		const char *cell = hmm_table_cell(table, row, label);
		bad = cell && hmm_names_add(names, cell) < 0;
		if (!bad && names->count > MOST)
			bad = hmm_error("%s: more than %d labels, want classes", table->name, MOST);
	}
	return bad || hmm_names_sort(names, NULL) ? -1 : 0;
}

/* A stratum a class, one of the groups of several, and one of unknown ones. */
static int
find_classes(struct hmm_split_unit *units, const struct hmm_table *table,
    const struct hmm_column *groups, int label)
{
	struct hmm_names names = {0};
	const int bad = list_classes(&names, table, label);
	const unsigned several = (unsigned)names.count, unknown = several + 1;
	for (size_t i = 0; i < groups->names.count && !bad; i++)
		units[i].stratum = unknown;
	for (size_t row = 0; row < table->rows && !bad; row++) {
		const char *cell = hmm_table_cell(table, row, label);
		unsigned *stratum = &units[groups->of[row]].stratum;
		const unsigned own = cell ? (unsigned)hmm_names_find(&names, cell) : unknown;
		if (own != unknown)
			*stratum = *stratum == unknown || *stratum == own ? own : several;
	}
	hmm_names_close(&names);
	return bad;
}

/* ---- values and times ---- */

/* A group by what is known of it: of several rows the largest, an event before none. */
struct placed {
	int known, event;
	double number;
	const char *name;
	size_t index;
};

static int
by_place(const void *left, const void *right)
{
	const struct placed *a = left, *b = right;
	if (a->known != b->known)
		return b->known - a->known;
	if (a->event != b->event)
		return a->event - b->event;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* So many groups a block that a part's share of them is a whole number, if they are not many. */
static size_t
block_size(const struct hmm_split_options *options)
{
	enum { LEAST = 10, MOST = 40 };
	size_t sum = 0, size;
	for (int p = 0; p < HMM_PARTS; p++)
		sum += (size_t)options->ratio[p];
	sum = options->folds ? (size_t)options->folds : sum;
	for (size = sum; size < LEAST; size += sum)
		;
	return size > MOST ? LEAST : size;
}

static int
find_blocks(struct hmm_split_unit *units, const struct hmm_table *table,
    const struct hmm_column *groups, const struct hmm_split_options *options, const int column[2])
{
	enum { MOST = 100 };
	const size_t count = groups->names.count;
	struct placed *placed = hmm_alloc(count, sizeof(*placed));
	size_t known = 0, size = block_size(options);
	for (size_t i = 0; i < count && placed; i++)
		placed[i] = (struct placed){0, 0, 0, groups->names.name[i], i};
	for (size_t row = 0; row < table->rows && placed; row++) {
		struct hmm_known here;
		struct placed *of = &placed[groups->of[row]];
		if (hmm_target_known(&here, options->target, table, row, column[0], column[1]) != 1)
			continue;
		if (!of->known || here.event > of->event ||
		    (here.event == of->event && here.number > of->number)) {
			of->event = here.event;
			of->number = here.number;
		}
		known += !of->known;
		of->known = 1;
	}
	if (placed)
		qsort(placed, count, sizeof(*placed), by_place);
	size = known / size < MOST ? size : (known + MOST - 1) / MOST;
	for (size_t i = 0; i < count && placed; i++)
		units[placed[i].index].stratum =
		    (unsigned)(placed[i].known ? i / size : (known + size - 1) / size);
	free(placed);
	return placed ? 0 : -1;
}

int
hmm_strata_find(struct hmm_split_unit *units, const struct hmm_table *table,
    const struct hmm_column *groups, const struct hmm_split_options *options)
{
	const int column[] = {hmm_table_find(table, "label"), hmm_table_find(table, "event")};
	return options->target == HMM_BINARY    ? find_binary(units, table, groups, column[0])
	       : options->target == HMM_CLASSES ? find_classes(units, table, groups, column[0])
	                                        : find_blocks(units, table, groups, options, column);
}

/* ---- warnings ---- */

/* What train must have of: the classes, or the event. */
static const char *
name_of(const struct hmm_known *known, enum hmm_target target)
{
	return target == HMM_CLASSES ? known->name : known->event ? "1" : "0";
}

int
hmm_strata_warn(const struct hmm_table *table, char *const *parts, enum hmm_target target)
{
	const int label = hmm_table_find(table, "label"), event = hmm_table_find(table, "event");
	struct hmm_names trained = {0}, others = {0};
	int bad = 0, trains = 0;
	for (int pass = 0; pass < 2 && target != HMM_VALUE; pass++)
		for (size_t row = 0; row < table->rows && !bad; row++) {
			struct hmm_known known;
			const int train = !strcmp(parts[row], hmm_part_names[HMM_TRAIN]);
			if (train == pass || hmm_target_known(&known, target, table, row, label, event) != 1)
				continue;
			const char *name = name_of(&known, target);
			trains |= train;
			if (train || hmm_names_find(&trained, name) < 0)
				bad = hmm_names_add(train ? &trained : &others, name) < 0;
		}
	for (size_t i = 0; i < others.count && !bad && trains; i++)
		if (target == HMM_CLASSES || *others.name[i] == '1')
			hmm_warn("%s: train has no group of %s '%s'", table->name,
			    target == HMM_CLASSES ? "class" : "event", others.name[i]);
	hmm_names_close(&trained);
	hmm_names_close(&others);
	return bad ? -1 : 0;
}
