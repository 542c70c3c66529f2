/* ... | hmm-rho -w rho.safetensors | hmm-score -s 1 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/manifest.h"
#include "hmm/memory.h"
#include "hmm/option.h"
#include "hmm/output.h"
#include "hmm/score.h"

static long replicates = 2000, seed;
static double threshold = .5;

static const struct hmm_option options[] = {
    {0, "bootstrap", HMM_COUNT, &replicates, "N",
        "replicates of the intervals (default: 2000; 0: none)", 0},
    {'s', "seed", HMM_COUNT, &seed, "N", "of the bootstrap (default: 0)", 0},
    {0, "threshold", HMM_NUMBER, &threshold, "P", "positive above this (default: 0.5)", 0},
};
static const struct hmm_usage usage = {"[OPTION]... [PREDICTIONS] >scores",
    "Metrics of predictions with bootstrap intervals over patients, split by split.", options,
    HMM_COUNT_OF(options)};

struct prediction {
	struct hmm_scored scored; /* its group numbers predictions.groups */
	const char *subject, *split;
};

struct predictions {
	struct hmm_table *table;
	struct hmm_names groups;
	struct prediction *prediction; /* [count], those with a label */
	size_t count;
};

/* ---- reading ---- */

static int
parse_probability(double *value, const struct hmm_table *table, size_t row, int column)
{
	const char *cell = hmm_table_cell(table, row, column);
	char *end = NULL;
	*value = cell ? strtod(cell, &end) : -1;
	if (!cell || end == cell || *end || !(*value >= 0 && *value <= 1))
		return hmm_error("%s: row %zu: probability '%s', want 0 to 1", table->name, row + 1,
		    cell ? cell : "n/a");
	return 0;
}

static int
read_rows(struct predictions *predictions)
{
	const struct hmm_table *table = predictions->table;
	const int subject = hmm_table_want(table, "subject"), label = hmm_table_want(table, "label");
	const int probability = hmm_table_want(table, "probability");
	const int group = hmm_table_find(table, "group"), split = hmm_table_find(table, "split");
	if (subject < 0 || label < 0 || probability < 0 ||
	    hmm_names_open(&predictions->groups, table, group < 0 ? subject : group, subject))
		return -1;
	predictions->prediction = hmm_alloc(table->rows, sizeof(*predictions->prediction));
	if (!predictions->prediction)
		return -1;
	for (size_t row = 0; row < table->rows; row++) {
		struct prediction *prediction = &predictions->prediction[predictions->count];
		const char *here = hmm_table_cell(table, row, split);
		prediction->scored.label = hmm_table_label(table, row, label);
		prediction->scored.group = predictions->groups.of[row];
		prediction->subject = hmm_table_cell(table, row, subject);
		prediction->split = here ? here : "n/a";
		if (!prediction->subject)
			return hmm_error("%s: row %zu: no subject", table->name, row + 1);
		if (prediction->scored.label < -1 ||
		    parse_probability(&prediction->scored.score, table, row, probability))
			return -1;
		predictions->count += prediction->scored.label >= 0;
	}
	if (predictions->count < table->rows)
		hmm_warn("%s: %zu rows without a label are left out", table->name,
		    table->rows - predictions->count);
	return predictions->count ? 0 : hmm_error("%s: no row with a label", table->name);
}

/* train, val, test, then others by name; in each by subject. */
static int
by_split(const void *left, const void *right)
{
	static const char *const known[] = {"train", "val", "test"};
	const struct prediction *a = left, *b = right;
	int rank_a = 0, rank_b = 0;
	while (rank_a < 3 && strcmp(known[rank_a], a->split))
		rank_a++;
	while (rank_b < 3 && strcmp(known[rank_b], b->split))
		rank_b++;
	if (rank_a != rank_b)
		return rank_a - rank_b;
	const int order = strcmp(a->split, b->split);
	return order ? order : strcmp(a->subject, b->subject);
}

/* ---- scoring one split ---- */

