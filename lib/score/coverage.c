#include "hmm/score/coverage.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/table.h"
#include "hmm/kernel/interval.h"

enum { ANY = 2, LABELS };

/* Of the sets of one line. */
struct tally {
	size_t count, covered, size, single, empty;
	size_t last; /* the group of the last row, + 1 */
	int again;   /* 1: a group has several rows */
};

const char *
hmm_coverage_word(enum hmm_sets_by by)
{
	static const char *const words[] = {"auto", "own", "cut", "all", "too-few"};
	return words[by];
}

void
hmm_coverage_write_header(FILE *file)
{
	fputs(
	    "run\tsplit\tpattern\tlabel\tset_by\tn_cal\tn\tcovered\tlow\thigh\tmean_size\tsingletons\t"
	    "empty\n",
	    file);
}

static void
count_set(struct tally *tally, const struct hmm_prediction *row, int set)
{
	static const int sizes[] = {0, 1, 1, 2};
	tally->count++;
	tally->covered += (size_t)(set >> row->label & 1);
	tally->size += (size_t)sizes[set];
	tally->single += sizes[set] == 1;
	tally->empty += sizes[set] == 0;
	tally->again |= tally->last == row->group + 1;
	tally->last = row->group + 1;
}

/* `rule` is NULL where several may be meant. */
static void
write_line(FILE *file, const struct hmm_prediction *row, const char *pattern, int label,
    const struct hmm_set_rule *rule, const struct tally *tally)
{
	static const char *const labels[LABELS] = {"0", "1", "all"};
	const double n = (double)tally->count;
	double calibrated_on = (double)NAN;
	struct hmm_interval interval = {(double)NAN, (double)NAN};
	if (rule && label == ANY)
		calibrated_on = (double)(rule->conformal.count[0] + rule->conformal.count[1]);
	else if (rule)
		calibrated_on = (double)rule->conformal.count[label];
	if (!tally->again)
		interval = hmm_interval_wilson(tally->covered, tally->count, .95);
	hmm_table_write(file, row->run, 1);
	hmm_table_write(file, row->split, 0);
	hmm_table_write(file, pattern, 0);
	hmm_table_write(file, labels[label], 0);
	hmm_table_write(file, rule ? hmm_coverage_word(rule->by) : NULL, 0);
	hmm_table_write_number(file, calibrated_on);
	hmm_table_write_number(file, n);
	hmm_table_write_number(file, (double)tally->covered / n);
	hmm_table_write_number(file, interval.low);
	hmm_table_write_number(file, interval.high);
	hmm_table_write_number(file, (double)tally->size / n);
	hmm_table_write_number(file, (double)tally->single / n);
	hmm_table_write_number(file, (double)tally->empty / n);
	putc('\n', file);
}

static int
by_group(const void *left, const void *right)
{
	const struct hmm_prediction *const *a = left, *const *b = right;
	return ((*a)->group > (*b)->group) - ((*a)->group < (*b)->group);
}

/* The lines of all patterns, and of each. Intervals that are n/a are told. */
static void
write_lines(FILE *file, const struct hmm_prediction *row, const struct tally *tally,
    const struct hmm_patterns *patterns, const struct hmm_set_rule *rule)
{
	int again = 0;
	for (size_t i = 0; i <= patterns->names.count; i++)
		for (int j = 0; j < LABELS; j++) {
			/* all labels first, all patterns first */
			const int label = j ? j - 1 : ANY;
			const size_t pattern = i ? i - 1 : patterns->names.count;
			const struct tally *of = &tally[pattern * LABELS + (size_t)label];
			if (of->count)
				write_line(file, row, i ? patterns->names.name[pattern] : "all", label,
				    i ? &rule[pattern] : NULL, of);
			again |= of->again;
		}
	if (again)
		hmm_warn("split %s: patients have several rows: the intervals of what these share are n/a",
		    row->split);
}

int
hmm_coverage_write(FILE *file, const struct hmm_prediction *prediction,
    const struct hmm_calibrated *calibrated, const size_t *pattern, size_t count,
    const struct hmm_patterns *patterns, const struct hmm_set_rule *rule)
{
	const size_t all = patterns->names.count;
	size_t used = 0;
	const struct hmm_prediction **row = hmm_alloc_raw(count, sizeof(*row));
	struct tally *tally = hmm_alloc(all + 1, LABELS * sizeof(*tally));
	const int bad = !row || !tally;
	for (size_t i = 0; i < count && !bad; i++)
		if (prediction[i].label >= 0 && calibrated[i].set >= 0 && !prediction[i].observed)
			row[used++] = &prediction[i];
	if (used)
		qsort(row, used, sizeof(*row), by_group);
	for (size_t i = 0; i < used; i++) {
		const size_t at = (size_t)(row[i] - prediction), label = (size_t)row[i]->label;
		const size_t places[] = {all, pattern[at]};
		for (size_t j = 0; j < 2; j++) {
			count_set(&tally[places[j] * LABELS + label], row[i], calibrated[at].set);
			count_set(&tally[places[j] * LABELS + ANY], row[i], calibrated[at].set);
		}
	}
	if (used)
		write_lines(file, row[0], tally, patterns, rule);
	free(row);
	free(tally);
	return bad ? -1 : 0;
}
