#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "hmm/data/order.h"

/* The lines of a subject and a modality. */
struct kinds {
	size_t real, imputed, generators;
};

/* A set takes images of a modality that are all real, or all of one generator. */
static int
report_mixed(struct hmm_audit *audit, size_t row, const struct kinds *kinds)
{
	const char *modality = hmm_table_cell(audit->manifest, row, audit->modality);
	if (!modality || kinds->generators + (kinds->real > 0) < 2)
		return 0;
	return hmm_findings_add(audit->findings, "imputed-mixed", HMM_WARNING,
	    audit->subjects.names.name[audit->subjects.of[row]],
	    "%s: %zu real and %zu imputed lines of %zu generator%s, which no set takes together",
	    modality, kinds->real, kinds->imputed, kinds->generators,
	    kinds->generators == 1 ? "" : "s");
}

static int
same_cell(const struct hmm_table *table, size_t a, size_t b, int column)
{
	const char *one = hmm_table_cell(table, a, column), *other = hmm_table_cell(table, b, column);
	return one && other ? !strcmp(one, other) : one == other;
}

/* A line like the one before it but for its label, split and what else it has. */
static int
report_twice(struct hmm_audit *audit, size_t row, size_t before)
{
	const struct hmm_table *table = audit->manifest;
	const char *path = hmm_table_cell(table, row, audit->path);
	if (!path || !same_cell(table, row, before, audit->path))
		return 0;
	return hmm_findings_add(audit->findings, "imputed-twice", HMM_WARNING, path,
	    "stands in rows %zu and %zu, with one modality and one generator", before + 1, row + 1);
}

static int
check_mixed(struct hmm_audit *audit, const size_t *order)
{
	const struct hmm_table *table = audit->manifest;
	struct kinds kinds = {0};
	for (size_t i = 0; i < table->rows; i++) {
		const size_t row = order[i], before = order[i ? i - 1 : 0];
		const int begins = i == 0 || audit->subjects.of[row] != audit->subjects.of[before] ||
		                   !same_cell(table, row, before, audit->modality);
		if (begins && i && report_mixed(audit, before, &kinds))
			return -1;
		if (begins)
			kinds = (struct kinds){0};
		const int imputed = hmm_table_cell(table, row, audit->imputed) != NULL;
		kinds.real += !imputed;
		kinds.imputed += (size_t)imputed;
		const int again = imputed && !begins && same_cell(table, row, before, audit->imputed);
		kinds.generators += imputed && !again;
		if (again && report_twice(audit, row, before))
			return -1;
	}
	return table->rows ? report_mixed(audit, order[table->rows - 1], &kinds) : 0;
}

/* What was imputed from an image that is not there, as after a drop that was not hmm-drop's. */
static int
check_sources(struct hmm_audit *audit)
{
	const struct hmm_table *table = audit->manifest;
	struct hmm_column paths;
	size_t imputed = 0, lost = 0, first = 0;
	if (audit->path < 0)
		return 0;
	if (hmm_column_open(&paths, table, audit->path, -1))
		return -1;
	for (size_t path = 0; path < paths.names.count; path++) {
		size_t here = 0;
		for (size_t i = paths.start[path]; i < paths.start[path + 1]; i++)
			here += hmm_table_cell(table, paths.row[i], audit->imputed) != NULL;
		imputed += here;
		if (here < hmm_column_rows(&paths, path))
			continue;
		const size_t row = hmm_column_first(&paths, path);
		first = lost == 0 || row < first ? row : first;
		lost += here;
	}
	const int bad =
	    lost &&
	    hmm_findings_add(audit->findings, "imputed-source", HMM_WARNING,
	        hmm_table_cell(table, first, audit->path),
	        "%zu of %zu imputed lines are of images that have no line of their own", lost, imputed);
	hmm_column_close(&paths);
	return bad ? -1 : 0;
}

int
hmm_audit_imputed(struct hmm_audit *audit)
{
	const int columns[] = {
	    hmm_table_find(audit->manifest, "subject"), audit->modality, audit->imputed, audit->path};
	if (audit->imputed < 0)
		return 0;
	size_t *order = hmm_order_rows(audit->manifest, columns, 4);
	const int bad = !order || check_mixed(audit, order) || check_sources(audit);
	free(order);
	return bad ? -1 : 0;
}
