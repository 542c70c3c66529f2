#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/memory.h"
#include "hmm/kernel/activation.h"
#include "hmm/kernel/winograd.h"
#include "vgg_plan.h"

/* The layers from one pool to the next. Large layers take few images at a time, which
 * keeps their activations in the cache; small ones many, which fills the blocks of
 * tiles that share a pass over the weights. */
struct stage {
	size_t first, end; /* layers */
	size_t height, width, images;
	float *in;        /* [images] padded activations */
	float *middle[2]; /* [images], between two layers of the stage */
};

struct hmm_vgg_scratch {
	size_t stages;
	struct stage stage[MAX_LAYERS + 1]; /* the one behind the last pool has no layers */
	float *tiles, *rows;                /* scratch of both convolutions */
	struct hmm_arena arena;             /* of all these */
};

/* Padded activations of `images` images. */
static float *
activations(struct hmm_arena *arena, const struct stage *stage, size_t channels)
{
	size_t floats;
	if (hmm_multiply(
	        &floats, hmm_activation_size(stage->height, stage->width, channels), stage->images))
		floats = SIZE_MAX;
	return hmm_arena_take(arena, floats, sizeof(float));
}

/* How many images fill a block of tiles of the stage's last layer. */
static size_t
images_of(const struct stage *stage, const struct hmm_conv *last)
{
	const size_t m = last->tile;
	if (!m)
		return 1;
	const size_t tiles = ((stage->height + m - 1) / m) * ((stage->width + m - 1) / m);
	const size_t images = HMM_WINOGRAD_TILES / tiles;
	return images < 1 ? 1 : images > HMM_VGG_GROUP ? HMM_VGG_GROUP : images;
}

/* Plan the stage whose first layer is `first`. */
static void
plan_stage(struct stage *stage, struct hmm_arena *arena, const struct hmm_vgg *vgg, size_t first,
    size_t height, size_t width)
{
	*stage = (struct stage){.first = first, .end = first, .height = height, .width = width};
	while (stage->end < vgg->layers && !vgg->conv[stage->end++].pool)
		;
	const int last = first == vgg->layers;
	stage->images = last ? HMM_VGG_GROUP : images_of(stage, &vgg->conv[stage->end - 1]);
	stage->in = activations(arena, stage, last ? vgg->conv[first - 1].out : vgg->conv[first].in);
	size_t widest = 0; /* of the layers within; they need not be alike */
	for (size_t i = first; i + 1 < stage->end; i++)
		widest = vgg->conv[i].out > widest ? vgg->conv[i].out : widest;
	for (size_t i = first; i + 1 < stage->end && i < first + 2; i++)
		stage->middle[i - first] = activations(arena, stage, widest);
}

static void
plan(struct hmm_vgg_scratch *scratch, const struct hmm_vgg *vgg, size_t height, size_t width)
{
	struct hmm_arena *arena = &scratch->arena;
	size_t tiles = 0;
	for (size_t i = 0; i < vgg->layers; i++) {
		const struct hmm_conv *conv = &vgg->conv[i];
		const size_t need =
		    conv->tile ? hmm_winograd_scratch_size(conv->tile, conv->in, conv->out) : 0;
		tiles = need > tiles ? need : tiles;
	}
	scratch->rows = hmm_arena_take(arena, hmm_conv_scratch_size(width), sizeof(float));
	scratch->tiles = hmm_arena_take(arena, tiles, sizeof(float));
	scratch->stages = 0;
	for (size_t first = 0; first < vgg->layers; height /= 2, width /= 2) {
		plan_stage(&scratch->stage[scratch->stages], arena, vgg, first, height, width);
		first = scratch->stage[scratch->stages++].end;
	}
	plan_stage(&scratch->stage[scratch->stages], arena, vgg, vgg->layers, height, width);
}

struct hmm_vgg_scratch *
hmm_vgg_scratch_open(const struct hmm_vgg *vgg, size_t height, size_t width)
{
	struct hmm_vgg_scratch *scratch = hmm_alloc(1, sizeof(*scratch));
	if (!scratch)
		return NULL;
	plan(scratch, vgg, height, width);
	if (hmm_arena_make(&scratch->arena)) {
		free(scratch);
		return NULL;
	}
	plan(scratch, vgg, height, width);
	return scratch;
}

void
hmm_vgg_scratch_close(struct hmm_vgg_scratch *scratch)
{
	if (!scratch)
		return;
	hmm_arena_free(&scratch->arena);
	free(scratch);
}

/* A slice to the padded activation of the first layer. Its border is cleared, since the
 * slice before it may have had another number of channels. */
