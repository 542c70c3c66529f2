#include "hmm/learn/joint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t
block_size(const struct hmm_joint *joint)
{
	return joint->shape.latent * joint->shape.positions;
}

/* ---- life ---- */

/* Of a modality that an item lacks its mean stands for an image. */
static int
open_means(struct hmm_joint *joint)
{
	const struct hmm_joint_shape *shape = &joint->shape;
	joint->lacking = hmm_alloc(shape->modalities, sizeof(*joint->lacking));
	return joint->lacking ? hmm_parameter_open(&joint->mean, "mean", shape->modalities,
	                            shape->widest * shape->positions, HMM_DENSE)
	                      : -1;
}

static const struct hmm_item_image *
lacking(struct hmm_joint *joint, size_t modality)
{
	joint->lacking[modality] = (struct hmm_item_image){
	    .x = joint->mean.w + modality * joint->mean.columns, .modality = modality, .label = -1};
	return &joint->lacking[modality];
}

static int
open_plain(struct hmm_joint *joint)
{
	const struct hmm_joint_shape *shape = &joint->shape;
	const size_t plains = shape->conv == HMM_CONV_EACH ? shape->modalities : 1;
	joint->plain = hmm_alloc(plains, sizeof(*joint->plain));
	while (joint->plain && joint->plains < plains) {
		char prefix[32];
		snprintf(prefix, sizeof(prefix), "conv.%zu", joint->plains);
		struct hmm_conv1x1_layer *plain = &joint->plain[joint->plains++]; /* to be closed */
		if (hmm_conv1x1_layer_open(plain, prefix, shape->latent,
		        shape->conv == HMM_CONV_EACH ? shape->channels[joint->plains - 1] : shape->widest))
			return -1;
	}
	return joint->plain ? 0 : -1;
}

static int
open_generated(struct hmm_joint *joint)
{
	const struct hmm_joint_shape *shape = &joint->shape;
	if (hmm_phi_open(&joint->phi, shape->latent, shape->channels, shape->modalities))
		return -1;
	joint->dgenerated = hmm_alloc(shape->modalities, joint->phi.output_weight.rows * sizeof(float));
	joint->generated = hmm_alloc(shape->modalities, sizeof(*joint->generated));
	return joint->dgenerated && joint->generated ? 0 : -1;
}

int
hmm_joint_open(struct hmm_joint *joint, const struct hmm_joint_shape *shape, struct hmm_pool *pool)
{
	const size_t widest = shape->latent > shape->widest ? shape->latent : shape->widest;
	*joint = (struct hmm_joint){.shape = *shape, .pool = pool};
	if (!(joint->channels = hmm_alloc(shape->modalities, sizeof(*joint->channels))))
		return -1;
	memcpy(joint->channels, shape->channels, shape->modalities * sizeof(*joint->channels));
	joint->shape.channels = joint->channels;
	struct hmm_fusion_shape fusion = {.fuse = shape->fuse,
	    .reduce = shape->reduce,
	    .block = block_size(joint),
	    .modalities = shape->modalities,
	    .hidden_count = shape->hidden_count,
	    .dropout = shape->dropout,
	    .objective = shape->objective};
	memcpy(fusion.hidden, shape->hidden, sizeof(fusion.hidden));
	if (hmm_conv1x1_open(&joint->conv, widest, shape->positions, pool) ||
	    (shape->conv == HMM_CONV_GENERATED ? open_generated(joint) : open_plain(joint)) ||
	    (shape->imputes && open_means(joint)))
		return -1;
	return hmm_fusion_open(&joint->fusion, &fusion, pool);
}

void
hmm_joint_close(struct hmm_joint *joint)
{
	hmm_phi_close(&joint->phi);
	hmm_conv1x1_close(&joint->conv);
	for (size_t i = 0; i < joint->plains; i++)
		hmm_conv1x1_layer_close(&joint->plain[i]);
	hmm_fusion_close(&joint->fusion);
	hmm_arena_free(&joint->arena);
	free(joint->channels);
	free(joint->plain);
	hmm_parameter_close(&joint->mean);
	free(joint->lacking);
	free(joint->dgenerated);
	free(joint->generated);
	*joint = (struct hmm_joint){0};
}

void
hmm_joint_init(struct hmm_joint *joint, uint64_t seed, enum hmm_phi_start start)
{
	if (joint->shape.conv == HMM_CONV_GENERATED)
		hmm_phi_init(&joint->phi, start, seed);
	for (size_t i = 0; i < joint->plains; i++)
		hmm_conv1x1_layer_init(&joint->plain[i], seed);
	hmm_fusion_init(&joint->fusion, seed);
}

