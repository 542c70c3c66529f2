#include <stdio.h>

#include "audit.h"

enum { TEXT = 1024, LISTED = 4 };

/* Whether the rows of a bundle are of more than one of these names. */
static int
differ(const struct hmm_names *names, const struct hmm_bundles *twins, size_t bundle)
{
	for (size_t i = twins->start[bundle]; i < twins->start[bundle + 1]; i++)
		if (names->of[twins->row[i]] != names->of[twins->row[twins->start[bundle]]])
			return 1;
	return 0;
}

/* "a.png (subject s, group g, split train, label 1), ..." */
static void
list_rows(char *text, size_t size, const struct hmm_audit *audit, const struct hmm_bundles *twins,
    size_t bundle)
{
	const struct hmm_table *table = audit->manifest;
	const size_t start = twins->start[bundle], count = twins->start[bundle + 1] - start;
	size_t used = 0;
	for (size_t i = 0; i < count && i < LISTED; i++) {
		const size_t row = twins->row[start + i];
		const char *split = hmm_table_cell(table, row, audit->split);
		const char *label = hmm_table_cell(table, row, audit->label);
		const int length =
		    snprintf(text + used, size - used, "%s%s (subject %s, group %s, split %s, label %s)",
		        i ? ", " : "", hmm_table_cell(table, row, audit->path),
		        audit->subjects.names.name[audit->subjects.names.of[row]],
		        audit->groups.names.name[audit->groups.names.of[row]], split ? split : "n/a",
		        label ? label : "n/a");
		used += length > 0 && (size_t)length < size - used ? (size_t)length : 0;
	}
	if (count > LISTED)
		snprintf(text + used, size - used, " and %zu more", count - LISTED);
}

static int
report(struct hmm_audit *audit, const struct hmm_bundles *twins, size_t bundle)
{
	char rows[TEXT], text[TEXT];
	const struct hmm_table *table = audit->manifest;
	const size_t count = twins->start[bundle + 1] - twins->start[bundle];
	const char *path = hmm_table_cell(table, twins->row[twins->start[bundle]], audit->path);
	const int one = hmm_bundles_values(text, sizeof(text), twins, bundle, table, audit->path) < 2;
	const char *what = one ? "lines of one path" : "images with the same pixels";
	list_rows(rows, sizeof(rows), audit, twins, bundle);
	if (hmm_bundles_values(text, sizeof(text), twins, bundle, table, audit->label) > 1 &&
	    hmm_findings_add(
	        audit->findings, "twin-labels", HMM_SEVERE, path, "%zu %s: %s", count, what, rows))
		return -1;
	const int splits =
	    hmm_bundles_values(text, sizeof(text), twins, bundle, table, audit->split) > 1;
	return hmm_findings_add(audit->findings,
	    splits                                          ? "twin-splits"
	    : differ(&audit->groups.names, twins, bundle)   ? "twin-groups"
	    : differ(&audit->subjects.names, twins, bundle) ? "twin-subjects"
	                                                    : "twin-images",
	    splits ? HMM_SEVERE : HMM_WARNING, path, "%zu %s: %s", count, what, rows);
}

int
hmm_audit_twins(struct hmm_audit *audit)
{
	struct hmm_bundles twins = {0};
	if (audit->path < 0)
		return 0;
	int bad = hmm_bundles_open(
	    &twins, audit->manifest, audit->content < 0 ? audit->path : audit->content, audit->path);
	for (size_t row = 0; row < audit->manifest->rows && !bad; row++) {
		const size_t bundle = twins.names.of[row];
		if (twins.names.first[bundle] == row && twins.start[bundle + 1] - twins.start[bundle] > 1)
			bad = report(audit, &twins, bundle);
	}
	hmm_bundles_close(&twins);
	return bad;
}
