/* How images are cut into slices. */
#ifndef HMM_CUT_H
#define HMM_CUT_H

#include <stddef.h>

#include "hmm/base/option.h"
#include "hmm/image/slice.h"

enum hmm_nan { HMM_NAN_ERROR, HMM_NAN_ZERO };

struct hmm_cut {
	enum hmm_slice_axis axis; /* across which a volume is cut */
	long frame;               /* of a 4-D volume, or an HMM_FRAME_... */
	double voxel[3];          /* mm; 0: as it is */
	enum hmm_nan nan;         /* what becomes of voxels that are not finite */
	double clip[2];           /* percentiles, the second above the first; 0: not */
	size_t resize, crop;      /* pixels; 0: not */
	int fit;                  /* 1: whole slices on a square of `crop` pixels */
};

/* As given on the command line. */
enum { HMM_CUT_TEXT = 160 };
struct hmm_cut_options {
	enum hmm_slice_axis axis;
	enum hmm_nan nan;
	const char *frame, *voxel, *clip;
	long resize, crop;
	int fit;
	char texts[3][HMM_CUT_TEXT]; /* of frame, voxel and clip in the history's spelling */
};

#define HMM_CUT_DEFAULT                                                                            \
	{                                                                                              \
		.axis = HMM_AXIAL, .nan = HMM_NAN_ERROR, .resize = 256, .crop = 224                        \
	}

/* The rows of an option table. */
#define HMM_CUT_OPTIONS(o)                                                                         \
	HMM_OPTION_CHOICE(0, "axis", &(o).axis, "sagittal|coronal|axial",                              \
	    "the plane of the slices of a volume", HMM_BINDING),                                       \
	    HMM_OPTION_TEXT(                                                                           \
	        0, "frame", &(o).frame, "N|mean", "which frame of a 4D volume, from 0", HMM_BINDING),  \
	    HMM_OPTION_TEXT(0, "voxel", &(o).voxel, "MM[xMMxMM]",                                      \
	        "resample volumes to this voxel size", HMM_BINDING),                                   \
	    HMM_OPTION_CHOICE(                                                                         \
	        0, "nan", &(o).nan, "error|zero", "what voxels that are not finite are", HMM_BINDING), \
	    HMM_OPTION_TEXT(0, "clip", &(o).clip, "LOW,HIGH",                                          \
	        "clip a volume to these percentiles, such as 0.5,99.5", HMM_BINDING),                  \
	    HMM_OPTION_COUNT(0, "resize", &(o).resize, "N",                                            \
	        "resize the short side to N pixels; 0: not", HMM_BINDING),                             \
	    HMM_OPTION_COUNT(                                                                          \
	        0, "crop", &(o).crop, "N", "crop the centre to N x N pixels; 0: not", HMM_BINDING),    \
	    HMM_OPTION_FLAG(0, "fit", &(o).fit,                                                        \
	        "the whole slice on a square of --crop pixels, instead", HMM_BINDING)

/* What the options say, and in them, for the history, the one spelling that all spellings of a
 * value share. NULL, or what is wrong with them. */
const char *hmm_cut_make(struct hmm_cut *cut, struct hmm_cut_options *given);

#endif
