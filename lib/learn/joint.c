#include "hmm/learn/joint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/kernel/loss.h"

/* Floats in a block, and in what a perceptron takes. */
static size_t
block_size(const struct hmm_joint *joint)
{
	return joint->shape.channels * joint->shape.positions;
}

static size_t
fused_size(const struct hmm_joint *joint)
{
	const int concat = joint->shape.fuse == HMM_FUSE_CONCAT;
	return block_size(joint) * (concat ? joint->shape.modalities : 1);
}

static int
open_convolutions(struct hmm_joint *joint)
{
	const struct hmm_joint_shape *shape = &joint->shape;
	const size_t C = shape->channels;
	if (hmm_conv1x1_open(&joint->conv, C, shape->positions, joint->pool))
		return -1;
	if (shape->conv == HMM_CONV_GENERATED)
		return hmm_phi_open(&joint->phi, C, shape->modality, shape->modalities);
	const size_t plains = shape->conv == HMM_CONV_EACH ? shape->modalities : 1;
	joint->plain = hmm_alloc(plains, sizeof(*joint->plain));
	for (; joint->plain && joint->plains < plains; joint->plains++) {
		char prefix[32];
		snprintf(prefix, sizeof(prefix), "conv.%zu", joint->plains);
		if (hmm_conv1x1_layer_open(&joint->plain[joint->plains], prefix, C)) {
			joint->plains++; /* to be closed */
			return -1;
		}
	}
	return joint->plain ? 0 : -1;
}

static int
open_perceptrons(struct hmm_joint *joint)
{
	const struct hmm_joint_shape *shape = &joint->shape;
	const size_t rhos = shape->fuse == HMM_FUSE_SCORES ? shape->modalities : 1;
	size_t width[HMM_MLP_LAYERS + 1] = {fused_size(joint)};
	memcpy(width + 1, shape->hidden, shape->hidden_count * sizeof(*width));
	width[shape->hidden_count + 1] = 1;
	joint->rho = hmm_alloc(rhos, sizeof(*joint->rho));
	for (; joint->rho && joint->rhos < rhos; joint->rhos++) {
		char prefix[32];
		snprintf(prefix, sizeof(prefix), "rho.%zu", joint->rhos);
		if (hmm_mlp_open(&joint->rho[joint->rhos], prefix, width, shape->hidden_count + 1)) {
			joint->rhos++; /* to be closed */
			return -1;
		}
	}
	return joint->rho ? 0 : -1;
}

static void
take_samples(void *self, size_t images)
{
	struct hmm_joint *joint = self;
	const size_t block = block_size(joint) * sizeof(float);
	struct hmm_arena *arena = &joint->arena;
	joint->image = hmm_arena_take(arena, images, sizeof(*joint->image));
	joint->y = hmm_arena_take(arena, images, block);
	joint->dfused = hmm_arena_take(arena, images, block);
	joint->fused = hmm_arena_take(arena, images, block);
	joint->element = hmm_arena_take(arena, images, sizeof(*joint->element));
	joint->in = hmm_arena_take(arena, images, sizeof(*joint->in));
	joint->out = hmm_arena_take(arena, images, sizeof(*joint->out));
	joint->logit = hmm_arena_take(arena, images, sizeof(*joint->logit));
	joint->mean_logit = hmm_arena_take(arena, images, sizeof(*joint->mean_logit));
	joint->dlogit = hmm_arena_take(arena, images, sizeof(*joint->dlogit));
	joint->place = hmm_arena_take(arena, images, sizeof(*joint->place));
}

/* Room for that many images. */
static int
reserve(struct hmm_joint *joint, size_t images)
{
	if (images <= joint->room)
		return 0;
	joint->room = 0;
	if (hmm_arena_remake(&joint->arena, take_samples, joint, images))
		return -1;
	for (size_t i = 0; i < joint->rhos; i++)
		if (hmm_mlp_reserve(&joint->rho[i], images))
			return -1;
	joint->room = images;
	return 0;
}

