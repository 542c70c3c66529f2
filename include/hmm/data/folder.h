/* Images in any folder, by a pattern of their paths. */
#ifndef HMM_FOLDER_H
#define HMM_FOLDER_H

#include "hmm/data/table.h"

struct hmm_folder_options {
	const char *pattern; /* such as "{group}/{subject}_{modality}.png" */
	const char *subject; /* of its fields, such as "{group}_{study}"; NULL: {subject} */
	const char *mask;    /* the pattern of the images' masks; NULL: none */
	const char *labels;  /* a table of labels, .tsv or .csv; NULL: none; not with {label} */
	const char *label;   /* its column */
};

/* Whether the patterns can be used: at most 16 fields, of the known names; {subject} or `subject`;
 * no field in the others that is not in the first. 0, or -1 reported. */
int hmm_folder_check(const struct hmm_folder_options *options);

/* A manifest of the files below `folder` whose path fits the pattern, in no order.
 * A field is one character or more without '/'. Read from the left, {modality}
 * and {label} take as little as they can and the others as much as they can; a
 * name that stands twice, {any} apart, is the same text twice. A file that fits `mask` is no image
 * but the mask, in a column of that name, of the images with the same fields. Labels are as the
 * {label} or the table has them; the table's key is its column `subject` or else
 * `group`. Warnings count what does not fit and who has no label or mask. NULL, reported. */
struct hmm_table *hmm_folder_read(const char *folder, const struct hmm_folder_options *options);

#endif
