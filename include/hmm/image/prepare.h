/* From the intensities of a volume to bytes in canonical order. */
#ifndef HMM_PREPARE_H
#define HMM_PREPARE_H

#include "hmm/base/parallel.h"
#include "hmm/file/nifti.h"
#include "hmm/image/cut.h"

/* The order in which a volume that is cut so must be read. */
enum hmm_nifti_order hmm_prepare_order(const struct hmm_cut *cut);

/* A volume in that order and its mask in canonical order (NULL: none; inside is what is above 0),
 * on the same grid, to bytes (U8): what is not finite as `cut` says, resampled where it says so (a
 * new voxel is inside where more of it is in than out), clipped, and hmm_quantise(). The voxels of
 * both are used up. 0, or 1 when what is inside is constant and all bytes are 0, or -1 reported
 * under the volume's name. */
int hmm_prepare(struct hmm_tensor *bytes, struct hmm_nifti *volume, struct hmm_nifti *mask,
    const struct hmm_cut *cut, struct hmm_pool *pool, const char *name);

#endif
