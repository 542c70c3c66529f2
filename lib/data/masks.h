/* Which mask belongs to which image of a folder. */
#ifndef HMM_MASKS_H
#define HMM_MASKS_H

#include "hmm/data/table.h"
#include "pattern.h"

struct hmm_masks {
	int fields;              /* that an image and its mask have in common, a bit each */
	struct hmm_table *masks; /* key, path: what the fields are */
	struct hmm_table *keys;  /* of the images, a row each, as they stand in the manifest */
};

/* 0, or -1 reported; close it in either case. */
int hmm_masks_open(struct hmm_masks *masks, const char *folder, int fields);
void hmm_masks_close(struct hmm_masks *masks); /* legal on zeroes */

/* A mask, and the next image, whose fields are these texts. 0, or -1 reported. */
int hmm_masks_add(struct hmm_masks *masks, char *const *parts, const char *path);
int hmm_masks_add_image(struct hmm_masks *masks, char *const *parts);

/* Fill in column `column` of the images' table, whose rows still are in the order in which they
 * were added. Two masks of one image are an error; warnings count the images without a mask and
 * the masks without an image. 0, or -1 reported. */
int hmm_masks_fill(const struct hmm_masks *masks, struct hmm_table *table, size_t column);

#endif