void
hmm_joint_each(void *self, hmm_parameter_visit *visit, void *context)
{
	struct hmm_joint *joint = self;
	if (joint->shape.conv == HMM_CONV_GENERATED)
		hmm_phi_each(&joint->phi, visit, context);
	for (size_t i = 0; i < joint->plains; i++)
		hmm_conv1x1_layer_each(&joint->plain[i], visit, context);
	hmm_fusion_each(&joint->fusion, visit, context);
}

static void
take_images(void *self, size_t images)
{
	struct hmm_joint *joint = self;
	const size_t outputs = joint->shape.objective->outputs;
	struct hmm_arena *arena = &joint->arena;
	joint->image = hmm_arena_take(arena, images, sizeof(*joint->image));
	joint->y = hmm_arena_take(arena, images, block_size(joint) * sizeof(float));
	joint->in = hmm_arena_take(arena, images, sizeof(*joint->in));
	joint->out = hmm_arena_take(arena, images, sizeof(*joint->out));
	joint->output = hmm_arena_take(arena, images, outputs * sizeof(*joint->output));
	joint->slope = hmm_arena_take(arena, images, outputs * sizeof(*joint->slope));
	joint->loss = hmm_arena_take(arena, images, sizeof(*joint->loss));
}

/* Room for that many images. 0, or -1 reported. */
static int
reserve(struct hmm_joint *joint, size_t images)
{
	if (images <= joint->room)
		return 0;
	joint->room = 0;
	if (hmm_arena_remake(&joint->arena, take_images, joint, images))
		return -1;
	joint->room = images;
	return 0;
}

/* ---- the convolution ---- */

/* Images that share one. */
static size_t
group_of(const struct hmm_joint *joint, const struct hmm_item_image *image)
{
	return joint->shape.conv == HMM_CONV_SHARED ? 0 : image->modality;
}

/* How many blocks of y an item has. */
static size_t
blocks_of(const struct hmm_joint *joint, const struct hmm_item *item)
{
	return joint->shape.imputes ? joint->shape.modalities : item->count;
}

static void
add_image(struct hmm_joint *joint, const struct hmm_item_image *image, size_t item, size_t block)
{
	joint->image[joint->images++] = (struct hmm_joint_image){image, item, block};
}

/* joint->image, by group, and their blocks. */
static int
list_images(struct hmm_joint *joint, const struct hmm_item *const *item, size_t items)
{
	const size_t groups = joint->shape.conv == HMM_CONV_SHARED ? 1 : joint->shape.modalities;
	const int concat = joint->shape.fuse == HMM_FUSE_CONCAT; /* in the model's order */
	size_t images = 0;
	for (size_t s = 0; s < items; s++)
		images += blocks_of(joint, item[s]);
	if (reserve(joint, images))
		return -1;
	joint->images = 0;
	for (size_t g = 0; g < groups; g++) {
		size_t first = 0; /* of the item */
		for (size_t s = 0; s < items; first += blocks_of(joint, item[s++])) {
			const size_t before = joint->images;
			for (size_t i = 0; i < item[s]->count; i++) {
				const struct hmm_item_image *image = &item[s]->image[i];
				if (group_of(joint, image) == g)
					add_image(joint, image, s, first + (concat ? image->modality : i));
			}
			if (joint->shape.imputes && joint->images == before)
				add_image(joint, lacking(joint, g), s, first + g);
		}
	}
	return 0;
}

static size_t
end_of_group(const struct hmm_joint *joint, size_t first)
{
	const size_t group = group_of(joint, joint->image[first].image);
	size_t end = first + 1;
	while (end < joint->images && group_of(joint, joint->image[end].image) == group)
		end++;
	return end;
}

/* The convolution of an image. */
static struct hmm_matrix
matrix_of(struct hmm_joint *joint, const struct hmm_item_image *image)
{
	if (joint->shape.conv == HMM_CONV_GENERATED)
		return hmm_phi_generate(&joint->phi, joint->pool, image->modality);
	return hmm_conv1x1_layer_matrix(&joint->plain[group_of(joint, image)]);
}

static void
convolve(struct hmm_joint *joint)
{
	for (size_t first = 0, end; first < joint->images; first = end) {
		const struct hmm_matrix by = matrix_of(joint, joint->image[first].image);
		end = end_of_group(joint, first);
		for (size_t i = first; i < end; i++) {
			joint->in[i] = joint->image[i].image->x;
			joint->out[i] = joint->y + joint->image[i].block * block_size(joint);
		}
		hmm_conv1x1_forward(&joint->conv, joint->out + first, joint->in + first, &by, end - first);
	}
}

