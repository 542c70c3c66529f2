#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/memory.h"
#include "hmm/kernel/winograd.h"
#include "vgg_plan.h"

/* Winograd pays from this many channels on. Behind the fourth pool, where layers are
 * widest and smallest, the larger tile would cost more memory than it saves time. */
enum { LEAST_CHANNELS = 32, LARGE_TILE_POOLS = 4, LARGE_TILE = 7, SMALL_TILE = 5 };

/* torchvision: transforms.Normalize of every ImageNet model. */
static const double mean[COLOURS] = {.485, .456, .406}, deviation[COLOURS] = {.229, .224, .225};

/* A model's list of tensors. */
struct list {
	const struct hmm_weight *weight;
	size_t count;
};

/* The floats of layer `index`'s tensor `what`, which must have that shape. */
static float *
floats(struct list list, int index, const char *what, const size_t *shape, int dimensions)
{
	char name[64];
	snprintf(name, sizeof(name), "features.%d.%s", index, what);
	return hmm_weight_floats(list.weight, list.count, name, shape, dimensions);
}

static float *
vector(struct list list, int index, const char *what, size_t channels)
{
	return floats(list, index, what, &channels, 1);
}

/* NULL when there is none. */
static const struct hmm_weight *
find(struct list list, int index, const char *what)
{
	char name[64];
	snprintf(name, sizeof(name), "features.%d.%s", index, what);
	return hmm_weight_find(list.weight, list.count, name);
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
	int bad = beta ? 0 : -1;
	for (size_t c = 0; !bad && c < out; c++) {
		if (variance[c] < 0) {
			bad = hmm_error("%s: tensor 'features.%d.running_var' holds %g, want 0 or more",
			    hmm_weights_file(list.weight, list.count), index, (double)variance[c]);
			break;
		}
		const double scale = (double)gamma[c] / sqrt((double)variance[c] + 1e-5);
		for (size_t k = 0; k < in * 9; k++)
			weights[c * in * 9 + k] = (float)((double)weights[c * in * 9 + k] * scale);
		bias[c] = (float)(((double)bias[c] - (double)mu[c]) * scale + (double)beta[c]);
	}
	free(mu);
	free(variance);
	free(gamma);
	free(beta);
	return bad;
}

static int
has_norm(struct list list, int index)
{
	return find(list, index, "running_mean") != NULL;
}

/* The output channels of the convolution at `index`, or 0 when there is none. */
static size_t
outputs(struct list list, int index)
{
	const struct hmm_weight *weight = find(list, index, "weight");
	return weight && weight->x.dimensions == 4 && weight->x.shape[0] < HMM_CONV_TOO_MANY
	           ? weight->x.shape[0]
	           : 0;
}

/* Make the first layer for grey slices out of weights[out][3][3][3] and their bias. 0, or
 * -1 reported. */
static int
add_grey(struct hmm_vgg *vgg, const float *weights, const float *bias)
{
	const size_t out = vgg->conv[0].out;
	float *one = hmm_alloc(out * 9, sizeof(float));
	vgg->grey_weights = hmm_alloc(hmm_conv_packed_size(1, out), sizeof(float));
	vgg->grey_bias = hmm_alloc(9 * out, sizeof(float));
	if (!one || !vgg->grey_weights || !vgg->grey_bias) {
		free(one);
		return -1;
	}
	for (size_t o = 0; o < out; o++) {
		double shifts[9] = {0};
		for (size_t tap = 0; tap < 9; tap++) {
			double slopes = 0;
			for (size_t c = 0; c < COLOURS; c++) {
				const double w = (double)weights[(o * COLOURS + c) * 9 + tap];
				slopes += w / deviation[c];
				shifts[tap] -= w * mean[c] / deviation[c];
			}
			one[o * 9 + tap] = (float)slopes;
		}
		for (size_t edge = 0; edge < 9; edge++) {
			double sum = (double)bias[o];
			for (size_t tap = 0; tap < 9; tap++) {
				/* the first row has no tap above, the last none below */
				const int row = edge / 3 == 1 || tap / 3 != edge / 3;
				const int column = edge % 3 == 1 || tap % 3 != edge % 3;
				sum += row && column ? shifts[tap] : 0;
			}
			vgg->grey_bias[edge * out + o] = (float)sum;
		}
	}
	hmm_conv_pack(vgg->grey_weights, one, 1, out);
	free(one);
	return 0;
}

/* The layers, but for their values, and where in the list each one's convolution stands. */
static void
plan(struct hmm_vgg *vgg, struct list list, struct hmm_vgg_way way, int index[MAX_LAYERS])
{
	int at = 0, pools = 0;
	while (vgg->layers < MAX_LAYERS && outputs(list, at)) {
		struct hmm_conv *conv = &vgg->conv[vgg->layers];
		const size_t fast = pools < LARGE_TILE_POOLS ? LARGE_TILE : SMALL_TILE;
		const size_t exact = way.layers >> vgg->layers & 1 ? HMM_WINOGRAD_EXACT : 0;
		conv->in = vgg->layers ? conv[-1].out : COLOURS;
		conv->out = outputs(list, at);
		conv->tile = conv->in < LEAST_CHANNELS ? 0 : way.exact ? exact : fast;
		index[vgg->layers++] = at;
		at += 2 + has_norm(list, at + 1); /* and the ReLU */
		conv->pool = !outputs(list, at);  /* the last one's pool has nothing behind it */
		pools += conv->pool;
		at += conv->pool;
	}
}

