/* Intensities within percentiles of theirs. */
#ifndef HMM_CLIP_H
#define HMM_CLIP_H

#include "hmm/base/tensor.h"

/* Make a volume (F32 or F64, finite) F64, its voxels no less than the first percentile and no more
 * than the second of those inside (U8, same shape; NULL: of all), by NumPy's percentile():
 * linear between neighbours. 0, or -1 reported. */
int hmm_clip(
    struct hmm_tensor *volume, const struct hmm_tensor *inside, const double percentile[2]);

#endif
