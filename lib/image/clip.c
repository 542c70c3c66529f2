#include "hmm/image/clip.h"

#include <stdlib.h>

#include "hmm/base/memory.h"

static size_t
count_of(const struct hmm_tensor *tensor)
{
	return tensor->shape[0] * tensor->shape[1] * tensor->shape[2];
}

static int
to_double(struct hmm_tensor *volume)
{
	struct hmm_tensor out = {0};
	const float *from = volume->data;
	if (volume->dtype == HMM_F64)
		return 0;
	if (hmm_tensor_resize(&out, HMM_F64, volume->shape, 3))
		return -1;
	for (size_t i = 0; i < count_of(volume); i++)
		((double *)out.data)[i] = (double)from[i];
	hmm_tensor_free(volume);
	*volume = out;
	return 0;
}

static void
swap(double *a, double *b)
{
	const double kept = *a;
	*a = *b;
	*b = kept;
}

/* The value that would stand at `at` if v[count] were sorted, which it is as far as it takes: no
 * less before it, no more behind it (Hoare, Communications of the ACM 4, 1961). */
static double
select_rank(double *v, size_t count, size_t at)
{
	size_t low = 0, high = count - 1;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (v[middle] < v[low])
			swap(&v[middle], &v[low]);
		if (v[high] < v[low])
			swap(&v[high], &v[low]);
		if (v[high] < v[middle])
			swap(&v[high], &v[middle]);
		const double pivot = v[middle];
		size_t i = low, j = high;
		while (i <= j) {
			while (v[i] < pivot)
				i++;
			while (pivot < v[j])
				j--;
			if (i <= j) {
				swap(&v[i++], &v[j]);
				if (j-- == 0)
					break;
			}
		}
		if (j < count && at <= j)
			high = j;
		else if (at >= i)
			low = i;
		else
			break;
	}
	return v[at];
}

/* Between the values at both sides of the percentile's place, in the arithmetic of NumPy. */
static double
percentile_of(double *v, size_t count, double percentile)
{
	const double place = (double)(count - 1) * (percentile / 100);
	const size_t below = (size_t)place, above = below + 1 < count ? below + 1 : below;
	const double part = place - (double)below;
	const double low = select_rank(v, count, below), high = select_rank(v, count, above);
	const double step = high - low;
	return part < .5 ? low + step * part : high - step * (1 - part);
}

int
hmm_clip(struct hmm_tensor *volume, const struct hmm_tensor *inside, const double percentile[2])
{
	const size_t count = count_of(volume);
	const unsigned char *selected = inside ? inside->data : NULL;
	size_t kept = 0;
	double *copy = to_double(volume) ? NULL : hmm_alloc_raw(count, sizeof(*copy));
	if (!copy)
		return -1;
	double *v = volume->data;
	for (size_t i = 0; i < count; i++)
		if (!selected || selected[i])
			copy[kept++] = v[i];
	if (kept) { /* an empty mask is reported later */
		const double low = percentile_of(copy, kept, percentile[0]);
		const double high = percentile_of(copy, kept, percentile[1]);
		for (size_t i = 0; i < count; i++)
			v[i] = v[i] < low ? low : v[i] > high ? high : v[i];
	}
	free(copy);
	return 0;
}
