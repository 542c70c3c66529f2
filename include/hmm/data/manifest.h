/* What the programs on manifests and predictions share: tables with a line an
 * image or a subject, and columns subject, modality, label, group, split, path. */
#ifndef HMM_MANIFEST_H
#define HMM_MANIFEST_H

#include "hmm/data/target.h"

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

/* The column that says of an image which generator made it of another, which is its path then: the
 * digest of the generator's weights. */
#define HMM_IMPUTED "imputed"

/* Whether a row says so as it should: 0, or -1 reported. A real image's row has n/a there (NULL),
 * or there is no such column. */
int hmm_manifest_imputed(const struct hmm_table *table, size_t row, int column);

/* Whether labels are 0, 1 or n/a, all lines of a subject agree in each of these columns, where the
 * table has them, and no image stands in two lines: no path of a real one, and of an imputed one no
 * path with the same modality and generator. 0, or -1 reported. */
int hmm_manifest_check(const struct hmm_table *table, const char *const *columns, size_t count);

/* The same with labels of a target, of times beside events. */
int hmm_manifest_check_target(const struct hmm_table *table, enum hmm_target target,
    const char *const *columns, size_t count);

/* Order a manifest of hmm_table_new() by subject, modality and path, bytewise. 0, or -1 reported.
 */
int hmm_manifest_sort(struct hmm_table *table);

#endif
