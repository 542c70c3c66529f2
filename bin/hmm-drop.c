/* hmm-drop --modality PET --rate 0.5 -s 1 manifest.tsv | hmm-gather -c cache - | ... */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/error.h"
#include "hmm/memory.h"
#include "hmm/option.h"
#include "hmm/output.h"
#include "hmm/split.h"
#include "hmm/table.h"

static const char *modality, *splits;
static double rate = .5;
static long seed, repeat;

static const struct hmm_option options[] = {
    {0, "modality", HMM_STRING, &modality, "PATTERN", "what goes missing, a glob(7) pattern", 0},
    {0, "rate", HMM_NUMBER, &rate, "X", "of the subjects that have it, 0 to 1", 0},
    {0, "split", HMM_STRING, &splits, "LIST", "only in these splits, such as train,test", 0},
    {'s', "seed", HMM_COUNT, &seed, "N", "of the draw", 0},
    {0, "repeat", HMM_COUNT, &repeat, "R", "another draw with the same seed", 0},
};
static const struct hmm_usage usage = {"--modality PATTERN [OPTION]... [MANIFEST] >manifest",
    "Remove a modality from some subjects, never a subject's last one.", options,
    HMM_COUNT_OF(options)};

struct manifest {
	struct hmm_table *table;
	int subject, modality, split;
	size_t *order; /* rows by split and subject */
	char *keep;    /* [rows] */
};

static const struct manifest *sorting; /* qsort(3) passes no context */

static const char *
cell(const struct manifest *manifest, size_t row, int column)
{
	const char *text = hmm_table_cell(manifest->table, row, column);
	return text ? text : "";
}

static int
by_subject(const void *left, const void *right)
{
	const size_t a = *(const size_t *)left, b = *(const size_t *)right;
	const int order = strcmp(cell(sorting, a, sorting->split), cell(sorting, b, sorting->split));
	return order ? order
	             : strcmp(cell(sorting, a, sorting->subject), cell(sorting, b, sorting->subject));
}

static int
is_wanted(const char *split)
{
	const size_t length = strlen(split);
	for (const char *at = splits ? splits : ""; *at;) {
		const size_t span = strcspn(at, ",");
		if (span == length && !strncmp(at, split, span))
			return 1;
		at += span + (at[span] == ',');
	}
	return splits == NULL;
}

/* Drop in one split: the rows order[first..end-1]. */
static int
drop_in(struct manifest *m, size_t first, size_t end)
{
	struct hmm_owner *owners = hmm_alloc(end - first, sizeof(*owners));
	size_t count = 0;
	if (!owners)
		return -1;
	for (size_t i = first; i < end;) {
		const char *subject = cell(m, m->order[i], m->subject);
		int has = 0, others = 0;
		for (; i < end && !strcmp(cell(m, m->order[i], m->subject), subject); i++) {
			const int match = !fnmatch(modality, cell(m, m->order[i], m->modality), 0);
			has |= match;
			others |= !match;
		}
		if (has)
			owners[count++] = (struct hmm_owner){subject, others, 0};
	}
	const size_t want = (size_t)(rate * (double)count + .5);
	const size_t dropped = hmm_drop(owners, count, rate, (uint64_t)seed, (uint32_t)repeat);
	if (dropped + 1 < want)
		hmm_warn("split '%s': only %zu of %zu subjects with %s have something else",
		    cell(m, m->order[first], m->split), dropped, want, modality);
	for (size_t i = first, o = 0; i < end && o < count; i++) {
		const char *subject = cell(m, m->order[i], m->subject);
		while (o < count && strcmp(owners[o].subject, subject) < 0)
			o++;
		if (o < count && owners[o].dropped && !strcmp(owners[o].subject, subject))
			m->keep[m->order[i]] = fnmatch(modality, cell(m, m->order[i], m->modality), 0) != 0;
	}
	free(owners);
	return 0;
}

static int
drop(struct manifest *m)
{
	const size_t rows = m->table->rows;
	m->order = hmm_alloc(rows, sizeof(*m->order));
	m->keep = hmm_alloc(rows, 1);
	if (!m->order || !m->keep)
		return -1;
	for (size_t i = 0; i < rows; i++) {
		m->order[i] = i;
		m->keep[i] = 1;
	}
	sorting = m;
	qsort(m->order, rows, sizeof(*m->order), by_subject);
	for (size_t first = 0, end; first < rows; first = end) {
		const char *split = cell(m, m->order[first], m->split);
		for (end = first; end < rows && !strcmp(cell(m, m->order[end], m->split), split); end++)
			;
		if (is_wanted(split) && drop_in(m, first, end))
			return -1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	const int operand = hmm_option_parse(argc, argv, &usage);
	if (!modality || argc - operand > 1 || rate > 1)
		hmm_option_misuse("want --modality PATTERN, a --rate from 0 to 1, at most one manifest");

	struct manifest manifest = {
	    .table = hmm_table_read(operand < argc ? argv[operand] : "-", '\t')};
	if (!manifest.table)
		return 1;
	manifest.subject = hmm_table_want(manifest.table, "subject");
	manifest.modality = hmm_table_want(manifest.table, "modality");
	manifest.split = hmm_table_find(manifest.table, "split");

	int bad = manifest.subject < 0 || manifest.modality < 0 || drop(&manifest);

	struct hmm_output output;
	if (!bad && !(bad = hmm_output_open(&output, NULL))) {
		hmm_table_print(output.file, manifest.table, manifest.keep);
		bad = hmm_output_finish(&output);
	}
	free(manifest.order);
	free(manifest.keep);
	hmm_table_free(manifest.table);
	return bad ? 1 : 0;
}
