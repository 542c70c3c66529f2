/* A contact sheet: pictures in rows and columns, each with its name. */
#ifndef HMM_SHEET_H
#define HMM_SHEET_H

#include "hmm/file/image.h"

struct hmm_sheet;

struct hmm_sheet *hmm_sheet_open(void);        /* NULL, reported */
void hmm_sheet_close(struct hmm_sheet *sheet); /* NULL is legal */

/* The number of the row of that name, which is a new one below the others unless it is there;
 * `most` where there are so many already. 0, or -1 reported. */
int hmm_sheet_row(struct hmm_sheet *sheet, size_t *row, const char *name, size_t most);

/* One picture. Those of one place, what and by are below each other; several of them in one row
 * are side by side. */
struct hmm_picture {
	size_t place;           /* from the left, from 0 */
	const char *what, *by;  /* its first two lines; "" for an empty one. In a place the pictures are
	                         * in the order in which these came first */
	long index;             /* of its slice, or -1 */
	struct hmm_image image; /* grey or RGB */
};

/* Put a copy of it into a row. 0, or -1 reported: also what would be too much for a sheet. */
int hmm_sheet_add(struct hmm_sheet *sheet, size_t row, const struct hmm_picture *picture);

/* Pictures so far, and in that row, place or not, those of what and by. */
size_t hmm_sheet_count(const struct hmm_sheet *sheet);
size_t hmm_sheet_count_in(
    const struct hmm_sheet *sheet, size_t row, const char *what, const char *by);

/* Draw it, as they are, in grey if all of them are: into an image to hmm_image_free(). 0, or -1
 * reported: it has none, or would be too large. */
int hmm_sheet_draw(struct hmm_image *image, struct hmm_sheet *sheet);

#endif
