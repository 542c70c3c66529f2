/* The systems that learn in one step, with the classification loss alone: a 1x1
 * convolution of each image's block, a fusion of what comes out, a perceptron with
 * one logit.
 *
 *   HyperMM w/o 2 steps   generated, or unconditional: shared; reduce
 *   CNN                   shared; reduce, of sets of one image
 *   Multi-CNN             each; concat, or the mean of scores */
#ifndef HMM_JOINT_H
#define HMM_JOINT_H

#include "hmm/base/memory.h"
#include "hmm/learn/conv1x1.h"
#include "hmm/learn/phi.h"
#include "hmm/learn/sets.h"
#include "hmm/learn/setsum.h"

enum hmm_joint_conv {
	HMM_CONV_GENERATED, /* by a hypernetwork from the modality */
	HMM_CONV_SHARED,    /* one for all modalities */
	HMM_CONV_EACH,      /* one a modality */
};

/* HMM_FUSE_CONCAT wants sets with one image of every modality, HMM_FUSE_SCORES at
 * most one of each. */
enum hmm_joint_fuse {
	HMM_FUSE_REDUCE, /* mean, sum or maximum over the images */
	HMM_FUSE_CONCAT, /* one after the other */
	HMM_FUSE_SCORES, /* a perceptron a modality; the mean of their probabilities */
};

struct hmm_joint_shape {
	enum hmm_joint_conv conv;
	enum hmm_joint_fuse fuse;
	enum hmm_reduce reduce;
	size_t channels, positions;
	const char *const *modality; /* copied where they are kept */
	size_t modalities;
	size_t hidden[HMM_MLP_LAYERS], hidden_count; /* of the perceptrons */
};

struct hmm_joint {
	struct hmm_joint_shape shape;
	struct hmm_pool *pool;
	struct hmm_phi phi;
	struct hmm_conv1x1_layer *plain; /* [plains] */
	struct hmm_conv1x1 conv;         /* of phi or the plain layers */
	struct hmm_mlp *rho;             /* [rhos] */
	size_t plains, rhos;
	/* of the sets in hand; a block is channels * positions floats */
	size_t images, room;           /* images there are; images there is room for */
	struct hmm_joint_image *image; /* [images] by group of a convolution, then by set */
	float *y, *dfused;             /* [images] blocks: after the convolution; d loss / d what
	                                * the perceptrons take, a row a sample of theirs */
	float *fused;                  /* [sets] blocks, of HMM_FUSE_REDUCE */
	const float **element, **in;   /* [images] blocks in y, by set; the inputs of a convolution
	                                * or a perceptron */
	float **out;                   /* [images] what a convolution makes */
	double *logit, *mean_logit;    /* [images], [sets] of HMM_FUSE_SCORES */
	float *dlogit;                 /* [images] */
	struct hmm_place *place;       /* [images] */
	struct hmm_arena arena;        /* of all these */
	float *dy;                     /* one block */
	float *dgenerated;             /* [modalities][C*C + C] */
	size_t *generated;             /* [modalities] those of dgenerated */
};

/* An image of a batch. */
struct hmm_joint_image {
	const struct hmm_sample *sample;
	size_t set;     /* its set */
	size_t element; /* its block in y: a set's blocks stand together */
};

/* All values 0; the pool is kept by reference. 0, or -1 reported. */
int hmm_joint_open(
    struct hmm_joint *joint, const struct hmm_joint_shape *shape, struct hmm_pool *pool);
void hmm_joint_close(struct hmm_joint *joint);

/* Seeded values, of the hypernetwork by hyperfan-in or as PyTorch has them. */
void hmm_joint_init(struct hmm_joint *joint, uint64_t seed, enum hmm_phi_start start);

/* The logit of a set; `place`: see hmm_mlp_forward(). 0, or -1 reported. */
int hmm_joint_forward(struct hmm_joint *joint, const struct hmm_set *set,
    const struct hmm_place *place, double *logit);

/* Add the gradients of the last forward pass for d loss / d logit. 0, or -1 reported. */
int hmm_joint_backward(struct hmm_joint *joint, const struct hmm_set *set, double dlogit);

/* The same for a batch, logit[sets]; each matrix is read once. `place` has an entry for each set,
 * or is NULL; for `adam` see hmm_mlp_backward_batch(). */
int hmm_joint_forward_batch(struct hmm_joint *joint, const struct hmm_set *const *set, size_t sets,
    const struct hmm_place *place, double *logit);
int hmm_joint_backward_batch(struct hmm_joint *joint, const struct hmm_set *const *set, size_t sets,
    const double *dlogit, const struct hmm_adam *adam);

void hmm_joint_each(void *joint, hmm_parameter_visit *visit, void *context);

/* See hmm_sets_train(); `dropout` after every hidden layer. */
int hmm_joint_train(struct hmm_joint *joint, const struct hmm_set *train, size_t train_count,
    const struct hmm_set *validation, size_t validation_count, double dropout,
    const struct hmm_train_options *options,
    void (*report)(void *context, const struct hmm_epoch *epoch), void *report_context);

#endif
