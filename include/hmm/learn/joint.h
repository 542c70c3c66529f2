/* The systems that learn in one step, with the objective's loss alone: a 1x1
 * convolution of each image's block, a fusion of what comes out, a perceptron.
 *
 *   HyperMM w/o 2 steps   generated, or unconditional: shared; reduce
 *   CNN                   shared; reduce, of items of one image
 *   Multi-CNN             each; concat, of complete items or by the mean, or the mean of scores */
#ifndef HMM_JOINT_H
#define HMM_JOINT_H

#include "hmm/base/memory.h"
#include "hmm/learn/conv1x1.h"
#include "hmm/learn/fusion.h"
#include "hmm/learn/learner.h"
#include "hmm/learn/phi.h"

enum hmm_joint_conv {
	HMM_CONV_GENERATED, /* by a hypernetwork from the modality */
	HMM_CONV_SHARED,    /* one for all modalities */
	HMM_CONV_EACH,      /* one a modality */
};

struct hmm_joint_shape {
	enum hmm_joint_conv conv;
	enum hmm_fuse fuse;
	enum hmm_reduce reduce;
	int imputes;            /* 1: each, concat; a modality that an item lacks is its mean */
	size_t latent;          /* channels after the convolution */
	const size_t *channels; /* [modalities] before it, of each, and of the widest that is there, */
	size_t widest;          /* which a shared one takes: zeros behind a modality's own */
	size_t positions, modalities;
	size_t hidden[HMM_MLP_LAYERS], hidden_count; /* of the perceptrons */
	double dropout;                              /* after each of these, while training */
	const struct hmm_objective *objective;       /* kept by reference */
};

struct hmm_joint {
	struct hmm_joint_shape shape;
	struct hmm_pool *pool;
	size_t *channels; /* shape.channels */
	struct hmm_phi phi;
	struct hmm_conv1x1_layer *plain; /* [plains] */
	size_t plains;
	struct hmm_parameter mean; /* [modalities][widest * positions] where it imputes: not learned, */
	struct hmm_item_image *lacking; /* [modalities] but what stands for an image */
	struct hmm_conv1x1 conv;        /* of phi or the plain layers */
	struct hmm_fusion fusion;
	/* of the items in hand; a block is latent * positions floats */
	size_t images, room;           /* images there are; images there is room for */
	struct hmm_joint_image *image; /* [images] by group of a convolution, then by item; and means */
	float *y;                      /* [images] blocks after the convolution, item by item */
	const float **in;              /* [images] what a convolution takes, */
	float **out;                   /* [images] and what it makes; then the gradients of that */
	double *output, *slope, *loss; /* [items][outputs], and of each item */
	struct hmm_arena arena;        /* of all these */
	float *dgenerated;             /* [modalities] see hmm_phi_dweight() */
	size_t *generated;             /* [modalities] those of dgenerated */
};

/* An image of a batch. */
struct hmm_joint_image {
	const struct hmm_item_image *image;
	size_t item;  /* its item's number */
	size_t block; /* its block in y: an item's blocks stand together */
};

/* All values 0; the pool is kept by reference. 0, or -1 reported. */
int hmm_joint_open(
    struct hmm_joint *joint, const struct hmm_joint_shape *shape, struct hmm_pool *pool);
void hmm_joint_close(struct hmm_joint *joint);

/* Seeded values, of the hypernetwork by hyperfan-in or as PyTorch has them. */
void hmm_joint_init(struct hmm_joint *joint, uint64_t seed, enum hmm_phi_start start);

/* output[items][outputs], with nothing random; each matrix is read once. 0, or -1 reported. */
int hmm_joint_outputs(
    struct hmm_joint *joint, const struct hmm_item *const *item, size_t items, double *output);

/* See hmm_learner. */
struct hmm_learner hmm_joint_learner(struct hmm_joint *joint);
int hmm_joint_learn(void *joint, const struct hmm_item *const *item, size_t items,
    const struct hmm_place *place, const struct hmm_learner_step *step, double *loss);
int hmm_joint_predict(
    void *joint, const struct hmm_item *const *item, size_t items, double *output, double *rest);
void hmm_joint_each(void *joint, hmm_parameter_visit *visit, void *context);

#endif