/* Add the gradients of the convolution of images first..end-1; a hypernetwork's are
 * gathered in dgenerated. */
static void
convolve_backward(struct hmm_joint *joint, const struct hmm_item *const *item, size_t first,
    size_t end, float *dgenerated)
{
	const struct hmm_matrix by = matrix_of(joint, joint->image[first].image);
	float *dweight, *dbias;
	if (joint->shape.conv == HMM_CONV_GENERATED) {
		dweight = dgenerated;
		dbias = dgenerated + by.out * by.in;
	} else {
		struct hmm_conv1x1_layer *layer = &joint->plain[group_of(joint, joint->image[first].image)];
		dweight = layer->weight.gradient;
		dbias = layer->bias.gradient;
	}
	for (size_t i = first; i < end; i++) {
		const struct hmm_joint_image *of = &joint->image[i];
		joint->in[i] = of->image->x;
		joint->out[i] = hmm_fusion_gradient(&joint->fusion, item[of->item], of->item,
		    joint->y + of->block * block_size(joint), of->block);
	}
	/* one product of several vectors would round otherwise than one each */
	const size_t step = joint->shape.positions == 1 ? 1 : end - first;
	for (size_t i = first; i < end; i += step)
		hmm_conv1x1_backward(&joint->conv, NULL, dweight, dbias,
		    (const float *const *)joint->out + i, joint->in + i, &by, step);
}

/* ---- learning ---- */

/* joint->output. 0, or -1 reported. */
static int
forward(struct hmm_joint *joint, const struct hmm_item *const *item, size_t items,
    const struct hmm_place *place)
{
	if (list_images(joint, item, items))
		return -1;
	convolve(joint);
	return hmm_fusion_forward(&joint->fusion, item, items, joint->y, place, joint->output);
}

/* Add the gradients for joint->slope; the big matrices take the step in the passes that
 * bring them down, unless adam is NULL. 0, or -1 reported. */
static int
backward(struct hmm_joint *joint, const struct hmm_item *const *item, size_t items,
    const struct hmm_adam *adam)
{
	const int generates = joint->shape.conv == HMM_CONV_GENERATED;
	size_t groups = 0;
	if (hmm_fusion_backward(&joint->fusion, item, items, joint->slope, adam))
		return -1;
	if (generates)
		memset(joint->dgenerated, 0,
		    joint->shape.modalities * joint->phi.output_weight.rows * sizeof(float));
	for (size_t first = 0, end; first < joint->images; first = end, groups++) {
		end = end_of_group(joint, first);
		if (generates)
			joint->generated[groups] = joint->image[first].image->modality;
		convolve_backward(joint, item, first, end,
		    generates ? hmm_phi_dweight(&joint->phi, joint->dgenerated, groups) : NULL);
	}
	return generates ? hmm_phi_backward(&joint->phi, joint->pool, joint->generated,
	                       joint->dgenerated, groups, adam)
	                 : 0;
}

int
hmm_joint_learn(void *self, const struct hmm_item *const *item, size_t items,
    const struct hmm_place *place, const struct hmm_learner_step *step, double *loss)
{
	struct hmm_joint *joint = self;
	double sum = 0;
	if (step && step->zero)
		hmm_learner_zero(hmm_joint_each, joint);
	if (forward(joint, item, items, place) || hmm_objective_losses(joint->shape.objective, item,
	                                              items, joint->output, joint->loss, joint->slope))
		return -1;
	for (size_t s = 0; s < items; s++)
		sum += joint->loss[s];
	for (size_t i = 0; i < items * joint->shape.objective->outputs; i++)
		joint->slope[i] /= (double)items;
	if (backward(joint, item, items, step ? &step->adam : NULL))
		return -1;
	*loss += sum;
	if (step)
		hmm_learner_take(hmm_joint_each, joint, joint->pool, &step->adam);
	return 0;
}

int
hmm_joint_outputs(
    struct hmm_joint *joint, const struct hmm_item *const *item, size_t items, double *output)
{
	if (forward(joint, item, items, NULL))
		return -1;
	memcpy(output, joint->output, items * joint->shape.objective->outputs * sizeof(*output));
	return 0;
}

int
hmm_joint_predict(
    void *self, const struct hmm_item *const *item, size_t items, double *output, double *rest)
{
	memset(rest, 0, items * sizeof(*rest));
	return hmm_joint_outputs(self, item, items, output);
}

struct hmm_learner
hmm_joint_learner(struct hmm_joint *joint)
{
	return (struct hmm_learner){
	    joint, joint->shape.objective, hmm_joint_learn, hmm_joint_predict, hmm_joint_each, NULL};
}
