#include "hmm/score/shares.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/score/bootstrap.h"

enum { PARTS = 3 };
static const char *const part_name[PARTS] = {"phi", "content", "presence"};

struct shares {
	struct hmm_table *table;
	struct hmm_column groups, modalities, splits;
	double (*value)[PARTS];     /* [rows]: absolute; NaN: n/a */
	struct hmm_scored *in_hand; /* the rows of one split: their groups */
	size_t *row;                /* and their numbers */
	size_t count;
	double *sum, *weight; /* [modalities][PARTS] of a replicate */
};

static int
read_values(struct shares *shares)
{
	const struct hmm_table *table = shares->table;
	for (int part = 0; part < PARTS; part++) {
		const int column = hmm_table_want(table, part_name[part]);
		if (column < 0)
			return -1;
		for (size_t row = 0; row < table->rows; row++) {
			const char *cell = hmm_table_cell(table, row, column);
			char *end = NULL;
			shares->value[row][part] = cell ? fabs(strtod(cell, &end)) : (double)NAN;
			if (cell && (end == cell || *end || !isfinite(shares->value[row][part])))
				return hmm_error("%s: row %zu: %s '%s', want a finite number", table->name, row + 1,
				    part_name[part], cell);
		}
	}
	return 0;
}

static int
read_all(struct shares *shares, const char *path)
{
	if (!(shares->table = hmm_table_read(path, '\t')))
		return -1;
	const struct hmm_table *table = shares->table;
	const int subject = hmm_table_want(table, "subject"), split = hmm_table_want(table, "split"),
	          modality = hmm_table_want(table, "modality"), group = hmm_table_find(table, "group");
	if (subject < 0 || split < 0 || modality < 0)
		return -1;
	if (!table->rows)
		return hmm_error("%s: no rows", table->name);
	if (hmm_column_open(&shares->groups, table, group < 0 ? subject : group, subject) ||
	    hmm_column_open(&shares->modalities, table, modality, -1) ||
	    hmm_column_open(&shares->splits, table, split, -1))
		return -1;
	const size_t cells = shares->modalities.names.count;
	shares->value = hmm_alloc(table->rows, sizeof(*shares->value));
	shares->in_hand = hmm_alloc(table->rows, sizeof(*shares->in_hand));
	shares->row = hmm_alloc(table->rows, sizeof(*shares->row));
	shares->sum = hmm_alloc(cells, PARTS * sizeof(double));
	shares->weight = hmm_alloc(cells, PARTS * sizeof(double));
	return !shares->value || !shares->in_hand || !shares->row || !shares->sum || !shares->weight
	           ? -1
	           : read_values(shares);
}

/* The means where group g counts weight[g] times; NULL: once. */
static void
measure(double *values, const double *weight, void *context)
{
	struct shares *shares = context;
	const size_t cells = shares->modalities.names.count * PARTS;
	memset(shares->sum, 0, cells * sizeof(double));
	memset(shares->weight, 0, cells * sizeof(double));
	for (size_t i = 0; i < shares->count; i++) {
		const double *value = shares->value[shares->row[i]];
		const size_t at = shares->modalities.of[shares->row[i]] * PARTS;
		const double times = weight ? weight[shares->in_hand[i].group] : 1;
		for (size_t part = 0; part < PARTS && times > 0; part++)
			if (!isnan(value[part])) {
				shares->sum[at + part] += times * value[part];
				shares->weight[at + part] += times;
			}
	}
	for (size_t i = 0; i < cells; i++)
		values[i] = shares->weight[i] > 0 ? shares->sum[i] / shares->weight[i] : (double)NAN;
}

/* The groups in hand that have a row of a modality. `met` [groups] is scratch. */
static size_t
count_groups(const struct shares *shares, size_t modality, char *met)
{
	size_t groups = 0;
	memset(met, 0, shares->groups.names.count);
	for (size_t i = 0; i < shares->count; i++)
		if (shares->modalities.of[shares->row[i]] == modality) {
			groups += !met[shares->in_hand[i].group];
			met[shares->in_hand[i].group] = 1;
		}
	return groups;
}

static void
write_rows(FILE *file, const struct shares *shares, const char *split, const double *values,
    const struct hmm_bootstrap *boot, char *met)
{
	for (size_t m = 0; m < shares->modalities.names.count; m++) {
		const size_t groups = count_groups(shares, m, met);
		size_t rows = 0;
		for (size_t i = 0; i < shares->count; i++)
			rows += shares->modalities.of[shares->row[i]] == m;
		for (size_t part = 0; part < PARTS && rows; part++) {
			const size_t at = m * PARTS + part;
			struct hmm_interval interval = {(double)NAN, (double)NAN};
			if (boot->replicates && !isnan(values[at]))
				interval = hmm_bootstrap_interval(boot, at, groups, .95);
			hmm_table_write(file, split, 1);
			hmm_table_write(file, shares->modalities.names.name[m], 0);
			fprintf(file, "\tmean_absolute_%s\t%zu\t%zu", part_name[part], rows, groups);
			hmm_table_write_number(file, values[at]);
			hmm_table_write_number(file, interval.low);
			hmm_table_write_number(file, interval.high);
			putc('\n', file);
		}
	}
}

static int
summarise_split(
    FILE *file, struct shares *shares, size_t split, size_t replicates, struct hmm_place place)
{
	const size_t cells = shares->modalities.names.count * PARTS,
	             groups = shares->groups.names.count;
	const struct hmm_column *splits = &shares->splits;
	struct hmm_bootstrap boot = {0};
	double *values = hmm_alloc(cells, sizeof(*values));
	char *met = hmm_alloc(groups, 1);
	shares->count = 0;
	for (size_t i = splits->start[split]; i < splits->start[split + 1]; i++) {
		const size_t row = splits->row[i];
		shares->in_hand[shares->count] = (struct hmm_scored){.group = shares->groups.of[row]};
		shares->row[shares->count++] = row;
	}
	struct hmm_system system = {.rows = shares->in_hand, .count = shares->count};
	place.stream = hmm_random_name(splits->names.name[split]);
	const int bad = !values || !met ||
	                (replicates && hmm_bootstrap_open(&boot, &system, groups, cells, measure,
	                                   shares, replicates, place));
	if (!bad) {
		measure(values, NULL, shares);
		write_rows(file, shares, splits->names.name[split], values, &boot, met);
	}
	hmm_bootstrap_close(&boot);
	free(values);
	free(met);
	return bad ? -1 : 0;
}

int
hmm_shares_summarise(FILE *file, const char *path, size_t replicates, uint64_t seed)
{
	struct shares shares = {0};
	int bad = read_all(&shares, path);
	if (!bad)
		fputs("split\tmodality\tmeasure\tn\tgroups\tvalue\tlow\thigh\n", file);
	for (size_t s = 0; !bad && s < shares.splits.names.count; s++)
		bad = summarise_split(file, &shares, s, replicates, (struct hmm_place){.seed = seed});
	free(shares.value);
	free(shares.in_hand);
	free(shares.row);
	free(shares.sum);
	free(shares.weight);
	hmm_column_close(&shares.groups);
	hmm_column_close(&shares.modalities);
	hmm_column_close(&shares.splits);
	hmm_table_free(shares.table);
	return bad ? -1 : 0;
}
