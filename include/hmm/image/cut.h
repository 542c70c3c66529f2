/* How images are cut into slices. */
#ifndef HMM_CUT_H
#define HMM_CUT_H

#include <stddef.h>

#include "hmm/image/slice.h"

struct hmm_cut {
	enum hmm_slice_axis axis; /* across which a volume is cut */
	long frame;               /* of a 4-D volume, or an HMM_FRAME_... */
	double voxel[3];          /* mm; 0: as it is */
	size_t resize, crop;      /* pixels; 0: not */
};

enum { HMM_CUT_TEXT = 100 };

/* Read a frame ("3", "mean") or a voxel size ("2", "1x1x2.5"), and write into `text` the one
 * spelling that all of its spellings share. 0, or -1, not reported: it is none. */
int hmm_cut_frame(struct hmm_cut *cut, char text[HMM_CUT_TEXT], const char *given);
int hmm_cut_voxel(struct hmm_cut *cut, char text[HMM_CUT_TEXT], const char *given);

#endif
