#include "hmm/score/patients.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/base/number.h"
#include "hmm/base/random.h"

size_t
hmm_patients_place(unsigned own, unsigned subset)
{
	size_t place = 0, bit = 1;
	for (unsigned left = own; left; left &= left - 1, bit *= 2)
		place |= subset & left & (~left + 1) ? bit : 0;
	return place;
}

double
hmm_patients_logit(const struct hmm_patients_subject *subject, unsigned subset)
{
	return subset == subject->own ? subject->logit
	                              : subject->subsets[hmm_patients_place(subject->own, subset)];
}

/* A cohort while it is read. */
struct reading {
	struct hmm_patients *cohort;
	const struct hmm_predictions *predictions;
	const char *run;
};

static int
complain(const struct reading *reading, const struct hmm_prediction *row, const char *what)
{
	return hmm_error("%s: row %zu: subject '%s' of split %s %s", reading->predictions->table->name,
	    row->row + 1, row->subject, row->split, what);
}

/* The rows of a split and run: where they begin, and how many. -1, reported: there are several
 * runs and none is wanted. */
static int
find_rows(size_t *first, size_t *count, const struct reading *reading, const char *split)
{
	const struct hmm_predictions *all = reading->predictions;
	const char *run = reading->run;
	*first = *count = 0;
	for (size_t i = 0; i < all->count; i++) {
		const struct hmm_prediction *row = &all->prediction[i];
		if (strcmp(row->split, split) || (run && strcmp(row->run, run)))
			continue;
		*first = *count ? *first : i;
		(*count)++;
		if (strcmp(row->run, all->prediction[*first].run))
			return hmm_error("%s: split %s has runs '%s' and '%s', want --run with one of them: "
			                 "their models differ",
			    all->table->name, split, all->prediction[*first].run, row->run);
	}
	return 0;
}

/* The modalities of "a+b" as bits, new ones added where `add` is 1. -1, reported. */
static long
read_set(const struct reading *reading, const struct hmm_prediction *row, const char *text, int add)
{
	struct hmm_names *names = &reading->cohort->modalities;
	long set = 0;
	char *copy = hmm_strdup(text), *rest = copy;
	int bad = !copy;
	while (!bad && rest) {
		char *name = rest;
		rest = strchr(rest, '+');
		if (rest)
			*rest++ = '\0';
		const long bit = add ? hmm_names_add(names, name) : hmm_names_find(names, name);
		bad = bit < 0 || bit >= HMM_PATIENTS_MODALITIES;
		if (bit >= HMM_PATIENTS_MODALITIES)
			complain(reading, row, "brings a 17th modality, want at most 16");
		else if (bit < 0 && !add)
			complain(reading, row, "has a subset with what it does not have");
		set |= bad ? 0 : 1L << bit;
	}
	free(copy);
	return bad ? -1 : set;
}

/* Name all modalities of whole sets, so that their order is that of their names. 0, or -1 reported.
 */
static int
read_names(struct reading *reading, size_t first, size_t count)
{
	const struct hmm_predictions *all = reading->predictions;
	const int imputed = hmm_table_find(all->table, "imputed");
	for (size_t i = first; i < first + count; i++) {
		const struct hmm_prediction *row = &all->prediction[i];
		if (!row->modalities)
			return complain(reading, row, "has no modalities, want what hmm-rho writes there");
		if (hmm_table_cell(all->table, row->row, imputed))
			return complain(reading, row, "has imputed modalities, want those observed alone");
		if (!isfinite(row->logit))
			return complain(
			    reading, row, "has no finite logit, want the column that hmm-rho writes");
		if (!row->observed && read_set(reading, row, row->modalities, 1) < 0)
			return -1;
	}
	return 0;
}

/* Read the `count` rows of one subject, and put its subsets' logits at `logit`. 0, or -1 reported.
 */
static int
read_subject(struct reading *reading, const struct hmm_prediction *row, size_t count, double *logit)
{
	struct hmm_patients *cohort = reading->cohort;
	const long own = row->observed ? -1 : read_set(reading, row, row->modalities, 0);
	if (row->observed)
		return complain(reading, row, "has a subset but no whole set");
	if (own < 0)
		return -1;
	const size_t all = ((size_t)1 << hmm_bits_count((uint64_t)own)) - 1;
	if (count > 1 && !row[1].observed)
		return complain(reading, row, "stands there twice");
	if (count > 1 && count != all)
		return hmm_error("%s: subject '%s' of split %s has rows of %zu of its %zu sets of "
		                 "modalities, want all (hmm-setsum --subsets all)",
		    reading->predictions->table->name, row->subject, row->split, count, all);
	cohort->subsets &= count == all;
	cohort->subject[cohort->count++] = (struct hmm_patients_subject){.name = row->subject,
	    .group = row->group,
	    .label = row->label,
	    .own = (unsigned)own,
	    .logit = row->logit,
	    .subsets = count == all ? logit : NULL};
	for (size_t i = 0; i < count && count == all; i++) {
		const long set = read_set(reading, &row[i], row[i].modalities, 0);
		if (set < 0)
			return -1;
		double *here = &logit[hmm_patients_place((unsigned)own, (unsigned)set)];
		if ((set & ~own) || !isnan(*here) || row[i].label != row->label)
			return complain(reading, &row[i],
			    "has a subset twice, of another label, or with what "
			    "it does not have");
		*here = row[i].logit;
	}
	return 0;
}

