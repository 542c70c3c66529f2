/* VGG features against torchvision in double precision (tests/golden/make_vgg.py):
 * VGG11 of full width, grey, odd sizes, batch normalisation, real trained weights. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/cpu.h"
#include "hmm/base/memory.h"
#include "hmm/base/random.h"
#include "hmm/vgg/vgg.h"
#include "ref.h"
#include "test.h"

static const char *const plans[] = {"64M128M256,256M512,512M512,512M",
    "64,64M128,128M256,256M512,512M512,512M", "64,64M128,128M256,256,256M512,512,512M512,512,512M",
    "64,64M128,128M256,256,256,256M512,512,512,512M512,512,512,512M"};

static struct hmm_weight list[128];
static size_t listed;
static struct hmm_pool *pool;

/* The numbers of make_vgg.py: scale * (u - shift). */
static void
add(int index, const char *what, const size_t *shape, int dimensions, int role, double scale,
    double shift)
{
	struct hmm_weight *weight = &list[listed++];
	size_t count;
	const struct hmm_place place = {.seed = 11, .subject = (uint32_t)(8 * index + role)};
	weight->name = hmm_alloc(64, 1);
	snprintf(weight->name, 64, "features.%d.%s", index, what);
	hmm_tensor_resize(&weight->x, HMM_F32, shape, dimensions);
	hmm_tensor_count(&weight->x, &count);
	for (size_t i = 0; i < count; i++)
		((float *)weight->x.data)[i] =
		    (float)((hmm_random_uniform(place, (uint32_t)i) - shift) * scale);
}

static void
make_weights(const char *plan, size_t divisor, int norm)
{
	size_t in = 3;
	int index = 0;
	listed = 0;
	for (const char *at = plan; *at;) {
		char *end;
		const size_t out = strtoul(at, &end, 10) / divisor, shape[] = {out, in, 3, 3};
		add(index, "weight", shape, 4, 0, 2 * sqrt(6 / (double)(in * 9)), .5);
		add(index, "bias", &out, 1, 1, .2, .5);
		index++;
		if (norm) {
			add(index, "weight", &out, 1, 0, 1, -.5);
			add(index, "bias", &out, 1, 1, 1, .5);
			add(index, "running_mean", &out, 1, 2, 1, .5);
			add(index, "running_var", &out, 1, 3, 1, -.5);
			index++;
		}
		index += 1 + (*end == 'M');
		at = end + (*end != '\0');
		in = out;
	}
}

static float *
values(const char *name)
{
	return (float *)hmm_weight_find(list, listed, name)->x.data;
}

/* Weights that ask for more than other networks do, of 32M64M64,64M: the third layer says where the
 * second, 4096 times as large, is near 0; or it takes the difference of channels that are the same,
 * all but a sixteenth of them. */
static void
twist(int inverted)
{
	float *second = values("features.3.weight"), *third = values("features.6.weight");
	float *bias = values("features.3.bias");
	for (size_t o = 0; o < 64; o++)
		for (size_t i = 0; i < 32 * 9; i++)
			second[o * 288 + i] =
			    inverted ? second[o * 288 + i] * 4096 : second[o / 2 * 2 * 288 + i];
	for (size_t o = 0; o < 64; o++)
		bias[o] = inverted ? bias[o] * 4096 : bias[o / 2 * 2];
	for (size_t o = 0; o < 64; o++)
		for (size_t c = 0; c < 64; c++)
			for (size_t k = 0; k < 9; k++) {
				float *w = &third[(o * 64 + c) * 9 + k];
				if (inverted)
					*w = o == c && k == 4 ? -1 : 0;
				else if (c % 2)
					*w = w[-9] * -.9375f;
			}
	for (size_t o = 0; o < 64 && inverted; o++)
		values("features.6.bias")[o] = 1;
}

static void
free_weights(void)
{
	for (size_t i = 0; i < listed; i++) {
		free(list[i].name);
		hmm_tensor_free(&list[i].x);
	}
}

