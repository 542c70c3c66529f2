/* Intensities of a volume to bytes, as the paper's code has them: standardised, then stretched
 * to 0..255. */
#ifndef HMM_QUANTISE_H
#define HMM_QUANTISE_H

#include "hmm/base/parallel.h"
#include "hmm/base/tensor.h"

/* inside (U8, same shape) = volume > threshold. 0, or -1 reported. */
int hmm_quantise_mask(struct hmm_tensor *inside, const struct hmm_tensor *volume, double threshold);

/* Intensities (F32 or F64) to bytes (U8, same shape), in double and in this
 * order: z = (v - mean) / std with the population's standard deviation, t = (z -
 * min z) / (max z - min z), byte = t * 255 truncated. With a mask (U8, or NULL)
 * these are the statistics of the voxels inside, and those outside become 0.
 * Sums are NumPy's, to the bit, for an array whose first axis is the volume's last: over all of it
 * in the order of memory, over a selection in that of NumPy's v[mask]. 0, or 1 when the volume is
 * constant and all bytes are 0, or -1 reported under the volume's name. */
int hmm_quantise(struct hmm_tensor *bytes, const struct hmm_tensor *volume,
    const struct hmm_tensor *mask, struct hmm_pool *pool, const char *name);

#endif
