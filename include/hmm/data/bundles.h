#ifndef HMM_BUNDLES_H
#define HMM_BUNDLES_H

#include "hmm/data/manifest.h"

/* The rows of a table, name by name. */
struct hmm_bundles {
	struct hmm_names names;
	size_t *start; /* [names.count + 1] into row */
	size_t *row;   /* [rows]: ascending within a name */
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

#endif
