#include "hmm/learn/fusion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- life ---- */

static int
open_perceptrons(struct hmm_fusion *fusion)
{
	const struct hmm_fusion_shape *shape = &fusion->shape;
	const size_t rhos = shape->fuse == HMM_FUSE_SCORES ? shape->modalities : 1;
	size_t width[HMM_MLP_LAYERS + 1] = {
	    shape->block * (shape->fuse == HMM_FUSE_CONCAT ? shape->modalities : 1)};
	memcpy(width + 1, shape->hidden, shape->hidden_count * sizeof(*width));
	width[shape->hidden_count + 1] = shape->objective->outputs;
	fusion->rho = hmm_alloc(rhos, sizeof(*fusion->rho));
	while (fusion->rho && fusion->rhos < rhos) {
		char prefix[32];
		snprintf(prefix, sizeof(prefix), "rho.%zu", fusion->rhos);
		struct hmm_mlp *rho = &fusion->rho[fusion->rhos++]; /* to be closed */
		if (hmm_mlp_open(rho, prefix, width, shape->hidden_count + 1))
			return -1;
		rho->dropout = shape->dropout;
	}
	return fusion->rho ? 0 : -1;
}

int
hmm_fusion_open(
    struct hmm_fusion *fusion, const struct hmm_fusion_shape *shape, struct hmm_pool *pool)
{
	*fusion = (struct hmm_fusion){.shape = *shape, .pool = pool};
	if (open_perceptrons(fusion))
		return -1;
	fusion->end = hmm_alloc(fusion->rhos, sizeof(*fusion->end));
	return fusion->end ? 0 : -1;
}

void
hmm_fusion_close(struct hmm_fusion *fusion)
{
	for (size_t i = 0; i < fusion->rhos; i++)
		hmm_mlp_close(&fusion->rho[i]);
	hmm_arena_free(&fusion->arena);
	free(fusion->rho);
	free(fusion->end);
	*fusion = (struct hmm_fusion){0};
}

void
hmm_fusion_init(struct hmm_fusion *fusion, uint64_t seed)
{
	for (size_t i = 0; i < fusion->rhos; i++)
		hmm_mlp_init(&fusion->rho[i], seed);
}

void
hmm_fusion_each(struct hmm_fusion *fusion, hmm_parameter_visit *visit, void *context)
{
	for (size_t i = 0; i < fusion->rhos; i++)
		hmm_mlp_each(&fusion->rho[i], visit, context);
}

static void
take_images(void *self, size_t images)
{
	struct hmm_fusion *fusion = self;
	const size_t block = fusion->shape.block * sizeof(float);
	const size_t outputs = fusion->shape.objective->outputs;
	struct hmm_arena *arena = &fusion->arena;
	fusion->fused = hmm_arena_take(arena, images, block);
	fusion->dfused = hmm_arena_take(arena, images, block);
	fusion->in = hmm_arena_take(arena, images, sizeof(*fusion->in));
	fusion->element = hmm_arena_take(arena, images, sizeof(*fusion->element));
	fusion->row = hmm_arena_take(arena, images, sizeof(*fusion->row));
	fusion->block = hmm_arena_take(arena, images, sizeof(*fusion->block));
	fusion->item = hmm_arena_take(arena, images, sizeof(*fusion->item));
	fusion->place = hmm_arena_take(arena, images, sizeof(*fusion->place));
	fusion->output = hmm_arena_take(arena, images, outputs * sizeof(*fusion->output));
	fusion->mean = hmm_arena_take(arena, images, outputs * sizeof(*fusion->mean));
	fusion->doutput = hmm_arena_take(arena, images, outputs * sizeof(*fusion->doutput));
}

/* How many blocks of y an item has. */
static size_t
blocks_of(const struct hmm_fusion *fusion, const struct hmm_item *item)
{
	return fusion->shape.fuse == HMM_FUSE_CONCAT ? fusion->shape.modalities : item->count;
}

/* Room for the images of these items. 0, or -1 reported. */
static int
reserve(struct hmm_fusion *fusion, const struct hmm_item *const *item, size_t items)
{
	size_t images = 0;
	for (size_t s = 0; s < items; s++)
		images += blocks_of(fusion, item[s]);
	if (images <= fusion->room)
		return 0;
	fusion->room = 0;
	if (hmm_arena_remake(&fusion->arena, take_images, fusion, images))
		return -1;
	for (size_t i = 0; i < fusion->rhos; i++)
		if (hmm_mlp_reserve(&fusion->rho[i], images))
			return -1;
	fusion->room = images;
	return 0;
}

/* ---- scores of single images ---- */

/* The rows of modality m's perceptron, from `first` on; returns their end. */
static size_t
list_rows(struct hmm_fusion *fusion, const struct hmm_item *const *item, size_t items,
    const float *y, const struct hmm_place *place, size_t m, size_t first)
{
	size_t row = first, block = 0;
	for (size_t s = 0; s < items; s++)
		for (size_t i = 0; i < item[s]->count; i++, block++) {
			const struct hmm_item_image *image = &item[s]->image[i];
			if (image->modality != m)
				continue;
			fusion->in[row] = y + block * fusion->shape.block;
			fusion->block[row] = block;
			fusion->item[row] = s;
			fusion->row[block] = row;
			if (place) {
				fusion->place[row] = place[s];
				fusion->place[row].stream = image->stream;
			}
			row++;
		}
	return row;
}

