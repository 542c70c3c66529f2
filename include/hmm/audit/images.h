/* What the images of a manifest show. */
#ifndef HMM_IMAGES_H
#define HMM_IMAGES_H

#include "hmm/audit/findings.h"

struct hmm_images {
	struct hmm_image_read *image; /* [paths] */
	char **cells;                 /* [rows]: the column `content` */
};

/* Read a manifest's images, `threads` at a time, and give it a column `content` with the
 * digest of each: n/a for what is blank or cannot be read, which are findings of their own
 * and no twins. Nothing is done without a column path. The column lives until
 * hmm_images_free(), legal on zeroes. 0, or -1 reported. */
int hmm_images_read(struct hmm_images *images, struct hmm_table *findings,
    struct hmm_table *manifest, size_t threads);
void hmm_images_free(struct hmm_images *images);

#endif
