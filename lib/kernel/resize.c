#include "hmm/kernel/resize.h"

#include <math.h>

#include "hmm/kernel/kernels.h"

void
hmm_resize_fix(int32_t *fixed, const struct hmm_resample_axis *axis)
{
	for (size_t i = 0; i < axis->count * axis->taps; i++)
		fixed[i] = (int32_t)lround(axis->weights[i] * (1 << HMM_RESIZE_FRACTION));
}

void
hmm_resize_rows(unsigned char *out, const unsigned char *in, size_t rows,
    const struct hmm_resample_axis *axis, const int32_t *fixed)
{
	hmm_kernels()->resize_rows(out, in, rows, axis, fixed);
}

void
hmm_resize_columns(unsigned char *out, size_t stride, const unsigned char *in, size_t width,
    const struct hmm_resample_axis *axis, const int32_t *fixed)
{
	hmm_kernels()->resize_columns(out, stride, in, width, axis, fixed);
}
