/* NIfTI-1 and -2 volumes: .nii, .nii.gz, .hdr + .img(.gz), either byte order.
 * https://nifti.nimh.nih.gov: nifticlib reads the header, the data is read here,
 * once and forward, because nifticlib would turn NaN into 0. */
#ifndef HMM_NIFTI_H
#define HMM_NIFTI_H

#include "hmm/tensor.h"

enum { HMM_FRAME_NONE = -1, HMM_FRAME_MEAN = -2 };

/* A scalar volume in canonical orientation (RAS+). */
struct hmm_volume {
	struct hmm_tensor values; /* f64 (z, y, x): x to the patient's right, y to the front, z up */
	double spacing[3];        /* mm between voxels along x, y, z */
	double affine[3][4];      /* voxel indices (x, y, z) to mm */
};

void hmm_volume_free(struct hmm_volume *volume);

/* Whether a path's name says NIfTI. */
int hmm_nifti_is(const char *path);

/* Read a volume and turn it to the closest canonical orientation (RAS+), as
 * nibabel's as_closest_canonical: axes are permuted and flipped, nothing is
 * interpolated. scl_slope and scl_inter are applied. A 4D file wants a frame, from
 * 0, or HMM_FRAME_MEAN. 0, or -1 reported: colour and complex types, lengths that
 * do not fit the file, voxels that are not finite. */
int hmm_nifti_read(struct hmm_volume *volume, const char *path, long frame);

#endif