int
hmm_joint_open(struct hmm_joint *joint, const struct hmm_joint_shape *shape, struct hmm_pool *pool)
{
	const size_t C = shape->channels, S = shape->positions;
	*joint = (struct hmm_joint){.shape = *shape, .pool = pool};
	if (open_convolutions(joint) || open_perceptrons(joint))
		return -1;
	joint->dy = hmm_alloc(C * S, sizeof(float));
	joint->shape.modality = NULL; /* the caller's */
	if (shape->conv == HMM_CONV_GENERATED) {
		joint->dgenerated = hmm_alloc(shape->modalities, (C * C + C) * sizeof(float));
		joint->generated = hmm_alloc(shape->modalities, sizeof(*joint->generated));
		if (!joint->dgenerated || !joint->generated)
			return -1;
	}
	return joint->dy ? 0 : -1;
}

void
hmm_joint_close(struct hmm_joint *joint)
{
	hmm_phi_close(&joint->phi);
	hmm_conv1x1_close(&joint->conv);
	for (size_t i = 0; i < joint->plains; i++)
		hmm_conv1x1_layer_close(&joint->plain[i]);
	for (size_t i = 0; i < joint->rhos; i++)
		hmm_mlp_close(&joint->rho[i]);
	hmm_arena_free(&joint->arena);
	free(joint->plain);
	free(joint->rho);
	free(joint->dy);
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
	for (size_t i = 0; i < joint->rhos; i++)
		hmm_mlp_init(&joint->rho[i], seed);
}

/* ---- forward ---- */

/* Images that share a convolution. */
static size_t
group_of(const struct hmm_joint *joint, const struct hmm_sample *image)
{
	return joint->shape.conv == HMM_CONV_SHARED ? 0 : image->modality;
}

/* joint->image, by group, and their blocks. */
static int
list_images(struct hmm_joint *joint, const struct hmm_set *const *set, size_t sets)
{
	const size_t groups = joint->shape.conv == HMM_CONV_SHARED ? 1 : joint->shape.modalities;
	const int concat = joint->shape.fuse == HMM_FUSE_CONCAT; /* in the model's order */
	size_t images = 0;
	for (size_t s = 0; s < sets; s++)
		images += set[s]->count;
	if (reserve(joint, images))
		return -1;
	joint->images = 0;
	for (size_t g = 0; g < groups; g++) {
		size_t first = 0; /* of the set */
		for (size_t s = 0; s < sets; first += set[s++]->count)
			for (size_t i = 0; i < set[s]->count; i++) {
				const struct hmm_sample *image = &set[s]->image[i];
				if (group_of(joint, image) == g)
					joint->image[joint->images++] =
					    (struct hmm_joint_image){image, s, first + (concat ? image->modality : i)};
			}
	}
	return 0;
}

static size_t
end_of_group(const struct hmm_joint *joint, size_t first)
{
	size_t end = first + 1;
	while (end < joint->images &&
	       group_of(joint, joint->image[end].sample) == group_of(joint, joint->image[first].sample))
		end++;
	return end;
}

static void
convolve(struct hmm_joint *joint)
{
	const size_t C = joint->shape.channels;
	for (size_t first = 0, end; first < joint->images; first = end) {
		const struct hmm_sample *image = joint->image[first].sample;
		const float *weight, *bias;
		end = end_of_group(joint, first);
		for (size_t i = first; i < end; i++) {
			joint->in[i] = joint->image[i].sample->x;
			joint->out[i] = joint->y + joint->image[i].element * block_size(joint);
		}
		if (joint->shape.conv == HMM_CONV_GENERATED) {
			weight = hmm_phi_generate(&joint->phi, joint->pool, image->modality);
			bias = weight + C * C;
		} else {
			const struct hmm_conv1x1_layer *layer = &joint->plain[group_of(joint, image)];
			weight = layer->weight.w;
			bias = layer->bias.w;
		}
		hmm_conv1x1_forward(
		    &joint->conv, joint->out + first, joint->in + first, weight, bias, end - first);
	}
}

