#include <stddef.h>

#include "hmm/file/nifti.h"

int
hmm_nifti_is_canonical(const struct hmm_nifti *nifti)
{
	int same = 1;
	for (int i = 0; i < 3; i++)
		same &= nifti->axis[i] == i && nifti->sign[i] > 0;
	return same;
}

/* From one order to the other: the stored voxels lie one after the other. */
static void
turn(unsigned char *canonical, unsigned char *to_stored, const unsigned char *stored,
    const struct hmm_nifti *nifti)
{
	const size_t *shape = nifti->shape;
	const size_t step[3] = {1, shape[2], shape[2] * shape[1]};
	ptrdiff_t stride[3], start = 0;
	size_t size[3], at = 0;
	for (int i = 0; i < 3; i++) {
		size[i] = shape[2 - nifti->axis[i]];
		stride[i] = nifti->sign[i] * (ptrdiff_t)step[nifti->axis[i]];
		if (nifti->sign[i] < 0)
			start += (ptrdiff_t)((size[i] - 1) * step[nifti->axis[i]]);
	}
	for (size_t k = 0; k < size[2]; k++)
		for (size_t j = 0; j < size[1]; j++, at += size[0]) {
			unsigned char *row =
			    canonical + start + (ptrdiff_t)j * stride[1] + (ptrdiff_t)k * stride[2];
			for (size_t i = 0; i < size[0]; i++, row += stride[0])
				if (stored)
					*row = stored[at + i];
				else
					to_stored[at + i] = *row;
		}
}

void
hmm_nifti_turn(unsigned char *canonical, const unsigned char *stored, const struct hmm_nifti *nifti)
{
	turn(canonical, NULL, stored, nifti);
}

void
hmm_nifti_turn_back(
    unsigned char *stored, const unsigned char *canonical, const struct hmm_nifti *nifti)
{
	turn((unsigned char *)(ptrdiff_t)canonical, stored, NULL, nifti);
}
