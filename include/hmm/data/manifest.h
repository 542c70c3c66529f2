/* What the programs on manifests and predictions share: tables with a line an
 * image or a subject, and columns subject, modality, label, group, split, path. */
#ifndef HMM_MANIFEST_H
#define HMM_MANIFEST_H

#include "hmm/data/table.h"

/* The first columns of every manifest, in their order. */
enum hmm_manifest_column {
	HMM_SUBJECT,
	HMM_MODALITY,
	HMM_LABEL,
	HMM_GROUP,
	HMM_SPLIT,
	HMM_PATH,
	HMM_MANIFEST_COLUMNS
};
extern const char *const hmm_manifest_header[HMM_MANIFEST_COLUMNS];

/* Whether labels are 0, 1 or n/a, no path stands in two lines, and all lines of a
 * subject agree in each of these columns, where the table has them. 0, or -1
 * reported. */
int hmm_manifest_check(const struct hmm_table *table, const char *const *columns, size_t count);

/* Order a manifest of hmm_table_new() by subject, modality and path, bytewise. */
void hmm_manifest_sort(struct hmm_table *table);

#endif
