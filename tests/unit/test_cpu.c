/* The choice of a processor, and the kernels of images on each one against the plain ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/resize.h"
#include "ref.h"
#include "refuse.h"
#include "seeded.h"
#include "test.h"

static int
choose(const char *word)
{
	setenv("HMM_CPU", word, 1);
	return hmm_cpu_choose();
}

/* Whether the word is refused in one line, and leaves what runs anywhere. */
static int
refused(const char *word, const char *why)
{
	refuse_begin();
	const int state = choose(word);
	return refuse_end(why) && state == -1 && hmm_cpu() == HMM_CPU_PLAIN;
}

static void
check_choice(void)
{
	int most = 0;
	for (int cpu = 0; cpu < HMM_CPUS; cpu++) {
		const char *name = hmm_cpu_name((enum hmm_cpu)cpu);
		if (hmm_cpu_has((enum hmm_cpu)cpu)) {
			most = cpu;
			CHECK(choose(name) == 0 && hmm_cpu() == (enum hmm_cpu)cpu);
			CHECK(hmm_kernels() == hmm_kernels_of((enum hmm_cpu)cpu));
		} else {
			CHECK(refused(name, "this processor has no more than"));
			CHECK(!hmm_kernels_of((enum hmm_cpu)cpu));
		}
	}
	CHECK(hmm_kernels_of(HMM_CPU_PLAIN) == &hmm_kernels_plain);
	CHECK(choose("") == 0 && hmm_cpu() == (enum hmm_cpu)most);
	CHECK(refused("avx", "found 'avx', want plain, avx2 or avx512"));
	CHECK(refused("AVX2", "found 'AVX2', want") && refused("plain ", "found 'plain ', want"));
	unsetenv("HMM_CPU");
	CHECK(hmm_cpu_choose() == 0 && hmm_cpu() == (enum hmm_cpu)most);
	printf("the most that is here: %s\n", hmm_cpu_name((enum hmm_cpu)most));
}

/* An axis from `in` to `out`, its arrays to free(). */
static struct hmm_resample_axis
make_axis(size_t in, size_t out, enum hmm_resample_filter filter)
{
	struct hmm_resample_axis axis = {.in = in, .out = out, .count = out};
	axis.taps = hmm_resample_taps(in, out, filter);
	axis.from = hmm_alloc(out, sizeof(*axis.from));
	axis.weights = hmm_alloc(out * axis.taps, sizeof(*axis.weights));
	hmm_resample_plan(&axis, filter);
	return axis;
}

static void
check_resample(const struct hmm_kernels *kernels, unsigned seed)
{
	const size_t outer = draw(seed, 0, 1, 3), inner = seed % 3 ? draw(seed, 1, 2, 150) : 1;
	const size_t in = draw(seed, 2, 1, 90), out = draw(seed, 3, 1, 90), n = outer * out * inner;
	struct hmm_resample_axis axis = make_axis(in, out, seed % 2 ? HMM_CUBIC : HMM_TRIANGLE);
	float *from = fresh(outer * in * inner, seed), *have = hmm_alloc(n, 4), *want = hmm_alloc(n, 4);
	kernels->resample(have, from, outer, inner, &axis);
	for (size_t o = 0; o < outer; o++)
		for (size_t i = 0; i < out; i++)
			for (size_t x = 0; x < inner; x++) {
				double sum = 0;
				for (size_t t = 0; t < axis.taps; t++)
					sum += axis.weights[i * axis.taps + t] *
					       (double)from[(o * in + axis.from[i] + t) * inner + x];
				want[(o * out + i) * inner + x] = (float)sum;
			}
	CHECK(same(have, want, n));
	void *const blocks[] = {axis.from, axis.weights, from, have, want};
	for (size_t i = 0; i < 5; i++)
		free(blocks[i]);
}

/* What both passes add up, in 22 fractional bits. */
static unsigned char
resized(const unsigned char *in, size_t stride, const int32_t *fixed, size_t taps)
{
	int32_t sum = 1 << (HMM_RESIZE_FRACTION - 1);
	for (size_t t = 0; t < taps; t++)
		sum += fixed[t] * in[t * stride];
	return (unsigned char)(sum >> HMM_RESIZE_FRACTION > 255 ? 255 : sum >> HMM_RESIZE_FRACTION);
}

