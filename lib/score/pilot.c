#include "hmm/score/pilot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "hmm/kernel/delong.h"
#include "hmm/kernel/power.h"
#include "hmm/score/system.h"

static const double wanted_power = .8;

/* The rows of a split: of one system, and of another if there is one. */
struct rows {
	const char *name;
	const struct hmm_prediction *first, *second; /* [count]; second may be NULL */
	size_t count, groups;                        /* each row's group is below that */
};

/* What is known of a metric. */
struct found {
	const char *metric;
	double value, other, variance; /* of the difference, or where there is no other of the value */
};

static size_t
count_patients(const struct hmm_delong_group *group, size_t groups)
{
	size_t patients = 0;
	for (size_t g = 0; g < groups; g++)
		patients += group[g].rows[0] || group[g].rows[1];
	return patients;
}

static int
find_areas(struct found *found, const struct rows *rows, struct hmm_delong_group *scratch)
{
	struct hmm_system first = {0}, second = {0};
	struct hmm_delong area, other = {(double)NAN, 0, 0}, difference = {0};
	int bad = hmm_system_open(&first, rows->first, rows->first, rows->count) ||
	          (rows->second && hmm_system_open(&second, rows->second, rows->first, rows->count));
	if (!bad && first.runs > 1)
		bad = hmm_error(
		    "%s: found %zu runs, want one: each is a model of its own", rows->name, first.runs);
	if (!bad) {
		hmm_system_sort(&first);
		hmm_system_sort(&second);
		if (rows->second)
			hmm_delong_area(&other, second.rows, rows->count, scratch, rows->groups);
		hmm_delong_area(&area, first.rows, rows->count, scratch, rows->groups);
		if (rows->second)
			hmm_delong_compare(
			    &difference, first.rows, second.rows, rows->count, scratch, rows->groups);
		*found = (struct found){
		    "auc", area.value, other.value, rows->second ? difference.variance : area.variance};
	}
	hmm_system_close(&first);
	hmm_system_close(&second);
	return bad ? -1 : 0;
}

static double
is_right(const struct hmm_prediction *prediction, int label, double threshold)
{
	return (prediction->probability > threshold) == label;
}

/* The variance of a mean whose rows cluster, by the sums of each group's excesses. */
static void
find_accuracy(struct found *found, const struct rows *rows, double threshold,
    struct hmm_delong_group *scratch, size_t patients)
{
	const double n = (double)rows->count, all = (double)patients;
	double right = 0, others = 0, square = 0;
	for (size_t g = 0; g < rows->groups; g++)
		scratch[g].beaten[0] = 0;
	for (size_t i = 0; i < rows->count; i++) {
		const int label = rows->first[i].label;
		const double own = is_right(&rows->first[i], label, threshold);
		const double other = rows->second ? is_right(&rows->second[i], label, threshold) : 0;
		right += own;
		others += other;
		scratch[rows->first[i].group].beaten[0] += own - other;
	}
	for (size_t g = 0; g < rows->groups; g++) {
		const double size = (double)(scratch[g].rows[0] + scratch[g].rows[1]);
		const double off = scratch[g].beaten[0] - size * (right - others) / n;
		square += off * off;
	}
	*found = (struct found){"acc", right / n, rows->second ? others / n : (double)NAN,
	    patients < 2 ? (double)NAN : all / (all - 1) * square / n / n};
}

static void
say(const struct rows *rows, const char *split, const struct found *found, size_t patients,
    double difference, double power, double needed)
{
	if (isnan(power))
		hmm_warn("%s: split %s: %zu patients do not say how much %s varies", rows->name, split,
		    patients, found->metric);
	else if (power < wanted_power)
		hmm_say("%s: split %s: %zu patients cannot show a difference of %g in %s (power %.2f); "
		        "%.0f would",
		    rows->name, split, patients, difference, found->metric, power, needed);
	else
		hmm_say("%s: split %s: %zu patients would show a difference of %g in %s (power %.2f)",
		    rows->name, split, patients, difference, found->metric, power);
}

