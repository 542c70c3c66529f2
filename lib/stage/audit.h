/* What the parts of hmm_check_run() share. */
#ifndef AUDIT_H
#define AUDIT_H

#include "hmm/check.h"
#include "hmm/manifest.h"

/* The rows of a table, name by name. */
struct hmm_bundles {
	struct hmm_names names;
	size_t *start; /* [names.count + 1] into row */
	size_t *row;   /* [rows]: ascending within a name */
};

struct hmm_audit {
	const struct hmm_table *manifest;
	int label, group, split, modality, path, content; /* columns; -1: none */
	int *labels;                                      /* [rows]: 0, 1, -1 */
	struct hmm_bundles subjects, groups;
	struct hmm_table *findings; /* not owned */
};

/* Bundle by column and otherwise, as hmm_names_open(). 0, or -1 reported; close it in
 * either case. */
int hmm_bundles_open(
    struct hmm_bundles *bundles, const struct hmm_table *table, int column, int otherwise);
void hmm_bundles_close(struct hmm_bundles *bundles); /* legal on zeroes */

/* How many values a column has in one bundle, missing ones apart, and into text
 * what they are and in how many lines: "train (3), test (2)". */
size_t hmm_bundles_values(char *text, size_t size, const struct hmm_bundles *bundles, size_t bundle,
    const struct hmm_table *table, int column);

/* The parts: each appends what it finds. 0, or -1 reported. */
int hmm_audit_twins(struct hmm_audit *audit);
int hmm_audit_presence(struct hmm_audit *audit);
int hmm_audit_breakhis(struct hmm_audit *audit);

#endif