/* Each image's own outputs, and those of the items' means. */
static void
score_each(struct hmm_fusion *fusion, const struct hmm_item *const *item, size_t items,
    const float *y, const struct hmm_place *place)
{
	const struct hmm_objective *objective = fusion->shape.objective;
	const size_t K = objective->outputs;
	for (size_t m = 0, first = 0; m < fusion->rhos; first = fusion->end[m++]) {
		fusion->end[m] = list_rows(fusion, item, items, y, place, m, first);
		const float *output = hmm_mlp_forward_batch(&fusion->rho[m], fusion->pool,
		    fusion->in + first, place ? fusion->place + first : NULL, fusion->end[m] - first);
		for (size_t row = first; row < fusion->end[m]; row++)
			for (size_t k = 0; k < K; k++)
				fusion->output[fusion->block[row] * K + k] = (double)output[(row - first) * K + k];
	}
	const double *output = fusion->output;
	for (size_t s = 0; s < items; output += K * item[s++]->count)
		hmm_objective_mean(objective, fusion->mean + s * K, output, item[s]->count);
}

static int
score_each_backward(struct hmm_fusion *fusion, const struct hmm_item *const *item,
    const double *doutput, const struct hmm_adam *adam)
{
	const struct hmm_objective *objective = fusion->shape.objective;
	const size_t K = objective->outputs;
	double slope[HMM_OBJECTIVE_CLASSES];
	for (size_t m = 0, first = 0; m < fusion->rhos; first = fusion->end[m++]) {
		const size_t rows = fusion->end[m] - first;
		for (size_t row = first; row < fusion->end[m]; row++) {
			const size_t s = fusion->item[row];
			hmm_objective_mean_slope(objective, slope, doutput + s * K, fusion->mean + s * K,
			    fusion->output + fusion->block[row] * K, item[s]->count);
			for (size_t k = 0; k < K; k++)
				fusion->doutput[row * K + k] = (float)slope[k];
		}
		if (rows &&
		    hmm_mlp_backward_batch(&fusion->rho[m], fusion->pool, fusion->doutput + first * K,
		        fusion->dfused + first * fusion->shape.block, rows, adam))
			return -1;
	}
	return 0;
}

/* ---- one score of all images ---- */

/* fusion->in: what the one perceptron takes of each item. */
static void
fuse(struct hmm_fusion *fusion, const struct hmm_item *const *item, size_t items, const float *y)
{
	const size_t size = fusion->shape.block;
	for (size_t s = 0; s < items; y += blocks_of(fusion, item[s++]) * size) {
		fusion->in[s] = y; /* as it is for HMM_FUSE_CONCAT */
		if (fusion->shape.fuse != HMM_FUSE_REDUCE)
			continue;
		for (size_t i = 0; i < item[s]->count; i++)
			fusion->element[i] = y + i * size;
		fusion->in[s] = fusion->fused + s * size;
		hmm_setsum(
		    fusion->fused + s * size, fusion->element, item[s]->count, size, fusion->shape.reduce);
	}
}

/* ---- both ---- */

int
hmm_fusion_forward(struct hmm_fusion *fusion, const struct hmm_item *const *item, size_t items,
    const float *y, const struct hmm_place *place, double *output)
{
	const size_t K = fusion->shape.objective->outputs;
	if (reserve(fusion, item, items))
		return -1;
	if (fusion->shape.fuse == HMM_FUSE_SCORES) {
		score_each(fusion, item, items, y, place);
		memcpy(output, fusion->mean, items * K * sizeof(*output));
		return 0;
	}
	fuse(fusion, item, items, y);
	const float *scores =
	    hmm_mlp_forward_batch(&fusion->rho[0], fusion->pool, fusion->in, place, items);
	for (size_t i = 0; i < items * K; i++)
		output[i] = (double)scores[i];
	return 0;
}

int
hmm_fusion_backward(struct hmm_fusion *fusion, const struct hmm_item *const *item, size_t items,
    const double *doutput, const struct hmm_adam *adam)
{
	if (fusion->shape.fuse == HMM_FUSE_SCORES)
		return score_each_backward(fusion, item, doutput, adam);
	for (size_t i = 0; i < items * fusion->shape.objective->outputs; i++)
		fusion->doutput[i] = (float)doutput[i];
	return hmm_mlp_backward_batch(
	    &fusion->rho[0], fusion->pool, fusion->doutput, fusion->dfused, items, adam);
}

float *
hmm_fusion_gradient(
    struct hmm_fusion *fusion, const struct hmm_item *item, size_t number, float *y, size_t at)
{
	const size_t size = fusion->shape.block;
	if (fusion->shape.fuse == HMM_FUSE_CONCAT)
		return fusion->dfused + at * size;
	if (fusion->shape.fuse == HMM_FUSE_SCORES)
		return fusion->dfused + fusion->row[at] * size;
	hmm_setsum_backward(y, fusion->dfused + number * size, y, fusion->fused + number * size,
	    item->count, size, fusion->shape.reduce);
	return y;
}
