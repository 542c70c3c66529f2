/* Cubic resampling against Pillow's mode F (tests/golden/make_resize.py), along
 * each axis of a volume, and the voxel counts that follow from sizes in mm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/resample.h"
#include "hmm/image/slice.h"
#include "ref.h"
#include "test.h"

/* A volume of 6 lines of `n` values along dimension d; the other sizes 2 and 3. */
static void
fill(struct hmm_tensor *volume, int d, size_t n, const float *lines)
{
	size_t shape[3] = {0}, at[3];
	for (int i = 0, other = 2; i < 3; i++)
		shape[i] = i == d ? n : (size_t)other++;
	hmm_tensor_resize(volume, HMM_F32, shape, 3);
	for (size_t i = 0; i < 6 * n; i++) {
		at[0] = i / (shape[1] * shape[2]);
		at[1] = i / shape[2] % shape[1];
		at[2] = i % shape[2];
		size_t line = 0;
		for (int k = 0; k < 3; k++)
			line = k == d ? line : line * shape[k] + at[k];
		((float *)volume->data)[i] = lines[line * n + at[d]];
	}
}

static void
check_axis(const struct hmm_weight *before, const struct hmm_weight *after, int d)
{
	const size_t n = before->x.shape[1], m = after->x.shape[1];
	struct hmm_tensor volume = {0}, want = {0};
	double spacing[3] = {1, 1, 1}, wanted[3] = {1, 1, 1}, worst = 0;
	size_t count = 0;
	float *lines = hmm_alloc(6 * n, sizeof(*lines)), *results = hmm_alloc(6 * m, sizeof(*results));
	hmm_tensor_floats(lines, &before->x, 0, 6 * n);
	hmm_tensor_floats(results, &after->x, 0, 6 * m);
	fill(&volume, d, n, lines);
	fill(&want, d, m, results);
	wanted[2 - d] = (double)n / (double)m;
	CHECK(hmm_slice_resample(&volume, spacing, wanted, "volume") == 0);
	CHECK(hmm_tensor_is(&volume, want.shape, 3));
	hmm_tensor_count(&want, &count);
	for (size_t i = 0; i < count; i++) {
		const double x = (double)((float *)volume.data)[i], y = (double)((float *)want.data)[i];
		const double off = fabs(x - y) / fmax(1, fabs(y));
		worst = off > worst ? off : worst; /* with fmax() gcc 12 for ARM gives up */
	}
	CHECK(worst <= 1e-5);
	if (worst > 1e-5)
		printf("%zu to %zu along %d: off by %g\n", n, m, d, worst);
	hmm_tensor_free(&volume);
	hmm_tensor_free(&want);
	free(lines);
	free(results);
}

/* A block wider than the kernel's own, as an axis and between others. */
static void
check_constant(void)
{
	const size_t shape[3] = {3, 5, 200};
	const double spacing[3] = {1, 2, 4}, wanted[3] = {2.5, 2, 1};
	struct hmm_tensor volume = {0};
	hmm_tensor_resize(&volume, HMM_U8, shape, 3);
	memset(volume.data, 7, 3 * 5 * 200);
	CHECK(hmm_slice_resample(&volume, spacing, wanted, "volume") == 0);
	CHECK(volume.dtype == HMM_F32 && volume.shape[0] == 12 && volume.shape[1] == 5 &&
	      volume.shape[2] == 80);
	int same = 1;
	for (size_t i = 0; i < 12 * 5 * 80; i++)
		same &= fabsf(((float *)volume.data)[i] - 7) < 1e-5f;
	CHECK(same);
	const double huge[3] = {1000, 1000, 1000}, tiny[3] = {1e-9, 1e-9, 1e-9};
	CHECK(hmm_slice_resample(&volume, spacing, huge, "volume") == 0);
	CHECK(volume.shape[0] == 1 && volume.shape[1] == 1 && volume.shape[2] == 1);
	freopen("/dev/null", "w", stderr);
	CHECK(hmm_slice_resample(&volume, spacing, tiny, "volume") == -1);
	hmm_tensor_free(&volume);
}

int
main(void)
{
	struct hmm_weights *golden = hmm_weights_open("tests/golden/resample.safetensors");
	if (!golden)
		return 1;
	for (size_t i = 0; i < golden->count; i++) {
		char name[64];
		if (strncmp(golden->weight[i].name, "in.", 3))
			continue;
		snprintf(name, sizeof(name), "out.%s", golden->weight[i].name + 3);
		const struct hmm_weight *after = hmm_weight_find(golden->weight, golden->count, name);
		for (int d = 0; d < 3; d++)
			check_axis(&golden->weight[i], after, d);
	}
	hmm_weights_close(golden);
	check_constant();
	return test_end();
}
