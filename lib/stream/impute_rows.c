#include "hmm/stream/impute_rows.h"

#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/data/column.h"
#include "hmm/data/manifest.h"
#include "hmm/file/output.h"
#include "hmm/stream/generators.h"

/* A manifest while rows are added to it. */
struct imputing {
	FILE *file;
	struct hmm_table *table;
	struct hmm_column subjects, paths;
	int modality, imputed, features; /* columns */
	char **none;                     /* [rows] the column imputed where there was none */
	char *own;                       /* [subjects] 1: has a real image of the target */
	char *has;                       /* [subjects] 1: has a row of it by this generator */
};

/* Whether a row is a real image of that modality. */
static int
is_real(const struct imputing *imputing, size_t row, const char *modality)
{
	const char *cell = hmm_table_cell(imputing->table, row, imputing->modality);
	return cell && !strcmp(cell, modality) &&
	       !hmm_table_cell(imputing->table, row, imputing->imputed);
}

/* Whether what the generator makes of a row's image has a row. */
static int
is_there(const struct imputing *imputing, size_t row, const struct hmm_generator *generator)
{
	const struct hmm_column *paths = &imputing->paths;
	const size_t path = paths->of[row];
	for (size_t i = paths->start[path]; i < paths->start[path + 1]; i++) {
		const char *to = hmm_table_cell(imputing->table, paths->row[i], imputing->modality);
		const char *by = hmm_table_cell(imputing->table, paths->row[i], imputing->imputed);
		if (to && by && !strcmp(to, generator->to) && !strcmp(by, generator->step.weights))
			return 1;
	}
	return 0;
}

/* The row of what the generator makes of a row's image: that row, but for three cells. */
static void
write_row(const struct imputing *imputing, size_t row, const struct hmm_generator *generator)
{
	for (int i = 0; i < (int)imputing->table->columns; i++)
		hmm_table_write(imputing->file,
		    i == imputing->modality   ? generator->to
		    : i == imputing->imputed  ? generator->step.weights
		    : i == imputing->features ? NULL
		                              : hmm_table_cell(imputing->table, row, i),
		    i == 0);
	putc('\n', imputing->file);
}

/* Say what one generator does, of `subjects` that have its modality. */
static int
say(const struct imputing *imputing, const struct hmm_generator *generator, size_t images, int any)
{
	size_t subjects = 0, own = 0;
	for (size_t i = 0; i < imputing->subjects.names.count; i++) {
		subjects += imputing->has[i] != 0;
		own += imputing->own[i] != 0;
	}
	if (!any)
		return hmm_error("%s: no real image of '%s', from which %.12s imputes '%s'",
		    imputing->table->name, generator->from, generator->step.weights, generator->to);
	hmm_note("%s by %.12s from %s: %zu image%s of %zu subject%s; %zu have their own", generator->to,
	    generator->step.weights, generator->from, images, images == 1 ? "" : "s", subjects,
	    subjects == 1 ? "" : "s", own);
	return 0;
}

static int
add_rows(struct imputing *imputing, const struct hmm_generator *generator, int all)
{
	const struct hmm_column *subjects = &imputing->subjects;
	size_t images = 0;
	int any = 0;
	memset(imputing->own, 0, subjects->names.count);
	memset(imputing->has, 0, subjects->names.count);
	for (size_t row = 0; row < imputing->table->rows; row++)
		imputing->own[subjects->of[row]] |= (char)is_real(imputing, row, generator->to);
	for (size_t row = 0; row < imputing->table->rows; row++) {
		const size_t subject = subjects->of[row];
		if (!is_real(imputing, row, generator->from))
			continue;
		any = 1;
		if ((imputing->own[subject] && !all) || is_there(imputing, row, generator))
			continue;
		write_row(imputing, row, generator);
		imputing->has[subject] = 1;
		images++;
	}
	return say(imputing, generator, images, any);
}

static int
open_table(struct imputing *imputing)
{
	static const char *const agree[] = {"label", "group", "split"};
	struct hmm_table *table = imputing->table;
	const int subject = hmm_table_want(table, "subject");
	if (subject < 0 || (imputing->modality = hmm_table_want(table, "modality")) < 0 ||
	    hmm_table_want(table, "path") < 0 ||
	    hmm_manifest_check_target(table, HMM_CLASSES, agree, 3))
		return -1;
	imputing->none = hmm_alloc(table->rows, sizeof(*imputing->none));
	if (!imputing->none || (hmm_table_find(table, HMM_IMPUTED) < 0 &&
	                           hmm_table_set_column(table, HMM_IMPUTED, imputing->none)))
		return -1;
	imputing->imputed = hmm_table_find(table, HMM_IMPUTED);
	imputing->features = hmm_table_find(table, "features");
	if (hmm_column_open(&imputing->subjects, table, subject, -1) ||
	    hmm_column_open(&imputing->paths, table, hmm_table_find(table, "path"), -1))
		return -1;
	imputing->own = hmm_alloc(imputing->subjects.names.count, 1);
	imputing->has = hmm_alloc(imputing->subjects.names.count, 1);
	return imputing->own && imputing->has ? 0 : -1;
}

static int
write_table(FILE *file, struct hmm_table *table, const struct hmm_generators *generators, int all)
{
	struct imputing imputing = {.file = file, .table = table};
	int bad = open_table(&imputing);
	if (!bad)
		hmm_table_print(file, table, NULL);
	for (size_t i = 0; i < generators->count && !bad; i++)
		bad = add_rows(&imputing, &generators->generator[i], all);
	hmm_column_close(&imputing.subjects);
	hmm_column_close(&imputing.paths);
	free(imputing.none);
	free(imputing.own);
	free(imputing.has);
	return bad;
}

int
hmm_impute_rows(const char *path, const char *manifest, int all)
{
	struct hmm_output output = {0};
	struct hmm_generators generators;
	struct hmm_table *table = NULL;
	const int bad = hmm_generators_read(&generators, path) ||
	                !(table = hmm_table_read(manifest, '\t')) || hmm_output_open(&output, NULL) ||
	                write_table(output.file, table, &generators, all) || hmm_output_finish(&output);
	hmm_output_abandon(&output);
	hmm_table_free(table);
	hmm_generators_free(&generators);
	return bad ? 1 : 0;
}
