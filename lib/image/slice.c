#include "hmm/image/slice.h"

#include <math.h>
#include <stdlib.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/resample.h"

static const size_t max_voxels = (size_t)1 << 30;

/* ---- voxel size ---- */

static int
to_float(struct hmm_tensor *volume)
{
	const size_t *shape = volume->shape;
	struct hmm_tensor out = {0};
	if (volume->dtype == HMM_F32)
		return 0;
	if (hmm_tensor_resize(&out, HMM_F32, shape, 3))
		return -1;
	hmm_tensor_floats(out.data, volume, 0, shape[0] * shape[1] * shape[2]);
	hmm_tensor_free(volume);
	*volume = out;
	return 0;
}

/* Give dimension d of the volume `size` voxels. */
static int
resample_axis(struct hmm_tensor *volume, int d, size_t size)
{
	struct hmm_resample_axis axis = {.in = volume->shape[d], .out = size, .count = size};
	struct hmm_tensor out = {0};
	size_t shape[3] = {volume->shape[0], volume->shape[1], volume->shape[2]};
	size_t outer = 1, inner = 1;
	for (int i = 0; i < d; i++)
		outer *= shape[i];
	for (int i = d + 1; i < 3; i++)
		inner *= shape[i];
	shape[d] = size;
	axis.taps = hmm_resample_taps(axis.in, axis.out, HMM_CUBIC);
	axis.from = hmm_alloc(size, sizeof(*axis.from));
	axis.weights = hmm_alloc(size * axis.taps, sizeof(*axis.weights));
	const int bad = !axis.from || !axis.weights || hmm_tensor_resize(&out, HMM_F32, shape, 3);
	if (!bad) {
		hmm_resample_plan(&axis, HMM_CUBIC);
		hmm_resample_run(out.data, volume->data, outer, inner, &axis);
		hmm_tensor_free(volume);
		*volume = out;
	}
	free(axis.from);
	free(axis.weights);
	return bad ? -1 : 0;
}

int
hmm_slice_resample(
    struct hmm_tensor *volume, const double spacing[3], const double wanted[3], const char *name)
{
	size_t size[3], voxels = 1;
	for (int i = 0; i < 3; i++) {
		const double exact = (double)volume->shape[2 - i] * spacing[i] / wanted[i];
		const double rounded = exact < 1 ? 1 : round(exact);
		voxels = rounded < (double)max_voxels / (double)voxels ? voxels * (size_t)rounded : 0;
		if (!voxels)
			return hmm_error("%s: voxels of %g x %g x %g mm make a volume of more than %zu of them",
			    name, wanted[0], wanted[1], wanted[2], max_voxels);
		size[i] = (size_t)rounded;
	}
	if (to_float(volume))
		return -1;
	for (int i = 0; i < 3; i++)
		if (size[i] != volume->shape[2 - i] && resample_axis(volume, 2 - i, size[i]))
			return -1;
	return 0;
}

/* ---- slices ---- */

size_t
hmm_slice_count(const struct hmm_tensor *volume, enum hmm_slice_axis axis)
{
	return volume->shape[2 - (int)axis];
}

void
hmm_slice_shape(size_t shape[2], const struct hmm_tensor *volume, enum hmm_slice_axis axis)
{
	shape[0] = axis == HMM_AXIAL ? volume->shape[1] : volume->shape[0];
	shape[1] = axis == HMM_SAGITTAL ? volume->shape[1] : volume->shape[2];
}

void
hmm_slice_cut(
    unsigned char *slice, const struct hmm_tensor *bytes, enum hmm_slice_axis axis, size_t index)
{
	const size_t row = bytes->shape[2], plane = row * bytes->shape[1];
	const size_t step = axis == HMM_SAGITTAL ? row : 1, rise = axis == HMM_AXIAL ? row : plane;
	const size_t across[3] = {1, row, plane};
	const unsigned char *from = (unsigned char *)bytes->data + index * across[axis];
	size_t shape[2];
	hmm_slice_shape(shape, bytes, axis);
	/* The first row is the front or the top: the end of y or z. */
	for (size_t y = 0; y < shape[0]; y++)
		for (size_t x = 0; x < shape[1]; x++)
			slice[y * shape[1] + x] = from[(shape[0] - 1 - y) * rise + x * step];
}