static size_t /* the layers with tiles */
check_features(const struct hmm_weight *weight, size_t tensors, int exact,
    const struct hmm_weights *golden, const char *name, size_t channels, size_t height,
    size_t width)
{
	struct hmm_vgg *vgg = hmm_vgg_open(weight, tensors, exact, pool);
	struct hmm_tensor tensor = {0};
	const struct hmm_tensor *const group[3] = {&tensor, &tensor, &tensor};
	size_t shape[3], count;
	CHECK(vgg != NULL);
	hmm_tensor_resize(&tensor, HMM_U8, (const size_t[]){channels, height, width}, 3);
	unsigned char *slice = tensor.data;
	for (size_t c = 0; c < channels; c++)
		for (size_t y = 0; y < height; y++)
			for (size_t x = 0; x < width; x++)
				slice[(c * height + y) * width + x] =
				    (unsigned char)(x * 7 + y * 13 + c * 29 + x * y / 3);
	float *want = ref_golden(golden, name, &count);
	struct hmm_vgg_scratch *scratch = hmm_vgg_scratch_open(vgg, height, width);
	CHECK(hmm_vgg_shape(vgg, shape, height, width) == 0);
	CHECK(shape[0] * shape[1] * shape[2] == count);
	float *have = hmm_alloc(3 * count, sizeof(float)), *one = hmm_alloc(count, sizeof(float));
	hmm_vgg_features(have, vgg, group, 3, scratch);
	hmm_vgg_features(one, vgg, group, 1, scratch);
	const double distance = ref_distance(one, want, count);
	printf("%s%s: relative L2 error %.2g\n", name, exact ? ", exact" : "", distance);
	CHECK(distance <= (exact ? 1e-6 : 5e-5));
	for (size_t n = 0; n < 3; n++) /* a slice's bits do not depend on its company */
		CHECK(!memcmp(have + n * count, one, count * sizeof(float)));
	const size_t tiled = hmm_vgg_tiled(vgg);
	hmm_vgg_scratch_close(scratch);
	hmm_tensor_free(&tensor);
	hmm_vgg_close(vgg);
	free(one);
	free(have);
	free(want);
	return tiled;
}

static void
check_seeded(const struct hmm_weights *golden, const char *name, int plan, size_t divisor, int norm,
    size_t channels, size_t height, size_t width)
{
	make_weights(plans[plan], divisor, norm);
	const size_t tiled = check_features(list, listed, 0, golden, name, channels, height, width);
	CHECK(check_features(list, listed, 1, golden, name, channels, height, width) == tiled);
	free_weights();
}

/* Where tiles would err more, layers stay plain: the features err no more than theirs. And channels
 * of very different sizes are none of these: powers of two change no bit. */
static void
check_twisted(const struct hmm_weights *golden)
{
	for (int inverted = 0; inverted < 2; inverted++) {
		make_weights("32M64M64,64M", 1, 0);
		twist(inverted);
		CHECK(check_features(
		          list, listed, 1, golden, inverted ? "inverted" : "cancelling", 3, 47, 39) < 3);
		free_weights();
	}
	make_weights("32M64M64,64M", 1, 0);
	for (size_t c = 0; c < 64; c++) {
		const int power = (int)(c * 7 % 41) - 20;
		values("features.3.bias")[c] = ldexpf(values("features.3.bias")[c], power);
		for (size_t i = 0; i < 32 * 9; i++)
			values("features.3.weight")[c * 288 + i] =
			    ldexpf(values("features.3.weight")[c * 288 + i], power);
		for (size_t i = 0; i < 64 * 9; i++)
			values("features.6.weight")[(i / 9 * 64 + c) * 9 + i % 9] =
			    ldexpf(values("features.6.weight")[(i / 9 * 64 + c) * 9 + i % 9], -power);
	}
	CHECK(check_features(list, listed, 1, golden, "untwisted", 3, 47, 39) == 3);
	free_weights();
	make_weights("32M64M64,64M", 1, 0); /* nothing to be seen by */
	for (size_t c = 0; c < 64; c++)
		values("features.8.bias")[c] = -1e6f;
	struct hmm_vgg *dark = hmm_vgg_open(list, listed, 1, pool);
	CHECK(dark && hmm_vgg_tiled(dark) == 0);
	hmm_vgg_close(dark);
	free_weights();
}

