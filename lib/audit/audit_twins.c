#include <stdio.h>

#include "audit.h"

enum { TEXT = 1024, LISTED = 4 };

/* Whether the rows of one image have more than one name in this column. */
static int
differ(const struct hmm_column *column, const struct hmm_column *twins, size_t image)
{
	for (size_t i = twins->start[image]; i < twins->start[image + 1]; i++)
		if (column->of[twins->row[i]] != column->of[hmm_column_first(twins, image)])
			return 1;
	return 0;
}

/* "a.png (subject s, group g, split train, label 1), ..." */
static void
list_rows(char *text, size_t size, const struct hmm_audit *audit, const struct hmm_column *twins,
    size_t image)
{
	const struct hmm_table *table = audit->manifest;
	const size_t start = twins->start[image], count = hmm_column_rows(twins, image);
	size_t used = 0;
	for (size_t i = 0; i < count && i < LISTED; i++) {
		const size_t row = twins->row[start + i];
		const char *split = hmm_table_cell(table, row, audit->split);
		const char *label = hmm_table_cell(table, row, audit->label);
		const int length =
		    snprintf(text + used, size - used, "%s%s%s (subject %s, group %s, split %s, label %s)",
		        i ? ", " : "", hmm_table_cell(table, row, audit->imputed) ? "imputed from " : "",
		        hmm_table_cell(table, row, audit->path),
		        audit->subjects.names.name[audit->subjects.of[row]],
		        audit->groups.names.name[audit->groups.of[row]], split ? split : "n/a",
		        label ? label : "n/a");
		used += length > 0 && (size_t)length < size - used ? (size_t)length : 0;
	}
	if (count > LISTED)
		snprintf(text + used, size - used, " and %zu more", count - LISTED);
}

/* How many values a column has in the lines of one image; -1, reported. */
static long
count_values(
    const struct hmm_audit *audit, const struct hmm_column *twins, size_t image, int column)
{
	char text[TEXT];
	return hmm_column_values(text, sizeof(text), twins, image, audit->manifest, column);
}

/* Whether the lines of one path are different images, of which one may be real: what was imputed
 * from an image is none like it. */
static int
are_imputed(const struct hmm_audit *audit, const struct hmm_column *twins, size_t image)
{
	size_t real = 0;
	for (size_t i = twins->start[image]; i < twins->start[image + 1]; i++)
		real += !hmm_table_cell(audit->manifest, twins->row[i], audit->imputed);
	return real < 2;
}

static int
report(struct hmm_audit *audit, const struct hmm_column *twins, size_t image)
{
	char rows[TEXT];
	const char *path = hmm_table_cell(audit->manifest, hmm_column_first(twins, image), audit->path);
	const long paths = count_values(audit, twins, image, audit->path);
	const long labels = count_values(audit, twins, image, audit->label);
	const long splits = count_values(audit, twins, image, audit->split);
	if (paths < 0 || labels < 0 || splits < 0)
		return -1;
	const int one = labels < 2 && splits < 2 && !differ(&audit->subjects, twins, image);
	if (paths < 2 && one && are_imputed(audit, twins, image))
		return 0;
	const char *what = paths < 2 ? "lines of one path" : "images with the same pixels";
	list_rows(rows, sizeof(rows), audit, twins, image);
	const size_t count = paths < 2 ? hmm_column_rows(twins, image) : (size_t)paths;
	if (labels > 1 && hmm_findings_add(audit->findings, "twin-labels", HMM_SEVERE, path,
	                      "%zu %s: %s", count, what, rows))
		return -1;
	return hmm_findings_add(audit->findings,
	    splits > 1                               ? "twin-splits"
	    : differ(&audit->groups, twins, image)   ? "twin-groups"
	    : differ(&audit->subjects, twins, image) ? "twin-subjects"
	                                             : "twin-images",
	    splits > 1 ? HMM_SEVERE : HMM_WARNING, path, "%zu %s: %s", count, what, rows);
}

int
hmm_audit_twins(struct hmm_audit *audit)
{
	struct hmm_column twins = {0};
	if (audit->path < 0)
		return 0;
	int bad = hmm_column_open(
	    &twins, audit->manifest, audit->content < 0 ? audit->path : audit->content, audit->path);
	for (size_t row = 0; row < audit->manifest->rows && !bad; row++) {
		const size_t image = twins.of[row];
		if (hmm_column_first(&twins, image) == row && hmm_column_rows(&twins, image) > 1)
			bad = report(audit, &twins, image);
	}
	hmm_column_close(&twins);
	return bad;
}
