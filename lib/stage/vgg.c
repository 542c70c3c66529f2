#include "hmm/vgg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/conv.h"
#include "hmm/error.h"
#include "hmm/memory.h"
#include "hmm/winograd.h"

enum { MAX_LAYERS = 64, MAX_CHANNELS = 65536, COLOURS = 3 };

/* Winograd pays from this many channels on; behind the fourth pool its weights, 9
 * times the original ones, cost more memory than it saves time. */
enum { LEAST_CHANNELS = 32, WINOGRAD_POOLS = 4 };

/* torchvision: transforms.Normalize of every ImageNet model. */
static const double mean[COLOURS] = {.485, .456, .406}, deviation[COLOURS] = {.229, .224, .225};

struct hmm_vgg {
	size_t layers;
	struct hmm_conv conv[MAX_LAYERS];
	int winograd[MAX_LAYERS]; /* which convolution the layer's weights are packed for */
	float *packed[MAX_LAYERS], *bias[MAX_LAYERS];
	float pixel[COLOURS][256]; /* a normalised value for every byte */
};

struct hmm_vgg_scratch {
	size_t height, width;
	float *activation[MAX_LAYERS + 1]; /* padded inputs of layer i; the last one's outputs */
	float *before;                     /* a pool, behind a Winograd layer */
	float *tiles, *rows;               /* scratch of both convolutions */
};

/* A model's list of tensors. */
struct list {
	const struct hmm_weight *weight;
	size_t count;
};

static float *
vector(struct list list, int index, const char *what, size_t channels)
{
	char name[64];
	snprintf(name, sizeof(name), "features.%d.%s", index, what);
	return hmm_weight_floats(list.weight, list.count, name, &channels, 1);
}

/* Fold the batch normalisation at `index` into the convolution before it:
 * y = (x - mean) / sqrt(var + eps) * gamma + beta, with PyTorch's eps. */
static int
fold(struct list list, int index, float *weights, float *bias, size_t in, size_t out)
{
	float *mu = vector(list, index, "running_mean", out);
	float *variance = mu ? vector(list, index, "running_var", out) : NULL;
	float *gamma = variance ? vector(list, index, "weight", out) : NULL;
	float *beta = gamma ? vector(list, index, "bias", out) : NULL;
	for (size_t c = 0; beta && c < out; c++) {
		const double scale = (double)gamma[c] / sqrt((double)variance[c] + 1e-5);
		for (size_t k = 0; k < in * 9; k++)
			weights[c * in * 9 + k] = (float)((double)weights[c * in * 9 + k] * scale);
		bias[c] = (float)(((double)bias[c] - (double)mu[c]) * scale + (double)beta[c]);
	}
	const int bad = beta ? 0 : -1;
	free(mu);
	free(variance);
	free(gamma);
	free(beta);
	return bad;
}

static int
has_norm(struct list list, int index)
{
	char name[64];
	snprintf(name, sizeof(name), "features.%d.running_mean", index);
	return hmm_weight_find(list.weight, list.count, name) != NULL;
}

/* The output channels of the convolution at `index`, or 0 when there is none. */
static size_t
outputs(struct list list, int index)
{
	char name[64];
	snprintf(name, sizeof(name), "features.%d.weight", index);
	const struct hmm_weight *weight = hmm_weight_find(list.weight, list.count, name);
	return weight && weight->x.dimensions == 4 && weight->x.shape[0] < MAX_CHANNELS
	           ? weight->x.shape[0]
	           : 0;
}

/* Load the convolution at `index` as the next layer; *next is the index behind
 * it, its normalisation and its ReLU. */