static void
check_resize(const struct hmm_kernels *kernels, unsigned seed)
{
	const size_t lines = draw(seed, 0, 1, 70), out = draw(seed, 2, 1, 90);
	const size_t in = draw(seed, 1, 1, seed % 5 ? 300 : 3000), n = lines * out;
	struct hmm_resample_axis axis = make_axis(in, out, HMM_TRIANGLE);
	int32_t *fixed = hmm_alloc(out * axis.taps, sizeof(*fixed));
	unsigned char *pixels = hmm_alloc(lines * in, 1), *have = hmm_alloc(2 * n, 1);
	int rows = 1, columns = 1;
	hmm_resize_fix(fixed, &axis);
	for (size_t i = 0; i < lines * in; i++)
		pixels[i] = (unsigned char)draw(seed, (unsigned)i + 9, 0, seed % 7 ? 255 : 0);
	kernels->resize_rows(have, pixels, lines, &axis, fixed);
	kernels->resize_columns(have + n, lines, pixels + axis.from[0] * lines, lines, &axis, fixed);
	for (size_t line = 0; line < lines; line++)
		for (size_t i = 0; i < out; i++) {
			const size_t from = axis.from[i], taps = axis.taps;
			rows &= have[line * out + i] ==
			        resized(pixels + line * in + from, 1, fixed + i * taps, taps);
			columns &= have[n + i * lines + line] ==
			           resized(pixels + from * lines + line, lines, fixed + i * taps, taps);
		}
	CHECK(rows);
	CHECK(columns);
	void *const blocks[] = {axis.from, axis.weights, fixed, pixels, have};
	for (size_t i = 0; i < 5; i++)
		free(blocks[i]);
}

/* A volume of `n` seeded voxels of any type, its least one twice in a row. */
static void
fill(struct hmm_tensor *volume, size_t n, unsigned seed)
{
	static const enum hmm_dtype dtypes[] = {HMM_U8, HMM_F32, HMM_F64};
	const size_t shape[3] = {1, 1, n};
	hmm_tensor_resize(volume, dtypes[seed % 3], shape, 3);
	for (size_t i = 0; i < n; i++) {
		const size_t value = draw(seed, (unsigned)(i / 2), 0, 255);
		if (volume->dtype == HMM_U8)
			((unsigned char *)volume->data)[i] = (unsigned char)value;
		else if (volume->dtype == HMM_F32)
			((float *)volume->data)[i] = (float)value / 7 - 9;
		else
			((double *)volume->data)[i] = (double)value / 7 - 9;
	}
}

static double
voxel(const struct hmm_tensor *volume, size_t i)
{
	return volume->dtype == HMM_U8    ? ((unsigned char *)volume->data)[i]
	       : volume->dtype == HMM_F32 ? (double)((float *)volume->data)[i]
	                                  : ((double *)volume->data)[i];
}

/* Sums against the plain kernels, whose order test_image.c compares with NumPy's; the rest against
 * loops. */
static void
check_voxels(const struct hmm_kernels *kernels, unsigned seed)
{
	enum { MOST = 700 };
	struct hmm_tensor volume = {0};
	const size_t n = draw(seed, 0, HMM_VOXELS_LEAF, MOST), first = draw(seed, 1, 0, n - 1);
	const size_t leaf = seed % 4 ? draw(seed, 2, 1, HMM_VOXELS_LEAF) : HMM_VOXELS_LEAF;
	double low = HUGE_VAL, high = -HUGE_VAL, least = HUGE_VAL, most = -HUGE_VAL;
	unsigned char have[MOST] = {0}, want[MOST] = {0}, inside[MOST];
	fill(&volume, n, seed);
	for (int square = 0; square < 2; square++)
		CHECK(kernels->voxels_sum(&volume, n - leaf, leaf, 3.7, square) ==
		      hmm_kernels_plain.voxels_sum(&volume, n - leaf, leaf, 3.7, square));

	kernels->voxels_extremes(&low, &high, &volume, first, n);
	for (size_t i = first; i < n; i++) {
		least = voxel(&volume, i) < least ? voxel(&volume, i) : least;
		most = voxel(&volume, i) > most ? voxel(&volume, i) : most;
	}
	CHECK(low == least && high == most);

	kernels->voxels_above(have, &volume, n, 5);
	for (size_t i = 0; i < n; i++)
		want[i] = voxel(&volume, i) > 5;
	CHECK(!memcmp(have, want, MOST));

	const struct hmm_voxels_scale scale = {3.7, 11.3, -1.5, 40};
	const int masked = seed % 2;
	for (size_t i = 0; i < n; i++)
		inside[i] = (unsigned char)draw(seed, (unsigned)i, 0, 1);
	kernels->voxels_bytes(have, &volume, masked ? inside : NULL, first, n, &scale);
	for (size_t i = first; i < n; i++) {
		const double t = ((voxel(&volume, i) - 3.7) / 11.3 + 1.5) / 40;
		want[i] = (unsigned char)(masked && !inside[i] ? 0 : (int)(t * 255));
	}
	CHECK(!memcmp(have, want, MOST));
	hmm_tensor_free(&volume);
}

int
main(void)
{
	check_choice();
	for (unsigned seed = 1; seed <= 60; seed++) {
		each_table(check_resample, seed);
		each_table(check_resize, seed);
		each_table(check_voxels, seed);
	}
	return test_end();
}