static void
write_found(FILE *file, const struct rows *rows, const struct found *found, size_t patients,
    const struct hmm_pilot *pilot)
{
	const double two = rows->second ? 1 : 2 * (1 - pilot->correlation);
	/* what does not vary here, as where all are right, varies elsewhere */
	const double error = found->variance > 1e-24 ? sqrt(two * found->variance) : (double)NAN;
	const double power = hmm_power_of(pilot->difference, error);
	const double needed = hmm_power_count((double)patients, error, pilot->difference, wanted_power);
	hmm_table_write(file, rows->name, 1);
	hmm_table_write(file, pilot->split, 0);
	fprintf(file, "\t%s\t%zu\t%zu", found->metric, rows->count, patients);
	hmm_table_write_number(file, found->value);
	hmm_table_write_number(file, found->other);
	hmm_table_write_number(file, error);
	hmm_table_write_number(file, hmm_power_difference(error, wanted_power));
	hmm_table_write_number(file, pilot->difference);
	hmm_table_write_number(file, power);
	hmm_table_write_number(file, needed);
	putc('\n', file);
	say(rows, pilot->split, found, patients, pilot->difference, power, needed);
}

static int
write_rows(FILE *file, const struct rows *rows, const struct hmm_pilot *pilot)
{
	struct hmm_delong_group *scratch = hmm_alloc(rows->groups, sizeof(*scratch));
	struct found areas, accuracy;
	if (!scratch || find_areas(&areas, rows, scratch)) {
		free(scratch);
		return -1;
	}
	const size_t patients = count_patients(scratch, rows->groups);
	find_accuracy(&accuracy, rows, pilot->threshold, scratch, patients);
	write_found(file, rows, &areas, patients, pilot);
	write_found(file, rows, &accuracy, patients, pilot);
	free(scratch);
	return 0;
}

/* One table's line, beside those of the reference where there is one. */
static int
write_table(FILE *file, const char *path, const struct hmm_predictions *reference,
    const struct hmm_pilot *pilot)
{
	struct hmm_predictions predictions;
	struct hmm_prediction *ours = NULL, *theirs = NULL;
	struct rows rows = {.name = path};
	int bad = hmm_predictions_open(&predictions, path, 0);
	if (!bad && reference) {
		bad = hmm_predictions_match(
		    &ours, &theirs, &rows.count, reference, &predictions, pilot->split);
		rows.first = ours;
		rows.second = theirs;
		rows.groups = reference->groups.names.count;
	} else if (!bad) {
		size_t at = 0;
		while (at < predictions.count && strcmp(predictions.prediction[at].split, pilot->split))
			at = hmm_predictions_end(&predictions, at);
		rows.first = predictions.prediction + at;
		rows.groups = predictions.groups.names.count;
		if (at < predictions.count)
			rows.count = hmm_predictions_end(&predictions, at) - at;
		else
			bad = hmm_predictions_no_split(&predictions, pilot->split);
	}
	bad = bad || write_rows(file, &rows, pilot);
	free(ours);
	free(theirs);
	hmm_predictions_close(&predictions);
	return bad ? -1 : 0;
}

int
hmm_pilot_write(FILE *file, char *const *paths, size_t count, const char *against,
    const struct hmm_pilot *pilot)
{
	struct hmm_predictions reference = {0};
	int bad = against && hmm_predictions_open(&reference, against, 0);
	fputs("system\tsplit\tmetric\tn\tpatients\tvalue\tother\tse\tdetectable\tdifference\tpower\t"
	      "needed\n",
	    file);
	for (size_t i = 0; i < count && !bad; i++)
		bad = write_table(file, paths[i], against ? &reference : NULL, pilot);
	hmm_predictions_close(&reference);
	return bad ? -1 : 0;
}