static int
add_layer(struct hmm_vgg *vgg, struct list list, int index, int winograd, int *next)
{
	struct hmm_conv *conv = &vgg->conv[vgg->layers];
	conv->in = vgg->layers ? conv[-1].out : COLOURS;
	conv->out = outputs(list, index);
	const size_t shape[4] = {conv->out, conv->in, 3, 3};
	char name[64];
	snprintf(name, sizeof(name), "features.%d.weight", index);
	float *weights = hmm_weight_floats(list.weight, list.count, name, shape, 4);
	winograd = winograd && conv->in >= LEAST_CHANNELS;
	float *packed = hmm_alloc(winograd ? hmm_winograd_packed_size(conv->in, conv->out)
	                                   : hmm_conv_packed_size(conv->in, conv->out),
	    sizeof(float));
	float *bias = vector(list, index, "bias", conv->out);
	const int norm = has_norm(list, index + 1);
	vgg->winograd[vgg->layers] = winograd;
	vgg->packed[vgg->layers] = packed;
	vgg->bias[vgg->layers] = bias;
	vgg->layers++;
	const int bad = !weights || !packed || !bias ||
	                (norm && fold(list, index + 1, weights, bias, conv->in, conv->out));
	if (!bad)
		(winograd ? hmm_winograd_pack : hmm_conv_pack)(packed, weights, conv->in, conv->out);
	conv->weights = packed;
	conv->bias = bias;
	*next = index + 2 + norm;
	free(weights);
	return bad ? -1 : 0;
}

struct hmm_vgg *
hmm_vgg_open(const struct hmm_weight *weight, size_t count, int exact)
{
	const struct list list = {weight, count};
	struct hmm_vgg *vgg = hmm_alloc(1, sizeof(*vgg));
	if (!vgg)
		return NULL;
	for (int colour = 0; colour < COLOURS; colour++)
		for (int byte = 0; byte < 256; byte++) {
			/* ToTensor and Normalize work in float32, step by step */
			const float value = (float)byte / 255.0f;
			vgg->pixel[colour][byte] = (value - (float)mean[colour]) / (float)deviation[colour];
		}
	int index = 0, pools = 0;
	while (vgg->layers < MAX_LAYERS && outputs(list, index)) {
		int next;
		if (add_layer(vgg, list, index, !exact && pools < WINOGRAD_POOLS, &next))
			goto err;
		const int pool = !outputs(list, next);
		vgg->conv[vgg->layers - 1].pool = pool; /* the last one's pool has nothing behind it */
		pools += pool;
		index = next + pool;
	}
	if (vgg->layers)
		return vgg;
	hmm_error("weights: no tensor 'features.0.weight' (out,3,3,3): not a VGG of torchvision's "
	          "(%zu tensors, the first is '%s')",
	    count, count ? weight[0].name : "");
err:
	hmm_vgg_close(vgg);
	return NULL;
}

void
hmm_vgg_close(struct hmm_vgg *vgg)
{
	if (!vgg)
		return;
	for (size_t i = 0; i < vgg->layers; i++) {
		free(vgg->packed[i]);
		free(vgg->bias[i]);
	}
	free(vgg);
}

int
hmm_vgg_shape(const struct hmm_vgg *vgg, size_t shape[3], size_t height, size_t width)
{
	shape[0] = vgg->conv[vgg->layers - 1].out;
	shape[1] = height;
	shape[2] = width;
	for (size_t i = 0; i < vgg->layers; i++)
		for (int axis = 1; axis < 3; axis++)
			shape[axis] >>= vgg->conv[i].pool;
	if (!shape[1] || !shape[2] || height > 16384 || width > 16384)
		return hmm_error("slices of %zux%zu do not fit the pools of this VGG, want 32 to 16384 "
		                 "pixels a side",
		    height, width);
	return 0;
}

/* The activations of a group of slices; NULL, reported. */
static float *
group_of(size_t height, size_t width, size_t channels)
{
	size_t floats;
	if (hmm_multiply(&floats, hmm_conv_activation_size(height, width, channels), HMM_VGG_GROUP))
		floats = SIZE_MAX;
	return hmm_alloc(floats, sizeof(float));
}

