/* From an image to the 8-bit slices that the feature extractor takes.
 *
 * A volume is (z, y, x) with x to the patient's right, y to the front, z up, as
 * hmm_nifti_read() gives it. Its slices are upright and the patient's left is
 * on the left (neurological view):
 *
 *   axial     one a z, from the feet up     rows front to back, columns left to right
 *   coronal   one a y, from the back        rows top to bottom, columns left to right
 *   sagittal  one an x, from the left       rows top to bottom, columns back to front
 */
#ifndef HMM_SLICE_H
#define HMM_SLICE_H

#include <stddef.h>
#include <stdint.h>

#include "hmm/base/parallel.h"
#include "hmm/base/tensor.h"

enum hmm_slice_axis { HMM_SAGITTAL, HMM_CORONAL, HMM_AXIAL }; /* across x, y, z */

/* Resample a volume (F32, F64 or U8) to voxels of `wanted` mm, x then y then z,
 * by cubic interpolation: round(n * spacing / wanted) voxels, at least one, over
 * the same extent. It becomes F32. 0, or -1 reported under the volume's name. */
int hmm_slice_resample(
    struct hmm_tensor *volume, const double spacing[3], const double wanted[3], const char *name);

/* Slices across that axis; their (height, width). */
size_t hmm_slice_count(const struct hmm_tensor *volume, enum hmm_slice_axis axis);
void hmm_slice_shape(size_t shape[2], const struct hmm_tensor *volume, enum hmm_slice_axis axis);

/* Copy one slice of a U8 volume. */
void hmm_slice_cut(
    unsigned char *slice, const struct hmm_tensor *bytes, enum hmm_slice_axis axis, size_t index);

/* torchvision's Resize(resize) and CenterCrop(crop) on 8-bit images through
 * Pillow: the shorter side becomes `resize` (0: leave the size), then the middle
 * crop x crop pixels (0: all) with zeros around what is smaller. */
struct hmm_slice_fit;

/* For height x width images and that many threads at once; NULL, reported. */
struct hmm_slice_fit *hmm_slice_fit_open(
    size_t height, size_t width, size_t resize, size_t crop, size_t threads);

/* Whole images, of that many mm a side (height, width), on a square of `size` x `size` pixels: as
 * large as fits, the aspect kept, in the middle, zeros around it: Pillow's ImageOps.pad() where
 * pixels are as high as wide. */
struct hmm_slice_fit *hmm_slice_fit_whole(
    size_t height, size_t width, size_t size, const double extent[2], size_t threads);
void hmm_slice_fit_close(struct hmm_slice_fit *fit); /* NULL is legal */
int hmm_slice_fit_is(const struct hmm_slice_fit *fit, size_t height, size_t width);

/* The (height, width) that comes out. */
void hmm_slice_fit_shape(const struct hmm_slice_fit *fit, size_t shape[2]);

/* out [channels][the shape above] from in [channels][height][width], by thread number
 * `thread`, from 0. No allocation. */
void hmm_slice_fit_run(unsigned char *out, const struct hmm_slice_fit *fit, const unsigned char *in,
    size_t channels, size_t thread);

/* Whether the crop takes pixels away; and to *all and *kept add the sum of an image
 * [height][width], and of what of it stays. */
int hmm_slice_fit_crops(const struct hmm_slice_fit *fit);
void hmm_slice_fit_sum(
    uint64_t *all, uint64_t *kept, const struct hmm_slice_fit *fit, const unsigned char *in);

#endif