/* Every tensor of the features must be one of a layer: what comes behind a layer that is missing,
 * or is of another kind, would be left out silently. 0, or -1 reported. */
static int
check_rest(const struct hmm_vgg *vgg, struct list list, const int index[MAX_LAYERS])
{
	for (size_t w = 0; w < list.count; w++) {
		int number, end = 0;
		size_t i = 0;
		if (sscanf(list.weight[w].name, "features.%d.%n", &number, &end) != 1 || !end)
			continue;
		while (i < vgg->layers && number != index[i] &&
		       (number != index[i] + 1 || !has_norm(list, number)))
			i++;
		if (i == vgg->layers)
			return hmm_error("%s: tensor '%s' is of no layer of a VGG of torchvision's, whose "
			                 "features end at features.%d here",
			    hmm_weights_file(list.weight, list.count), list.weight[w].name,
			    index[vgg->layers - 1]);
	}
	return 0;
}

/* Room for all packed weights, but for those that load_layer() will refuse. */
static void
take_packed(struct hmm_vgg *vgg, struct list list, const int index[MAX_LAYERS])
{
	for (size_t i = 0; i < vgg->layers; i++) {
		const struct hmm_conv *conv = &vgg->conv[i];
		const size_t shape[4] = {conv->out, conv->in, 3, 3};
		const size_t size = conv->tile ? hmm_winograd_packed_size(conv->tile, conv->in, conv->out)
		                               : hmm_conv_packed_size(conv->in, conv->out);
		const int fits = hmm_tensor_is(&find(list, index[i], "weight")->x, shape, 4);
		vgg->packed[i] = hmm_arena_take(&vgg->arena, fits ? size : 0, sizeof(float));
	}
}

/* Weights on their way into panels. */
struct packing {
	const struct hmm_conv *conv;
	float *packed;
	const float *weights;
};

static void
pack_panel(void *job, size_t panel, size_t thread)
{
	(void)thread;
	const struct packing *packing = job;
	const struct hmm_conv *conv = packing->conv;
	hmm_winograd_pack(packing->packed, packing->weights, conv->tile, conv->in, conv->out, panel);
}

/* The values of a layer. 0, or -1 reported. */
static int
load_layer(struct hmm_vgg *vgg, struct list list, size_t layer, int index, struct hmm_pool *pool)
{
	struct hmm_conv *conv = &vgg->conv[layer];
	const size_t shape[4] = {conv->out, conv->in, 3, 3};
	float *weights = floats(list, index, "weight", shape, 4);
	float *packed = vgg->packed[layer];
	float *bias = weights ? vector(list, index, "bias", conv->out) : NULL;
	vgg->bias[layer] = bias;
	const int bad =
	    !bias ||
	    (has_norm(list, index + 1) && fold(list, index + 1, weights, bias, conv->in, conv->out)) ||
	    (index == 0 && add_grey(vgg, weights, bias));
	if (!bad && conv->tile)
		hmm_pool_run(pool, pack_panel, &(struct packing){conv, packed, weights},
		    hmm_winograd_panels(conv->out));
	else if (!bad)
		hmm_conv_pack(packed, weights, conv->in, conv->out);
	conv->weights = packed;
	conv->bias = bias;
	free(weights);
	return bad ? -1 : 0;
}

struct hmm_vgg *
hmm_vgg_make(
    const struct hmm_weight *weight, size_t count, struct hmm_vgg_way way, struct hmm_pool *pool)
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
	int index[MAX_LAYERS];
	plan(vgg, list, way, index);
	if (vgg->layers && check_rest(vgg, list, index))
		goto err;
	take_packed(vgg, list, index);
	if (hmm_arena_make(&vgg->arena))
		goto err;
	take_packed(vgg, list, index);
	for (size_t i = 0; i < vgg->layers; i++)
		if (load_layer(vgg, list, i, index[i], pool))
			goto err;
	vgg->grey = vgg->conv[0];
	vgg->grey.in = 1;
	vgg->grey.weights = vgg->grey_weights;
	vgg->grey.edge_bias = vgg->grey_bias;
	if (vgg->layers)
		return vgg;
	hmm_error("%s: no tensor 'features.0.weight' (out,3,3,3): not a VGG of torchvision's "
	          "(%zu tensors, the first is '%s'; hmm-weights --features takes a prefix away)",
	    hmm_weights_file(weight, count), count, count ? weight[0].name : "");
err:
	hmm_vgg_close(vgg);
	return NULL;
}

void
hmm_vgg_close(struct hmm_vgg *vgg)
{
	if (!vgg)
		return;
	for (size_t i = 0; i < vgg->layers; i++)
		free(vgg->bias[i]);
	hmm_arena_free(&vgg->arena);
	free(vgg->grey_weights);
	free(vgg->grey_bias);
	free(vgg);
}

size_t
hmm_vgg_tiled(const struct hmm_vgg *vgg)
{
	size_t tiled = 0;
	for (size_t i = 0; i < vgg->layers; i++)
		tiled += vgg->conv[i].tile > 0;
	return tiled;
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
