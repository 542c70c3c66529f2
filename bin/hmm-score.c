/* hmm-rho -w rho.safetensors <sets | hmm-score */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/memory.h"
#include "hmm/option.h"
#include "hmm/output.h"
#include "hmm/score.h"
#include "hmm/table.h"

static long replicates = 2000, seed;
static double threshold = .5;

static const struct hmm_option options[] = {
    {0, "bootstrap", HMM_COUNT, &replicates, "N", "replicates of the intervals; 0: none", 0},
    {0, "threshold", HMM_NUMBER, &threshold, "P", "positive iff the probability exceeds it", 0},
    {'s', "seed", HMM_COUNT, &seed, "N", "of the bootstrap", 0},
};
static const struct hmm_usage usage = {"[OPTION]... [PREDICTIONS] >metrics.tsv",
    "Metrics of predictions per split, with 95 % patient-bootstrap intervals.", options,
    HMM_COUNT_OF(options)};

struct predictions {
	struct hmm_table *table;
	int subject, group, split, label, probability; /* columns */
	size_t *order;                                 /* labelled rows by split and group */
	size_t count;
};

static const struct predictions *sorting; /* qsort(3) passes no context */

static const char *
split_of(const struct predictions *p, size_t row)
{
	const char *split = hmm_table_cell(p->table, row, p->split);
	return split ? split : "all";
}

static const char *
group_of(const struct predictions *p, size_t row)
{
	const char *group = hmm_table_cell(p->table, row, p->group);
	group = group ? group : hmm_table_cell(p->table, row, p->subject);
	return group ? group : "";
}

/* train, val, test, then any other in order. */
static int
rank(const char *split)
{
	return !strcmp(split, "train") ? 0 : !strcmp(split, "val") ? 1 : !strcmp(split, "test") ? 2 : 3;
}

static int
by_split(const void *left, const void *right)
{
	const size_t a = *(const size_t *)left, b = *(const size_t *)right;
	const char *a_split = split_of(sorting, a), *b_split = split_of(sorting, b);
	int order = rank(a_split) - rank(b_split);
	order = order ? order : strcmp(a_split, b_split);
	return order ? order : strcmp(group_of(sorting, a), group_of(sorting, b));
}

static int
open_predictions(struct predictions *p, const char *path)
{
	*p = (struct predictions){.table = hmm_table_read(path, '\t')};
	if (!p->table)
		return -1;
	p->subject = hmm_table_find(p->table, "subject");
	p->group = hmm_table_find(p->table, "group");
	p->split = hmm_table_find(p->table, "split");
	p->label = hmm_table_want(p->table, "label");
	p->probability = hmm_table_want(p->table, "probability");
	p->order = hmm_alloc(p->table->rows, sizeof(*p->order));
	if (p->label < 0 || p->probability < 0 || !p->order)
		return -1;
	for (size_t row = 0; row < p->table->rows; row++) {
		const int label = hmm_table_label(p->table, row, p->label);
		if (label < -1)
			return -1;
		if (label >= 0)
			p->order[p->count++] = row;
	}
	if (p->count < p->table->rows)
		hmm_warn("%zu of %zu rows have no label and are left out", p->table->rows - p->count,
		    p->table->rows);
	if (p->count == 0)
		return hmm_error("%s: no labelled rows", p->table->name);
	sorting = p;
	qsort(p->order, p->count, sizeof(*p->order), by_split);
	return 0;
}

static int
read_row(struct hmm_scored *scored, const struct predictions *p, size_t row, size_t group)
{
	const char *cell = hmm_table_cell(p->table, row, p->probability);
	char *end = NULL;
	const double probability = cell ? strtod(cell, &end) : (double)NAN;
	if (!(probability >= 0 && probability <= 1) || *end)
		return hmm_error("%s: row %zu: probability '%s', want a number from 0 to 1", p->table->name,
		    row + 1, cell ? cell : "n/a");
	*scored = (struct hmm_scored){probability, hmm_table_label(p->table, row, p->label), 1, group};
	return 0;
}

static void
warn_of_edges(const char *split, const struct hmm_scored *scored, size_t count)
{
	size_t labels = 0, hits = 0;
	for (size_t i = 0; i < count; i++) {
		labels += (size_t)scored[i].label;
		hits += scored[i].score > threshold;
	}
	if (labels == 0 || labels == count)
		hmm_warn("split %s: only one class; auc and auc_hard are n/a", split);
	if (hits == 0)
		hmm_warn("split %s: nothing is predicted positive; precision is set to 0", split);
}

static void
print_number(FILE *file, double value)
{
	if (isnan(value))
		fputs("\tn/a", file);
	else
		fprintf(file, "\t%.12g", value);
}

/* Score the rows order[first..end-1], one split. */
static int
score_split(const struct predictions *p, size_t first, size_t end, FILE *file)
{
	const size_t count = end - first;
	struct hmm_scored *scored = hmm_alloc(count, sizeof(*scored));
	struct hmm_score score;
	size_t group = 0;
	int bad = !scored;
	for (size_t i = first; i < end && !bad; i++) {
		group += i > first && strcmp(group_of(p, p->order[i]), group_of(p, p->order[i - 1])) != 0;
		bad = read_row(&scored[i - first], p, p->order[i], group);
	}
	const char *split = split_of(p, p->order[first]);
	if (!bad) {
		warn_of_edges(split, scored, count);
		bad = hmm_score(&score, scored, count, group + 1, threshold, replicates, (uint64_t)seed);
	}
	for (int m = 0; m < HMM_METRICS && !bad; m++) {
		hmm_table_write(file, split, 1);
		fprintf(file, "\t%s", hmm_metric_names[m]);
		print_number(file, score.value[m]);
		print_number(file, score.low[m]);
		print_number(file, score.high[m]);
		fprintf(file, "\t%zu\t%zu\n", count, group + 1);
	}
	free(scored);
	return bad;
}

int
main(int argc, char **argv)
{
	const int operand = hmm_option_parse(argc, argv, &usage);
	if (argc - operand > 1 || replicates > 1000000)
		hmm_option_misuse("want at most one table and at most 1000000 replicates");

	struct predictions predictions;
	struct hmm_output output;
	if (open_predictions(&predictions, operand < argc ? argv[operand] : "-") ||
	    hmm_output_open(&output, NULL))
		return 1;

	int bad = 0;
	fputs("split\tmetric\tvalue\tlow\thigh\tn\tgroups\n", output.file);
	for (size_t first = 0, end; first < predictions.count && !bad; first = end) {
		const char *split = split_of(&predictions, predictions.order[first]);
		for (end = first; end < predictions.count; end++)
			if (strcmp(split_of(&predictions, predictions.order[end]), split))
				break;
		bad = score_split(&predictions, first, end, output.file);
	}

	if (!bad)
		bad = hmm_output_finish(&output);
	free(predictions.order);
	hmm_table_free(predictions.table);
	return bad ? 1 : 0;
}