static void
load_slice(float *activation, const struct hmm_vgg *vgg, const struct hmm_tensor *slice)
{
	const size_t channels = slice->shape[0], height = slice->shape[1], width = slice->shape[2];
	const size_t row = (width + 2) * channels;
	const unsigned char *pixels = slice->data;
	memset(activation, 0, hmm_activation_size(height, width, channels) * sizeof(float));
	for (size_t c = 0; c < channels; c++)
		for (size_t y = 0; y < height; y++) {
			float *to = activation + (y + 1) * row + channels + c;
			for (size_t x = 0; x < width; x++, pixels++)
				to[x * channels] = channels == 1 ? (float)*pixels / 255.0f : vgg->pixel[c][*pixels];
		}
}

/* The first layer, slice by slice. */
static void
run_first(float *out, const float *in, const struct hmm_vgg *vgg, const struct stage *stage,
    const struct hmm_tensor *const *slices, size_t count, struct hmm_vgg_scratch *scratch)
{
	const size_t height = stage->height, width = stage->width, shift = vgg->conv[0].pool ? 1 : 0;
	const size_t in_size = hmm_activation_size(height, width, COLOURS);
	const size_t out_size = hmm_activation_size(height >> shift, width >> shift, vgg->conv[0].out);
	for (size_t n = 0; n < count; n++)
		hmm_conv_run(out + n * out_size, in + n * in_size,
		    slices[n]->shape[0] == 1 ? &vgg->grey : &vgg->conv[0], height, width, scratch->rows);
}

/* A layer on padded activations of `count` images. */
static void
run_layer(float *out, const float *in, const struct hmm_conv *conv, const struct stage *stage,
    size_t count, struct hmm_vgg_scratch *scratch)
{
	const size_t height = stage->height, width = stage->width, shift = conv->pool ? 1 : 0;
	const size_t in_size = hmm_activation_size(height, width, conv->in);
	const size_t out_size = hmm_activation_size(height >> shift, width >> shift, conv->out);
	if (conv->tile) {
		hmm_winograd_run(out, in, conv, count, height, width, scratch->tiles);
		return;
	}
	for (size_t n = 0; n < count; n++)
		hmm_conv_run(out + n * out_size, in + n * in_size, conv, height, width, scratch->rows);
}

/* Bring `count` slices to the entry of stage k. */
static void
reach(struct hmm_vgg_scratch *scratch, const struct hmm_vgg *vgg, size_t k,
    const struct hmm_tensor *const *slices, size_t count)
{
	struct stage *stage = &scratch->stage[k];
	if (k == 0) {
		const size_t size = hmm_activation_size(stage->height, stage->width, COLOURS);
		for (size_t n = 0; n < count; n++)
			load_slice(stage->in + n * size, vgg, slices[n]);
		return;
	}
	const struct stage *before = stage - 1;
	const size_t channels = vgg->conv[before->end - 1].out;
	const size_t size = hmm_activation_size(stage->height, stage->width, channels);
	for (size_t n = 0; n < count; n += before->images) {
		const size_t part = count - n < before->images ? count - n : before->images;
		reach(scratch, vgg, k - 1, slices + n, part);
		const float *in = before->in;
		for (size_t i = before->first; i < before->end; i++) {
			float *out = i + 1 < before->end ? before->middle[(i - before->first) % 2]
			                                 : stage->in + n * size;
			if (i == 0)
				run_first(out, in, vgg, before, slices + n, part, scratch);
			else
				run_layer(out, in, &vgg->conv[i], before, part, scratch);
			in = out;
		}
	}
}

void
hmm_vgg_features(float *features, const struct hmm_vgg *vgg, const struct hmm_tensor *const *slices,
    size_t count, struct hmm_vgg_scratch *scratch)
{
	const struct stage *last = &scratch->stage[scratch->stages];
	const size_t height = last->height, width = last->width;
	const size_t out = vgg->conv[vgg->layers - 1].out;
	reach(scratch, vgg, scratch->stages, slices, count);
	const size_t pixel = hmm_activation_block(out);
	for (size_t n = 0; n < count; n++)
		for (size_t c = 0; c < out; c++) {
			const float *in = last->in + n * hmm_activation_size(height, width, out) +
			                  hmm_activation_at(height, width, out, c);
			for (size_t y = 0; y < height; y++)
				for (size_t x = 0; x < width; x++)
					*features++ = in[((y + 1) * (width + 2) + x + 1) * pixel];
		}
}

void
hmm_vgg_max(float *into, const float *features, size_t count)
{
	for (size_t i = 0; i < count; i++)
		into[i] = hmm_activation_most(into[i], features[i]);
}
