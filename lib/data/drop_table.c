#include <fnmatch.h>
#include <stdlib.h>

#include "hmm/base/memory.h"
#include "hmm/data/drop.h"
#include "hmm/data/column.h"

/* The subjects, to free(); NULL, reported. `matches` says which rows are of the modality. */
static struct hmm_drop_subject *
make_subjects(const struct hmm_table *table, const struct hmm_column *by_subject,
    const char *matches, int label)
{
	const int column = hmm_table_find(table, "split"), labels = hmm_table_find(table, "label");
	struct hmm_drop_subject *subjects = hmm_alloc(by_subject->names.count, sizeof(*subjects));
	for (size_t i = 0; subjects && i < by_subject->names.count; i++) {
		const char *split = hmm_table_cell(table, hmm_column_first(by_subject, i), column);
		subjects[i].name = by_subject->names.name[i];
		subjects[i].split = split ? split : "n/a";
		subjects[i].index = i;
	}
	for (size_t row = 0; subjects && row < table->rows; row++) {
		const int chosen = label < 0 || hmm_table_label(table, row, labels) == label;
		subjects[by_subject->of[row]].has |= matches[row] && chosen;
		subjects[by_subject->of[row]].other |= !matches[row];
	}
	return subjects;
}

int
hmm_drop_table(char *keep, const struct hmm_table *table, const struct hmm_drop_options *options)
{
	struct hmm_column by_subject;
	const int column = hmm_table_want(table, "modality");
	if (column < 0 || (options->splits && hmm_table_want(table, "split") < 0) ||
	    (options->label >= 0 && hmm_table_want(table, "label") < 0) ||
	    hmm_column_open(&by_subject, table, hmm_table_find(table, "subject"), -1))
		return -1;
	char *matches = hmm_alloc(table->rows, 1);
	char *lost = hmm_alloc(by_subject.names.count, 1); /* 1: the subject loses the modality */
	for (size_t row = 0; matches && row < table->rows; row++) {
		const char *cell = hmm_table_cell(table, row, column);
		matches[row] = cell && !fnmatch(options->modality, cell, 0);
	}
	struct hmm_drop_subject *subjects =
	    matches && lost ? make_subjects(table, &by_subject, matches, options->label) : NULL;
	const int bad = !subjects || hmm_drop_choose(subjects, by_subject.names.count, options);
	for (size_t i = 0; i < by_subject.names.count && !bad; i++)
		lost[subjects[i].index] = (char)subjects[i].drop;
	for (size_t row = 0; row < table->rows && !bad; row++)
		keep[row] = !(matches[row] && lost[by_subject.of[row]]);
	free(subjects);
	free(matches);
	free(lost);
	hmm_column_close(&by_subject);
	return bad ? -1 : 0;
}