/* What a reader of the numbers should know. */
static void
warn(const char *name, const struct prediction *prediction, size_t count,
    const struct hmm_score *scores)
{
	const char *split = prediction->split;
	size_t repeated = 0, positives = 0, called = 0, ends[2][2] = {{0, 0}, {0, 0}};
	for (size_t i = 0; i < count; i++) {
		const struct hmm_scored *scored = &prediction[i].scored;
		repeated += i > 0 && !strcmp(prediction[i].subject, prediction[i - 1].subject);
		positives += (size_t)scored->label;
		called += scored->score > threshold;
		if (scored->score <= 0 || scored->score >= 1)
			ends[scored->score >= 1][scored->label]++;
	}
	const size_t tied = (ends[0][0] && ends[0][1] ? ends[0][0] + ends[0][1] : 0) +
	                    (ends[1][0] && ends[1][1] ? ends[1][0] + ends[1][1] : 0);
	if (repeated)
		hmm_warn(
		    "%s: split %s: %zu rows repeat a subject; every row counts", name, split, repeated);
	if (isnan(scores[HMM_AUC].value))
		hmm_warn("%s: split %s: all %zu labels are %d; auc and auc_hard are n/a", name, split,
		    count, prediction->scored.label);
	if (!called)
		hmm_warn("%s: split %s: nothing predicted positive; precision is 0%s", name, split,
		    positives ? "" : ", and f1");
	if (!positives)
		hmm_warn("%s: split %s: no positive label; recall is 0", name, split);
	if (tied)
		hmm_warn("%s: split %s: %zu probabilities are exactly 0 or 1 for both labels; the AUC "
		         "counts them as ties",
		    name, split, tied);
}

static void
print_number(FILE *file, double value)
{
	if (isnan(value))
		fputs("\tn/a", file);
	else
		fprintf(file, "\t%.12g", value);
}

static int
score_split(FILE *file, const struct predictions *predictions, const struct prediction *prediction,
    size_t count)
{
	struct hmm_score scores[HMM_METRICS];
	struct hmm_scored *scored = hmm_alloc(count, sizeof(*scored));
	const struct hmm_place place = {
	    .seed = (uint64_t)seed, .subject = hmm_random_name(prediction->split)};
	for (size_t i = 0; scored && i < count; i++)
		scored[i] = prediction[i].scored;
	const int bad = !scored || hmm_score_run(scores, scored, count, predictions->groups.count,
	                               threshold, (size_t)replicates, place);
	free(scored);
	if (bad)
		return -1;
	warn(predictions->table->name, prediction, count, scores);
	for (int m = 0; m < HMM_METRICS; m++) {
		hmm_table_write(file, prediction->split, 1);
		hmm_table_write(file, hmm_metric_names[m], 0);
		print_number(file, scores[m].value);
		print_number(file, scores[m].low);
		print_number(file, scores[m].high);
		fprintf(file, "\t%zu\n", count);
	}
	return 0;
}

static int
score(FILE *file, const struct predictions *predictions)
{
	struct prediction *prediction = predictions->prediction;
	const size_t all = predictions->count;
	int bad = 0;
	qsort(prediction, all, sizeof(*prediction), by_split);
	fputs("split\tmetric\tvalue\tlow\thigh\tn\n", file);
	for (size_t i = 0, end; i < all && !bad; i = end) {
		for (end = i + 1; end < all && !strcmp(prediction[end].split, prediction[i].split);)
			end++;
		bad = score_split(file, predictions, prediction + i, end - i);
	}
	return bad;
}

int
main(int argc, char **argv)
{
	const int first = hmm_option_parse(argc, argv, &usage);
	if (argc - first > 1)
		hmm_option_misuse("one table of predictions wanted, found %d", argc - first);
	if (threshold > 1)
		hmm_option_misuse("--threshold: found %g, want 0 to 1", threshold);
	if (replicates > 10000000)
		hmm_option_misuse("--bootstrap: found %ld, want at most 10000000", replicates);

	struct hmm_output output = {0};
	struct predictions predictions = {
	    .table = hmm_table_read(first < argc ? argv[first] : "-", '\t')};
	int bad = !predictions.table || read_rows(&predictions) || hmm_output_open(&output, NULL) ||
	          score(output.file, &predictions);
	bad = bad || hmm_output_finish(&output);

	hmm_names_close(&predictions.groups);
	hmm_table_free(predictions.table);
	free(predictions.prediction);
	return bad ? 1 : 0;
}