/* Each image's own logit, and those of the sets' mean probabilities. */
static void
score_each(struct hmm_joint *joint, const struct hmm_set *const *set, size_t sets,
    const struct hmm_place *place)
{
	for (size_t first = 0, end; first < joint->images; first = end) {
		const size_t m = joint->image[first].sample->modality;
		end = end_of_group(joint, first);
		for (size_t i = first; i < end; i++) {
			const size_t s = joint->image[i].set;
			joint->in[i] = joint->y + joint->image[i].element * block_size(joint);
			joint->place[i] = place ? place[s] : (struct hmm_place){0};
			joint->place[i].subject = joint->place[i].subject * (uint32_t)joint->rhos + (uint32_t)m;
		}
		const float *logit = hmm_mlp_forward_batch(&joint->rho[m], joint->pool, joint->in + first,
		    place ? joint->place + first : NULL, end - first);
		for (size_t i = first; i < end; i++)
			joint->logit[joint->image[i].element] = (double)logit[i - first];
	}
	const double *logit = joint->logit;
	for (size_t s = 0; s < sets; logit += set[s++]->count)
		joint->mean_logit[s] = hmm_loss_mean_logit(logit, set[s]->count);
}

/* joint->in: what the one perceptron takes of each set. */
static void
fuse(struct hmm_joint *joint, const struct hmm_set *const *set, size_t sets)
{
	const size_t size = block_size(joint);
	float *y = joint->y;
	for (size_t s = 0; s < sets; y += set[s++]->count * size) {
		joint->in[s] = y; /* as it is for HMM_FUSE_CONCAT */
		if (joint->shape.fuse != HMM_FUSE_REDUCE)
			continue;
		for (size_t i = 0; i < set[s]->count; i++)
			joint->element[i] = y + i * size;
		joint->in[s] = joint->fused + s * size;
		hmm_setsum(
		    joint->fused + s * size, joint->element, set[s]->count, size, joint->shape.reduce);
	}
}

int
hmm_joint_forward_batch(struct hmm_joint *joint, const struct hmm_set *const *set, size_t sets,
    const struct hmm_place *place, double *logit)
{
	if (list_images(joint, set, sets))
		return -1;
	convolve(joint);
	if (joint->shape.fuse == HMM_FUSE_SCORES) {
		score_each(joint, set, sets, place);
		memcpy(logit, joint->mean_logit, sets * sizeof(*logit));
		return 0;
	}
	fuse(joint, set, sets);
	const float *scores =
	    hmm_mlp_forward_batch(&joint->rho[0], joint->pool, joint->in, place, sets);
	for (size_t s = 0; s < sets; s++)
		logit[s] = (double)scores[s];
	return 0;
}

int
hmm_joint_forward(struct hmm_joint *joint, const struct hmm_set *set, const struct hmm_place *place,
    double *logit)
{
	return hmm_joint_forward_batch(joint, &set, 1, place, logit);
}

/* ---- backward ---- */

/* The gradient through the perceptrons of single images, first..end-1, in dfused. */
static int
score_backward(struct hmm_joint *joint, const struct hmm_set *const *set, size_t first, size_t end,
    const double *dlogit, const struct hmm_adam *adam)
{
	const size_t m = joint->image[first].sample->modality;
	for (size_t i = first; i < end; i++) {
		const struct hmm_joint_image *image = &joint->image[i];
		const size_t s = image->set;
		joint->dlogit[i] = (float)(dlogit[s] * hmm_loss_mean_logit_gradient(joint->mean_logit[s],
		                                           joint->logit[image->element], set[s]->count));
	}
	return hmm_mlp_backward_batch(&joint->rho[m], joint->pool, joint->dlogit + first,
	    joint->dfused + first * block_size(joint), end - first, adam);
}

/* d loss / d y of image i. */
static const float *
split_gradient(struct hmm_joint *joint, const struct hmm_set *const *set, size_t i)
{
	const struct hmm_joint_image *image = &joint->image[i];
	const size_t size = block_size(joint), s = image->set;
	if (joint->shape.fuse == HMM_FUSE_CONCAT)
		return joint->dfused + image->element * size;
	if (joint->shape.fuse == HMM_FUSE_SCORES)
		return joint->dfused + i * size;
	hmm_setsum_backward(joint->dy, joint->dfused + s * size, joint->y + image->element * size,
	    joint->fused + s * size, set[s]->count, size, joint->shape.reduce);
	return joint->dy;
}