static int
by_group(const void *left, const void *right)
{
	const struct hmm_patients_subject *a = left, *b = right;
	return a->group != b->group ? (a->group > b->group) - (a->group < b->group)
	                            : strcmp(a->name, b->name);
}

/* Read the subjects of the split. 0, or -1 reported. */
static int
read_subjects(struct reading *reading, size_t first, size_t count)
{
	struct hmm_patients *cohort = reading->cohort;
	const struct hmm_prediction *row = reading->predictions->prediction + first;
	size_t used = 0, partly = 0;
	/* a subject's array has one place more than its rows */
	cohort->subject = hmm_alloc(count, sizeof(*cohort->subject));
	cohort->logit = hmm_alloc(count, 2 * sizeof(*cohort->logit));
	if (!cohort->subject || !cohort->logit)
		return -1;
	for (size_t i = 0; i < 2 * count; i++)
		cohort->logit[i] = (double)NAN;
	cohort->subsets = 1;
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && !strcmp(row[end].subject, row[i].subject);)
			end++;
		partly += end - i > 1;
		if (read_subject(reading, &row[i], end - i, cohort->logit + used))
			return -1;
		used += end - i + 1;
	}
	if (partly && !cohort->subsets)
		return hmm_error("%s: split %s: some subjects have no rows of subsets, want all of all "
		                 "(hmm-setsum --subsets all)",
		    reading->predictions->table->name, row->split);
	qsort(cohort->subject, cohort->count, sizeof(*cohort->subject), by_group);
	return 0;
}

/* Read the patterns that presence is learned from, but not those of a group that is checked: a
 * label would tell itself. checked[groups] is 1 for these. 0, or -1 reported. */
static int
read_others(struct reading *reading, size_t first, size_t count, char *checked)
{
	enum { COUNTED = 2 };
	struct hmm_patients *cohort = reading->cohort;
	size_t both = 0;
	for (size_t i = first; i < first + count; i++) {
		const struct hmm_prediction *row = &reading->predictions->prediction[i];
		const long own = row->observed ? 0 : read_set(reading, row, row->modalities, 0);
		if (own < 0)
			return -1;
		both += checked[row->group] == 1;
		if (checked[row->group])
			checked[row->group] = COUNTED;
		else if (!row->observed)
			cohort->train[cohort->trained++] =
			    (struct hmm_patients_pattern){(unsigned)own, row->label};
	}
	if (both)
		hmm_warn("%s: split %s: %zu patients are checked too: presence is learned from the others",
		    reading->predictions->table->name, reading->predictions->prediction[first].split, both);
	return 0;
}

static int
read_patterns(struct reading *reading, size_t first, size_t count)
{
	struct hmm_patients *cohort = reading->cohort;
	char *checked = hmm_alloc(cohort->groups, 1);
	cohort->train = hmm_alloc(count, sizeof(*cohort->train));
	int bad = !checked || !cohort->train;
	for (size_t i = 0; i < cohort->count && !bad; i++)
		checked[cohort->subject[i].group] = 1;
	bad = bad || read_others(reading, first, count, checked);
	free(checked);
	return bad ? -1 : 0;
}

void
hmm_patients_draw(struct hmm_patients *cohort, const char *const *groups, uint64_t seed)
{
	enum { DRAWN = 1 };
	for (size_t i = 0, end; i < cohort->count; i = end) {
		const size_t group = cohort->subject[i].group;
		const struct hmm_place place = {.seed = seed,
		    .subject = groups ? hmm_random_name(groups[group]) : (uint32_t)group,
		    .stream = DRAWN};
		for (end = i; end < cohort->count && cohort->subject[end].group == group;)
			cohort->subject[end++].drawn = 0;
		cohort->subject[i + hmm_random_bits(place, 0) % (end - i)].drawn = 1;
	}
}

int
hmm_patients_open(struct hmm_patients *cohort, const struct hmm_predictions *predictions,
    const char *split, const char *from, const char *run, uint64_t seed)
{
	struct reading reading = {cohort, predictions, run};
	size_t first, count, train, trained;
	*cohort = (struct hmm_patients){.groups = predictions->groups.names.count};
	if (!strcmp(split, from))
		return hmm_error("%s: split '%s' is to be checked and presence learned from it too, want "
		                 "two splits: labels would tell themselves",
		    predictions->table->name, split);
	if (find_rows(&first, &count, &reading, split) || find_rows(&train, &trained, &reading, from))
		return -1;
	if (!count && run)
		return hmm_error(
		    "%s: no row of split '%s' and run '%s'", predictions->table->name, split, run);
	if (!count)
		return hmm_predictions_no_split(predictions, split);
	if (!trained)
		hmm_warn("%s: no row of split '%s': nothing to learn presence from",
		    predictions->table->name, from);
	if (read_names(&reading, first, count) || read_names(&reading, train, trained) ||
	    hmm_names_sort(&cohort->modalities, NULL) || read_subjects(&reading, first, count) ||
	    read_patterns(&reading, train, trained))
		return -1;
	hmm_patients_draw(cohort, predictions->groups.names.name, seed);
	return 0;
}

void
hmm_patients_close(struct hmm_patients *cohort)
{
	hmm_names_close(&cohort->modalities);
	free(cohort->subject);
	free(cohort->train);
	free(cohort->logit);
	*cohort = (struct hmm_patients){0};
}
