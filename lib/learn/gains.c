#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explained.h"
#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "hmm/data/target.h"
#include "hmm/kernel/loss.h"

/* Of one subject in one cell. */
struct gain {
	const char *given, *modality, *group; /* set when all are there, as names move */
	size_t number[3];                     /* of these */
	double value;
};

int
hmm_gains_want(const struct hmm_explained *explained)
{
	const struct hmm_record *record = explained->of->record;
	return !strcmp(record->split, "val") && record->label[0] != '\0';
}

static int
add(struct hmm_gains *gains, const char *given, const char *modality, const char *group,
    double value)
{
	void *all = gains->gain;
	const long number[] = {hmm_names_add(&gains->names, given),
	    hmm_names_add(&gains->names, modality), hmm_names_add(&gains->names, group)};
	if (number[0] < 0 || number[1] < 0 || number[2] < 0 ||
	    hmm_grow(&all, &gains->capacity, (gains->count + 1) * sizeof(struct gain)))
		return -1;
	gains->gain = all;
	((struct gain *)gains->gain)[gains->count++] = (struct gain){
	    .number = {(size_t)number[0], (size_t)number[1], (size_t)number[2]}, .value = value};
	return 0;
}

/* The names of a set, joined. 0, or -1 reported. */
static int
name_set(char given[HMM_RECORD_NAMES], const struct hmm_explained *explained, size_t set)
{
	given[0] = '\0';
	for (size_t i = 0; i < explained->of->modalities; i++)
		if (set >> i & 1 && hmm_record_join(given, HMM_RECORD_NAMES, explained->of->record->subject,
		                        hmm_explained_modality(explained, i)))
			return -1;
	return 0;
}

int
hmm_gains_add(struct hmm_gains *gains, const struct hmm_explained *explained)
{
	const struct hmm_record *record = explained->of->record;
	const char *group = record->group[0] ? record->group : record->subject;
	const double *value = explained->value;
	const size_t players = explained->of->modalities;
	char given[HMM_RECORD_NAMES];
	struct hmm_known label;
	if (hmm_target_read(&label, HMM_BINARY, record->label, -1) != 1)
		return hmm_error("subject %s: label '%s', want 0 or 1", record->subject, record->label);
	for (size_t set = 0; set < (size_t)1 << players; set++) {
		const double loss = hmm_loss_bce(value[set], (int)label.number);
		if (name_set(given, explained, set))
			return -1;
		for (size_t i = 0; i < players; i++) {
			const size_t more = set | (size_t)1 << i;
			if (more != set && add(gains, given, hmm_explained_modality(explained, i), group,
			                       loss - hmm_loss_bce(value[more], (int)label.number)))
				return -1;
		}
	}
	return 0;
}

static int
compare_cells(const struct gain *a, const struct gain *b)
{
	const int order = strcmp(a->given, b->given);
	return order ? order : strcmp(a->modality, b->modality);
}

static int
compare(const void *left, const void *right)
{
	const struct gain *a = left, *b = right;
	int order = compare_cells(a, b);
	order = order ? order : strcmp(a->group, b->group);
	return order ? order : (a->value > b->value) - (a->value < b->value);
}

/* The row of a cell's gains, which are sorted: rows of a group depend on each other, so the
 * standard error is that of sums over groups. */
static void
write_cell(FILE *file, const struct gain *gain, size_t count)
{
	double mean = 0, squares = 0, sum = 0;
	size_t groups = 0;
	for (size_t i = 0; i < count; i++)
		mean += gain[i].value / (double)count;
	for (size_t i = 0; i < count; i++) {
		sum += gain[i].value - mean;
		if (i + 1 < count && !strcmp(gain[i].group, gain[i + 1].group))
			continue;
		squares += sum * sum;
		sum = 0;
		groups++;
	}
	const double n = (double)groups;
	const double error = groups > 1 ? sqrt(n / (n - 1) * squares) / (double)count : (double)NAN;
	hmm_table_write(file, gain->given[0] ? gain->given : NULL, 1);
	hmm_table_write(file, gain->modality, 0);
	fprintf(file, "\t%zu\t%zu", count, groups);
	hmm_table_write_number(file, mean);
	hmm_table_write_number(file, error);
	putc('\n', file);
}

int
hmm_gains_write(FILE *file, struct hmm_gains *gains)
{
	struct gain *gain = gains->gain;
	if (!gains->count)
		return hmm_error("no labelled subjects of split val");
	for (size_t i = 0; i < gains->count; i++) {
		gain[i].given = gains->names.name[gain[i].number[0]];
		gain[i].modality = gains->names.name[gain[i].number[1]];
		gain[i].group = gains->names.name[gain[i].number[2]];
	}
	qsort(gain, gains->count, sizeof(*gain), compare);
	fputs("given\tmodality\tn\tgroups\tgain\terror\n", file);
	for (size_t first = 0, end; first < gains->count; first = end) {
		for (end = first + 1; end < gains->count && !compare_cells(&gain[end], &gain[first]);)
			end++;
		write_cell(file, gain + first, end - first);
	}
	return 0;
}

void
hmm_gains_close(struct hmm_gains *gains)
{
	hmm_names_close(&gains->names);
	free(gains->gain);
	*gains = (struct hmm_gains){0};
}