/* Add the gradients of image i's convolution; a hypernetwork's are gathered in dgenerated. */
static void
convolve_backward(struct hmm_joint *joint, size_t i, float *dgenerated, const float *dy)
{
	const struct hmm_sample *image = joint->image[i].sample;
	const size_t C = joint->shape.channels;
	float *dweight, *dbias;
	if (joint->shape.conv == HMM_CONV_GENERATED) {
		dweight = dgenerated;
		dbias = dgenerated + C * C;
	} else {
		struct hmm_conv1x1_layer *layer = &joint->plain[group_of(joint, image)];
		dweight = layer->weight.gradient;
		dbias = layer->bias.gradient;
	}
	hmm_conv1x1_backward(&joint->conv, NULL, dweight, dbias, &dy, &image->x, NULL, 1);
}

int
hmm_joint_backward_batch(struct hmm_joint *joint, const struct hmm_set *const *set, size_t sets,
    const double *dlogit, const struct hmm_adam *adam)
{
	const int scores = joint->shape.fuse == HMM_FUSE_SCORES;
	const int generates = joint->shape.conv == HMM_CONV_GENERATED;
	const size_t outputs = joint->shape.channels * (joint->shape.channels + 1);
	size_t groups = 0;
	for (size_t s = 0; s < sets; s++)
		joint->dlogit[s] = (float)dlogit[s];
	if (!scores && hmm_mlp_backward_batch(
	                   &joint->rho[0], joint->pool, joint->dlogit, joint->dfused, sets, adam))
		return -1;
	if (generates)
		memset(joint->dgenerated, 0, joint->shape.modalities * outputs * sizeof(float));
	for (size_t first = 0, end; first < joint->images; first = end, groups++) {
		float *dgenerated = generates ? joint->dgenerated + groups * outputs : NULL;
		end = end_of_group(joint, first);
		if (generates)
			joint->generated[groups] = joint->image[first].sample->modality;
		if (scores && score_backward(joint, set, first, end, dlogit, adam))
			return -1;
		for (size_t i = first; i < end; i++)
			convolve_backward(joint, i, dgenerated, split_gradient(joint, set, i));
	}
	return generates ? hmm_phi_backward(&joint->phi, joint->pool, joint->generated,
	                       joint->dgenerated, groups, adam)
	                 : 0;
}

int
hmm_joint_backward(struct hmm_joint *joint, const struct hmm_set *set, double dlogit)
{
	return hmm_joint_backward_batch(joint, &set, 1, &dlogit, NULL);
}

void
hmm_joint_each(void *self, hmm_parameter_visit *visit, void *context)
{
	struct hmm_joint *joint = self;
	if (joint->shape.conv == HMM_CONV_GENERATED)
		hmm_phi_each(&joint->phi, visit, context);
	for (size_t i = 0; i < joint->plains; i++)
		hmm_conv1x1_layer_each(&joint->plain[i], visit, context);
	for (size_t i = 0; i < joint->rhos; i++)
		hmm_mlp_each(&joint->rho[i], visit, context);
}

/* ---- training ---- */

static int
learn(void *self, const struct hmm_set *const *set, size_t sets, const struct hmm_place *place,
    const struct hmm_adam *adam, double *loss)
{
	double *logit = hmm_alloc(sets, sizeof(*logit)); /* then d loss / d logit */
	int bad = !logit || hmm_joint_forward_batch(self, set, sets, place, logit);
	*loss = 0;
	for (size_t s = 0; s < sets && !bad; s++) {
		*loss += hmm_loss_bce(logit[s], set[s]->label) * set[s]->weight;
		logit[s] = hmm_loss_bce_gradient(logit[s], set[s]->label) * set[s]->weight / (double)sets;
	}
	bad = bad || hmm_joint_backward_batch(self, set, sets, logit, adam);
	free(logit);
	return bad;
}

static int
predict(void *self, const struct hmm_set *const *set, size_t sets, double *logit)
{
	return hmm_joint_forward_batch(self, set, sets, NULL, logit);
}

int
hmm_joint_train(struct hmm_joint *joint, const struct hmm_set *train, size_t train_count,
    const struct hmm_set *validation, size_t validation_count, double dropout,
    const struct hmm_train_options *options,
    void (*report)(void *context, const struct hmm_epoch *epoch), void *report_context)
{
	const struct hmm_set_learner learner = {joint, joint->pool, learn, predict, hmm_joint_each};
	for (size_t i = 0; i < joint->rhos; i++)
		joint->rho[i].dropout = dropout;
	return hmm_sets_train(&learner, train, train_count, validation, validation_count, options,
	    report, report_context);
}
