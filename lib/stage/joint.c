#include "hmm/joint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/loss.h"
#include "hmm/memory.h"

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
	const size_t C = shape->channels, S = shape->positions;
	if (shape->conv == HMM_CONV_GENERATED)
		return hmm_phi_open(&joint->phi, C, S, shape->modality, shape->modalities);
	const size_t plains = shape->conv == HMM_CONV_EACH ? shape->modalities : 1;
	joint->plain = hmm_alloc(plains, sizeof(*joint->plain));
	for (; joint->plain && joint->plains < plains; joint->plains++) {
		char prefix[32];
		snprintf(prefix, sizeof(prefix), "conv.%zu", joint->plains);
		if (hmm_pointwise_open(&joint->plain[joint->plains], prefix, C, S)) {
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

int
hmm_joint_open(struct hmm_joint *joint, const struct hmm_joint_shape *shape, struct hmm_pool *pool)
{
	const size_t C = shape->channels, S = shape->positions;
	*joint = (struct hmm_joint){.shape = *shape, .pool = pool};
	if (open_convolutions(joint) || open_perceptrons(joint))
		return -1;
	joint->fused = hmm_alloc(fused_size(joint), sizeof(float));
	joint->dfused = hmm_alloc(fused_size(joint), sizeof(float));
	joint->dy = hmm_alloc(C * S, sizeof(float));
	joint->dgenerated = hmm_alloc(C * C + C, sizeof(float));
	joint->packed = hmm_alloc(hmm_pointwise_packed_size(C, S), sizeof(float));
	joint->shape.modality = NULL; /* the caller's */
	return joint->fused && joint->dfused && joint->dy && joint->dgenerated && joint->packed ? 0
	                                                                                        : -1;
}

void
hmm_joint_close(struct hmm_joint *joint)
{
	hmm_phi_close(&joint->phi);
	for (size_t i = 0; i < joint->plains; i++)
		hmm_pointwise_close(&joint->plain[i]);
	for (size_t i = 0; i < joint->rhos; i++)
		hmm_mlp_close(&joint->rho[i]);
	free(joint->plain);
	free(joint->rho);
	free(joint->y);
	free(joint->element);
	free(joint->logit);
	free(joint->fused);
	free(joint->dfused);
	free(joint->dy);
	free(joint->dgenerated);
	free(joint->packed);
	*joint = (struct hmm_joint){0};
}

void
hmm_joint_init(struct hmm_joint *joint, uint64_t seed, int hyperfan)
{
	if (joint->shape.conv == HMM_CONV_GENERATED)
		(hyperfan ? hmm_phi_init_hyperfan : hmm_phi_init_pytorch)(&joint->phi, seed);
	for (size_t i = 0; i < joint->plains; i++)
		hmm_pointwise_init(&joint->plain[i], seed);
	for (size_t i = 0; i < joint->rhos; i++)
		hmm_mlp_init(&joint->rho[i], seed);
}

/* ---- forward ---- */

static int
make_room(struct hmm_joint *joint, size_t images)
{
	void *element = joint->element, *logit = joint->logit;
	size_t bytes;
	if (hmm_multiply(&bytes, images, block_size(joint) * sizeof(float)))
		bytes = SIZE_MAX;
	if (hmm_grow(&joint->y, &joint->y_capacity, bytes) ||
	    hmm_grow(&element, &joint->element_capacity, images * sizeof(float *)))
		return -1;
	joint->element = element;
	if (hmm_grow(&logit, &joint->logit_capacity, images * sizeof(double)))
		return -1;
	joint->logit = logit;
	return 0;
}

static struct hmm_pointwise *
plain_of(struct hmm_joint *joint, const struct hmm_sample *image)
{
	return &joint->plain[joint->shape.conv == HMM_CONV_EACH ? image->modality : 0];
}

static void
convolve(struct hmm_joint *joint, float *y, const struct hmm_sample *image)
{
	if (joint->shape.conv == HMM_CONV_GENERATED) {
		hmm_phi_generate(&joint->phi, joint->pool, image->modality);
		hmm_phi_apply(&joint->phi, joint->pool, y, image->x);
	} else {
		hmm_pointwise_forward(plain_of(joint, image), joint->pool, y, image->x);
	}
}

/* Which block is image i's: concatenated blocks stand in the model's order. */
static size_t
place_of(const struct hmm_joint *joint, const struct hmm_set *set, size_t i)
{
	return joint->shape.fuse == HMM_FUSE_CONCAT ? set->image[i].modality : i;
}

/* Each image's own logit, and that of their mean probability. */
static double
score_each(struct hmm_joint *joint, const struct hmm_set *set, const struct hmm_place *place)
{
	for (size_t i = 0; i < set->count; i++) {
		const size_t m = set->image[i].modality;
		struct hmm_place here = {0};
		if (place) {
			here = *place;
			here.subject = place->subject * (uint32_t)joint->rhos + (uint32_t)m;
		}
		joint->logit[i] = (double)hmm_mlp_forward(
		    &joint->rho[m], joint->pool, joint->element[i], place ? &here : NULL);
	}
	joint->mean_logit = hmm_loss_mean_logit(joint->logit, set->count);
	return joint->mean_logit;
}

int
hmm_joint_forward(struct hmm_joint *joint, const struct hmm_set *set, const struct hmm_place *place,
    double *logit)
{
	if (make_room(joint, set->count))
		return -1;
	for (size_t i = 0; i < set->count; i++) {
		float *y = (float *)joint->y + place_of(joint, set, i) * block_size(joint);
		convolve(joint, y, &set->image[i]);
		joint->element[i] = y;
	}
	if (joint->shape.fuse == HMM_FUSE_SCORES) {
		*logit = score_each(joint, set, place);
		return 0;
	}
	const float *fused = joint->y; /* as it is for HMM_FUSE_CONCAT */
	if (joint->shape.fuse == HMM_FUSE_REDUCE) {
		hmm_setsum(
		    joint->fused, joint->element, set->count, block_size(joint), joint->shape.reduce);
		fused = joint->fused;
	}
	*logit = (double)hmm_mlp_forward(&joint->rho[0], joint->pool, fused, place);
	return 0;
}

/* ---- backward ---- */

/* The gradients of image i's convolution. A hypernetwork's are gathered over the
 * images of a modality, which stand together, and passed on at the last one. */
static int
convolve_backward(struct hmm_joint *joint, const struct hmm_set *set, size_t i, const float *dy)
{
	const struct hmm_sample *image = &set->image[i];
	const size_t C = joint->shape.channels, S = joint->shape.positions;
	float *dweight = joint->dgenerated, *dbias = dweight + C * C;
	if (joint->shape.conv != HMM_CONV_GENERATED) {
		hmm_pointwise_backward(plain_of(joint, image), joint->pool, dy, image->x);
		return 0;
	}
	if (i == 0 || image->modality != image[-1].modality)
		memset(dweight, 0, (C * C + C) * sizeof(float));
	hmm_pointwise_gradient(joint->pool, dweight, dbias, dy, image->x, C, S, joint->packed);
	if (i + 1 < set->count && image->modality == image[1].modality)
		return 0;
	hmm_phi_generate(&joint->phi, joint->pool, image->modality);
	return hmm_phi_backward(&joint->phi, joint->pool, dweight);
}

/* d loss / d y of image i, from `dfused` or through its own perceptron. NULL, reported. */
static const float *
split_gradient(struct hmm_joint *joint, const struct hmm_set *set, size_t i, double dlogit)
{
	const size_t size = block_size(joint);
	if (joint->shape.fuse == HMM_FUSE_CONCAT)
		return joint->dfused + place_of(joint, set, i) * size;
	if (joint->shape.fuse == HMM_FUSE_REDUCE) {
		hmm_setsum_backward(joint->dy, joint->dfused, joint->element[i], joint->fused, set->count,
		    size, joint->shape.reduce);
		return joint->dy;
	}
	dlogit *= hmm_loss_mean_logit_gradient(joint->mean_logit, joint->logit[i], set->count);
	return hmm_mlp_backward(
	           &joint->rho[set->image[i].modality], joint->pool, (float)dlogit, joint->dy)
	           ? NULL
	           : joint->dy;
}

int
hmm_joint_backward(struct hmm_joint *joint, const struct hmm_set *set, double dlogit)
{
	if (joint->shape.fuse != HMM_FUSE_SCORES &&
	    hmm_mlp_backward(&joint->rho[0], joint->pool, (float)dlogit, joint->dfused))
		return -1;
	for (size_t i = 0; i < set->count; i++) {
		const float *dy = split_gradient(joint, set, i, dlogit);
		if (!dy || convolve_backward(joint, set, i, dy))
			return -1;
	}
	return 0;
}

void
hmm_joint_each(void *self, hmm_parameter_visit *visit, void *context)
{
	struct hmm_joint *joint = self;
	if (joint->shape.conv == HMM_CONV_GENERATED) {
		hmm_phi_each(&joint->phi, visit, context);
		hmm_phi_changed(&joint->phi);
	}
	for (size_t i = 0; i < joint->plains; i++)
		hmm_pointwise_each(&joint->plain[i], visit, context);
	for (size_t i = 0; i < joint->rhos; i++)
		hmm_mlp_each(&joint->rho[i], visit, context);
}

/* ---- training ---- */

static int
learn(void *self, const struct hmm_set *set, double scale, const struct hmm_place *place,
    double *loss)
{
	double logit;
	if (hmm_joint_forward(self, set, place, &logit))
		return -1;
	*loss = hmm_loss_bce(logit, set->label) * set->weight;
	return hmm_joint_backward(
	    self, set, hmm_loss_bce_gradient(logit, set->label) * set->weight * scale);
}

static int
predict(void *self, const struct hmm_set *set, double *logit)
{
	return hmm_joint_forward(self, set, NULL, logit);
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