struct hmm_vgg_scratch *
hmm_vgg_scratch_open(const struct hmm_vgg *vgg, size_t height, size_t width)
{
	struct hmm_vgg_scratch *scratch = hmm_alloc(1, sizeof(*scratch));
	size_t tiles = 0, before = 0;
	if (!scratch)
		return NULL;
	scratch->height = height;
	scratch->width = width;
	scratch->rows = hmm_alloc(hmm_conv_scratch_size(width), sizeof(float));
	scratch->activation[0] = group_of(height, width, COLOURS);
	int bad = !scratch->rows || !scratch->activation[0];
	for (size_t i = 0; i < vgg->layers && !bad; i++) {
		const struct hmm_conv *conv = &vgg->conv[i];
		const size_t size = hmm_conv_activation_size(height, width, conv->out);
		if (vgg->winograd[i] && hmm_winograd_scratch_size(conv->in) > tiles)
			tiles = hmm_winograd_scratch_size(conv->in);
		if (vgg->winograd[i] && conv->pool && size > before)
			before = size;
		height >>= conv->pool;
		width >>= conv->pool;
		scratch->activation[i + 1] = group_of(height, width, conv->out);
		bad = !scratch->activation[i + 1];
	}
	scratch->tiles = bad ? NULL : hmm_alloc(tiles, sizeof(float));
	scratch->before = bad ? NULL : hmm_alloc(before, HMM_VGG_GROUP * sizeof(float));
	if (scratch->tiles && scratch->before)
		return scratch;
	hmm_vgg_scratch_close(scratch);
	return NULL;
}

void
hmm_vgg_scratch_close(struct hmm_vgg_scratch *scratch)
{
	if (!scratch)
		return;
	for (size_t i = 0; i <= MAX_LAYERS; i++)
		free(scratch->activation[i]);
	free(scratch->before);
	free(scratch->tiles);
	free(scratch->rows);
	free(scratch);
}

static void
load_slice(float *activation, const struct hmm_vgg *vgg, const unsigned char *slice,
    size_t channels, size_t height, size_t width)
{
	for (size_t y = 0; y < height; y++) {
		float *to = activation + ((y + 1) * (width + 2) + 1) * COLOURS;
		for (size_t x = 0; x < width; x++)
			for (size_t c = 0; c < COLOURS; c++) {
				const size_t plane = channels == 1 ? 0 : c;
				to[x * COLOURS + c] = vgg->pixel[c][slice[(plane * height + y) * width + x]];
			}
	}
}

/* Layer i of a group, on inputs of height x width. */
static void
run_layer(struct hmm_vgg_scratch *scratch, const struct hmm_vgg *vgg, size_t i, size_t count,
    size_t height, size_t width)
{
	const struct hmm_conv *conv = &vgg->conv[i];
	const float *in = scratch->activation[i];
	float *out = scratch->activation[i + 1];
	const size_t in_size = hmm_conv_activation_size(height, width, conv->in);
	const size_t full = hmm_conv_activation_size(height, width, conv->out);
	const size_t out_size =
	    conv->pool ? hmm_conv_activation_size(height / 2, width / 2, conv->out) : full;
	if (vgg->winograd[i])
		hmm_winograd_run(
		    conv->pool ? scratch->before : out, in, conv, count, height, width, scratch->tiles);
	for (size_t n = 0; n < count; n++)
		if (!vgg->winograd[i])
			hmm_conv_run(out + n * out_size, in + n * in_size, conv, height, width, scratch->rows);
		else if (conv->pool)
			hmm_conv_pool(out + n * out_size, scratch->before + n * full, conv->out, height, width);
}

void
hmm_vgg_features(float *features, const struct hmm_vgg *vgg, const struct hmm_tensor *const *slices,
    size_t count, struct hmm_vgg_scratch *scratch)
{
	size_t height = scratch->height, width = scratch->width;
	const size_t first = hmm_conv_activation_size(height, width, COLOURS);
	for (size_t n = 0; n < count; n++)
		load_slice(scratch->activation[0] + n * first, vgg, slices[n]->data, slices[n]->shape[0],
		    height, width);
	for (size_t i = 0; i < vgg->layers; i++) {
		run_layer(scratch, vgg, i, count, height, width);
		height >>= vgg->conv[i].pool;
		width >>= vgg->conv[i].pool;
	}
	const size_t out = vgg->conv[vgg->layers - 1].out;
	for (size_t n = 0; n < count; n++) {
		const float *last =
		    scratch->activation[vgg->layers] + n * hmm_conv_activation_size(height, width, out);
		for (size_t c = 0; c < out; c++)
			for (size_t y = 0; y < height; y++)
				for (size_t x = 0; x < width; x++)
					*features++ = last[((y + 1) * (width + 2) + x + 1) * out + c];
	}
}

void
hmm_vgg_max(float *into, const float *features, size_t count)
{
	for (size_t i = 0; i < count; i++)
		into[i] = features[i] > into[i] ? features[i] : into[i];
}
