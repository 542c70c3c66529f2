/* What a manifest says of an image, on the records of its features. */
#ifndef HMM_STAMP_H
#define HMM_STAMP_H

#include <stdio.h>

#include "hmm/data/table.h"
#include "hmm/stream/record.h"

struct hmm_stamp {
	const struct hmm_table *table;
	int subject, modality, label, event, group, split, path, imputed; /* columns */
};

/* For the rows of a valid manifest, which must outlive it. 0, or -1 reported. */
int hmm_stamp_open(struct hmm_stamp *stamp, const struct hmm_table *table);

/* Stamp a record with what the row says. Its features must be those of such an image: real, or
 * imputed by the row's generator; `entry` is where they come from. 0, or -1 reported. */
int hmm_stamp_put(
    const struct hmm_stamp *stamp, struct hmm_record *record, size_t row, const char *entry);

/* The files of a row's image, and what the row says of them; NULL: nothing. */
struct hmm_stamp_image {
	const char *path, *mask;
	const char *features; /* their name in a cache */
	const char *sha256;   /* see hmm_files_check() */
};

/* Print a line a file of it: the image's path, image or mask, the file's. 0, or -1 reported. */
int hmm_stamp_print_files(FILE *file, const struct hmm_stamp_image *image);

/* Let a record, which is cleared, stand for the image that a row names, which of an imputed row is
 * the one that it was imputed from: an image of modality `as`, not marked. With NULL for that such
 * a row is refused. Of what else the row says it gets nothing where `stamp` is NULL. 0, or -1
 * reported. */
int hmm_stamp_source(struct hmm_stamp_image *image, const struct hmm_stamp *stamp,
    struct hmm_record *record, const struct hmm_table *table, size_t row, const char *as);

/* Whether that will do, with `rows` for every row, before the first image is cut. 0, or -1
 * reported. */
int hmm_stamp_check(const struct hmm_stamp *stamp, struct hmm_record *record,
    const struct hmm_table *table, const char *as, int rows);

#endif
