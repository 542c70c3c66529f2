#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/score/shortcuts.h"

static const char *const verdicts[] = {NULL, "ok", "shortcut", "prone", "too few"};

/* Everybody's logit in another table of the same split and run. 0, or -1 reported. */
static int
read_presence(double *logit, const struct hmm_patients *cohort, const struct hmm_predictions *from,
    const struct hmm_shortcuts_options *options)
{
	struct hmm_names names = {0};
	const struct hmm_prediction *row = from->prediction;
	int bad = 0;
	for (size_t i = 0; i < cohort->count; i++)
		logit[i] = (double)NAN;
	for (size_t i = 0; i < cohort->count && !bad; i++)
		bad = hmm_names_add(&names, cohort->subject[i].name) < 0;
	for (size_t k = 0; k < from->count && !bad; k++) {
		const long i = hmm_names_find(&names, row[k].subject);
		if (i < 0 || strcmp(row[k].split, options->split) ||
		    (options->run && strcmp(row[k].run, options->run)))
			continue;
		if (!isnan(logit[i]) || !isfinite(row[k].logit))
			bad = hmm_error("%s: row %zu: subject '%s' stands there twice, or without a logit",
			    from->table->name, row[k].row + 1, row[k].subject);
		logit[i] = row[k].logit;
	}
	for (size_t i = 0; i < cohort->count && !bad; i++)
		if (isnan(logit[i]))
			bad = hmm_error("%s: no row of subject '%s' of split %s", from->table->name,
			    cohort->subject[i].name, options->split);
	hmm_names_close(&names);
	return bad ? -1 : 0;
}

/* Warn of what makes many checks n/a. */
static void
warn(const char *name, const struct hmm_patients *cohort, const char *split)
{
	size_t positives = 0;
	for (size_t i = 0; i < cohort->count; i++)
		positives += (size_t)cohort->subject[i].label;
	if (!positives || positives == cohort->count)
		hmm_warn("%s: split %s: all %zu labels are %d; every check is n/a", name, split,
		    cohort->count, positives > 0);
	if (!cohort->subsets)
		hmm_warn(
		    "%s: split %s: no rows of subsets (hmm-setsum --subsets all); what cuts modalities "
		    "is n/a",
		    name, split);
}

/* Warn where so few replicates cannot show a shortcut, whatever there is. */
static void
warn_of_least(const char *name, const struct hmm_shortcut *found, size_t count)
{
	static const double significant = .05;
	double least = (double)NAN;
	for (size_t k = 0; k < count; k++)
		least = fmin(least, found[k].least); /* of a NaN the other one */
	if (least > significant)
		hmm_warn("%s: so few replicates and patients that p_holm cannot be less than %.2g, and "
		         "nothing is called a shortcut: want a larger --bootstrap",
		    name, fmin(1, least));
}

static void
write_found(FILE *file, const struct hmm_shortcut *found)
{
	hmm_table_write(file, found->check, 1);
	hmm_table_write(file, found->modality, 0);
	hmm_table_write_number(file, found->value);
	hmm_table_write_number(file, found->interval.low);
	hmm_table_write_number(file, found->interval.high);
	hmm_table_write_number(file, found->reference);
	hmm_table_write_number(file, found->excess);
	hmm_table_write_number(file, found->excess_interval.low);
	hmm_table_write_number(file, found->excess_interval.high);
	hmm_table_write_number(file, found->p);
	hmm_table_write_number(file, found->p_holm);
	fprintf(file, "\t%zu\t%zu", found->n, found->positives);
	hmm_table_write_number(file, found->effective);
	hmm_table_write(file, verdicts[found->verdict], 0);
	putc('\n', file);
}

int
hmm_shortcuts_write(FILE *file, const struct hmm_predictions *predictions,
    const struct hmm_predictions *presence, const struct hmm_shortcuts_options *options)
{
	struct hmm_patients cohort;
	struct hmm_shortcut *found = NULL;
	double *logit = NULL;
	int bad = hmm_patients_open(
	    &cohort, predictions, options->split, options->from, options->run, options->seed);
	const size_t count = hmm_shortcuts_count(cohort.modalities.count);
	if (!bad) {
		warn(predictions->table->name, &cohort, options->split);
		found = hmm_alloc(count, sizeof(*found));
		logit = hmm_alloc(cohort.count, sizeof(*logit));
	}
	bad = bad || !found || !logit ||
	      (presence && read_presence(logit, &cohort, presence, options)) ||
	      hmm_shortcuts_run(found, &cohort, presence ? logit : NULL, options);
	if (!bad)
		warn_of_least(predictions->table->name, found, count);
	if (!bad)
		fputs("check\tmodality\tvalue\tlow\thigh\treference\texcess\texcess_low\texcess_high\tp\t"
		      "p_holm\tn\tpositives\tn_effective\tverdict\n",
		    file);
	for (size_t k = 0; k < count && !bad; k++)
		write_found(file, &found[k]);
	free(found);
	free(logit);
	hmm_patients_close(&cohort);
	return bad ? -1 : 0;
}