/* A grey slice against itself in three channels, in the company of colours: odd sizes. */
static void
check_grey(size_t height, size_t width)
{
	struct hmm_tensor grey = {0}, rgb = {0};
	const struct hmm_tensor *const slices[] = {&rgb, &grey, &rgb};
	size_t shape[3];
	make_weights(plans[0], 16, 0);
	struct hmm_vgg *vgg = hmm_vgg_open(list, listed, 1, pool);
	hmm_tensor_resize(&grey, HMM_U8, (const size_t[]){1, height, width}, 3);
	hmm_tensor_resize(&rgb, HMM_U8, (const size_t[]){3, height, width}, 3);
	for (size_t i = 0; i < height * width; i++)
		for (size_t c = 0; c < 3; c++)
			((unsigned char *)rgb.data)[c * height * width + i] = ((unsigned char *)grey.data)[i] =
			    (unsigned char)(i * i % 251);
	struct hmm_vgg_scratch *scratch = hmm_vgg_scratch_open(vgg, height, width);
	CHECK(hmm_vgg_shape(vgg, shape, height, width) == 0);
	const size_t count = shape[0] * shape[1] * shape[2];
	float *features = hmm_alloc(3 * count, sizeof(float));
	hmm_vgg_features(features, vgg, slices, 3, scratch);
	CHECK(ref_distance(features + count, features, count) <= 1e-6);
	CHECK(!memcmp(features, features + 2 * count, count * sizeof(float)));
	free(features);
	hmm_vgg_scratch_close(scratch);
	hmm_tensor_free(&grey);
	hmm_tensor_free(&rgb);
	hmm_vgg_close(vgg);
	free_weights();
}

/* Layers between two pools may differ in width: Winograd's way and the plain one agree. */
static void
check_uneven(void)
{
	const size_t count = 8 * 12 * 10;
	struct hmm_tensor tensor = {0};
	const struct hmm_tensor *const slices[] = {&tensor};
	float *features[2];
	make_weights("4,96,40,8M", 1, 0);
	hmm_tensor_resize(&tensor, HMM_U8, (const size_t[]){3, 24, 20}, 3);
	for (size_t i = 0; i < 3 * 24 * 20; i++)
		((unsigned char *)tensor.data)[i] = (unsigned char)(i * i % 251);
	for (int exact = 0; exact < 2; exact++) {
		struct hmm_vgg *vgg = hmm_vgg_open(list, listed, exact, pool);
		struct hmm_vgg_scratch *scratch = hmm_vgg_scratch_open(vgg, 24, 20);
		features[exact] = hmm_alloc(count, sizeof(float));
		hmm_vgg_features(features[exact], vgg, slices, 1, scratch);
		hmm_vgg_scratch_close(scratch);
		hmm_vgg_close(vgg);
	}
	CHECK(ref_distance(features[0], features[1], count) <= 5e-5);
	free(features[0]);
	free(features[1]);
	hmm_tensor_free(&tensor);
	free_weights();
}

static void
check_real(const struct hmm_weights *golden)
{
	char path[4096];
	const char *data = getenv("HMM_DATA");
	snprintf(
	    path, sizeof(path), "%s/weights/vgg19-narrow.safetensors", data ? data : "../shared/data");
	FILE *file = fopen(path, "rb");
	if (!file) {
		printf("skipped: no real weights at %s (set HMM_DATA)\n", path);
		return;
	}
	fclose(file);
	struct hmm_weights *weights = hmm_weights_open(path);
	const size_t tiled =
	    check_features(weights->weight, weights->count, 0, golden, "vgg19_narrow", 3, 224, 224);
	CHECK(check_features(weights->weight, weights->count, 1, golden, "vgg19_narrow", 3, 224, 224) ==
	      tiled);
	hmm_weights_close(weights);
}

int
main(void)
{
	struct hmm_weights *golden = hmm_weights_open("tests/golden/vgg.safetensors");
	/* the plain kernels, whose bits are the others', would take some minutes for large ones */
	const int large = hmm_cpu() != HMM_CPU_PLAIN;
	pool = hmm_pool_open(2);
	if (large)
		check_seeded(golden, "vgg11", 0, 1, 0, 3, 224, 224);
	else
		printf("skipped: large networks on the plain kernels\n");
	check_seeded(golden, "vgg13_grey", 1, 16, 0, 1, 96, 70);
	check_seeded(golden, "vgg16_bn", 2, 8, 1, 3, 64, 45);
	check_seeded(golden, "vgg19", 3, 32, 0, 3, 47, 39);
	check_twisted(golden);
	check_uneven();
	check_grey(33, 47);
	check_grey(64, 38);
	if (large)
		check_real(golden);
	hmm_pool_close(pool);
	hmm_weights_close(golden);
	return test_end();
}
