/* From the voxels of a NIfTI file to a volume in canonical orientation. */
#ifndef HMM_NIFTI_VOXELS_H
#define HMM_NIFTI_VOXELS_H

#include "nifti_header.h"
#include "source.h"

/* Read the voxels, at which `source` stands, into an empty `nifti`, and the rest of the file: the
 * frame of that number or HMM_FRAME_MEAN; HMM_FRAME_ONLY where there is one. 0, or -1 reported. */
int hmm_nifti_voxels(struct hmm_nifti *nifti, struct hmm_source *source,
    const struct hmm_nifti_header *header, long frame, enum hmm_nifti_order order);

#endif
