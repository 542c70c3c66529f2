#include "hmm/image/prepare.h"

#include "hmm/base/error.h"
#include "hmm/image/clip.h"
#include "hmm/image/quantise.h"

enum hmm_nifti_order
hmm_prepare_order(const struct hmm_cut *cut)
{
	return cut->voxel[0] > 0 ? HMM_CANONICAL : HMM_STORED;
}

static size_t
count_of(const struct hmm_tensor *tensor)
{
	return tensor->shape[0] * tensor->shape[1] * tensor->shape[2];
}

/* Zeros for what is not finite; how many voxels inside (NULL: of all) were so, and in *of how many
 * there are. */
static size_t
clear(size_t *of, struct hmm_tensor *volume, const struct hmm_tensor *inside)
{
	float *f32 = volume->data;
	double *f64 = volume->data;
	size_t strange = 0;
	*of = 0;
	for (size_t i = 0; i < count_of(volume); i++) {
		const int counts = !inside || ((const unsigned char *)inside->data)[i];
		const double value = volume->dtype == HMM_F32 ? (double)f32[i] : f64[i];
		*of += (size_t)counts;
		if (value - value == 0)
			continue;
		strange += (size_t)counts;
		if (volume->dtype == HMM_F32)
			f32[i] = 0;
		else
			f64[i] = 0;
	}
	return strange;
}

/* What is not finite, inside or anywhere, is an error or becomes 0. */
static int
settle(struct hmm_nifti *volume, const struct hmm_tensor *inside, enum hmm_nan nan,
    const char *what, const char *name)
{
	size_t of;
	const size_t strange = volume->strange ? clear(&of, &volume->voxels, inside) : 0;
	if (!strange)
		return 0;
	if (nan == HMM_NAN_ERROR)
		return hmm_error("%s: %zu of %zu voxels%s are not finite, want none: --nan zero takes them "
		                 "for 0, as fslmaths in -nan out does",
		    name, strange, of, what);
	hmm_warn_counted(
	    "%s: %zu of %zu voxels%s are not finite and taken for 0", name, strange, of, what);
	return 0;
}

/* The voxels inside the mask, in the order of the volume. */
static int
select_inside(struct hmm_tensor *inside, struct hmm_nifti *mask, const struct hmm_nifti *volume,
    const struct hmm_cut *cut, const char *name)
{
	struct hmm_tensor canonical = {0};
	int bad = settle(mask, NULL, cut->nan, " of its mask", name) ||
	          hmm_quantise_mask(&canonical, &mask->voxels, 0);
	hmm_nifti_free(mask);
	if (!bad && hmm_prepare_order(cut) == HMM_STORED && !hmm_nifti_is_canonical(volume)) {
		bad = hmm_tensor_resize(inside, HMM_U8, volume->voxels.shape, 3);
		if (!bad)
			hmm_nifti_turn_back(inside->data, canonical.data, volume);
		hmm_tensor_free(&canonical);
	} else {
		*inside = canonical;
	}
	return bad ? -1 : 0;
}

static int
resample(struct hmm_tensor *voxels, struct hmm_tensor *inside, const double spacing[3],
    const double wanted[3], const char *name)
{
	struct hmm_tensor fine = {0};
	if (hmm_slice_resample(voxels, spacing, wanted, name))
		return -1;
	if (!inside->data)
		return 0;
	const int bad =
	    hmm_slice_resample(inside, spacing, wanted, name) || hmm_quantise_mask(&fine, inside, 0.5);
	hmm_tensor_free(inside);
	*inside = fine;
	return bad ? -1 : 0;
}

/* Bytes of the volume, which goes away, to canonical order. */
static int
turn(struct hmm_tensor *bytes, struct hmm_nifti *volume)
{
	struct hmm_tensor canonical = {0};
	hmm_tensor_free(&volume->voxels);
	if (hmm_nifti_is_canonical(volume))
		return 0;
	const int bad = hmm_tensor_resize(&canonical, HMM_U8, volume->shape, 3);
	if (!bad)
		hmm_nifti_turn(canonical.data, bytes->data, volume);
	hmm_tensor_free(bytes);
	*bytes = canonical;
	return bad;
}

int
hmm_prepare(struct hmm_tensor *bytes, struct hmm_nifti *volume, struct hmm_nifti *mask,
    const struct hmm_cut *cut, struct hmm_pool *pool, const char *name)
{
	struct hmm_tensor inside = {0}, *voxels = &volume->voxels;
	int state = mask ? select_inside(&inside, mask, volume, cut, name) : 0;
	const struct hmm_tensor *selected = mask ? &inside : NULL;
	if (!state)
		state = settle(volume, selected, cut->nan, mask ? " inside the mask" : "", name);
	if (!state && cut->voxel[0] > 0)
		state = resample(voxels, &inside, volume->spacing, cut->voxel, name);
	if (!state && cut->clip[1] > 0)
		state = hmm_clip(voxels, selected, cut->clip);
	if (!state)
		state = hmm_quantise(bytes, voxels, selected, pool, name);
	hmm_tensor_free(&inside);
	if (state >= 0 && hmm_prepare_order(cut) == HMM_STORED && turn(bytes, volume))
		state = -1;
	return state;
}
