/* From the blocks of an item's images to its outputs: what becomes of them together, and
 * a perceptron behind it. */
#ifndef HMM_FUSION_H
#define HMM_FUSION_H

#include "hmm/base/memory.h"
#include "hmm/learn/learner.h"
#include "hmm/learn/setsum.h"

/* HMM_FUSE_CONCAT wants a block of every modality, HMM_FUSE_SCORES at most one image of each. */
enum hmm_fuse {
	HMM_FUSE_REDUCE, /* mean, sum or maximum over the images */
	HMM_FUSE_CONCAT, /* one after the other */
	HMM_FUSE_SCORES, /* a perceptron a modality; the mean of what they predict */
};

struct hmm_fusion_shape {
	enum hmm_fuse fuse;
	enum hmm_reduce reduce;
	size_t block; /* floats in one */
	size_t modalities;
	size_t hidden[HMM_MLP_LAYERS], hidden_count; /* of the perceptrons */
	double dropout;                              /* after each of these, while training */
	const struct hmm_objective *objective;       /* kept by reference */
};

struct hmm_fusion {
	struct hmm_fusion_shape shape;
	struct hmm_pool *pool;
	struct hmm_mlp *rho; /* [rhos] */
	size_t rhos;
	/* of the items in hand */
	size_t room;             /* images there is room for */
	float *fused;            /* [items] blocks, of HMM_FUSE_REDUCE */
	const float **in;        /* [images] what the perceptrons take, a row each */
	float *dfused;           /* [images] blocks: d loss / d in */
	const float **element;   /* [images] an item's blocks */
	size_t *row;             /* [images] HMM_FUSE_SCORES: in which row a block is */
	size_t *block, *item;    /* [images] and of which block and item a row is */
	struct hmm_place *place; /* [images] */
	double *output, *mean;   /* [images][outputs] by block, [items][outputs]: HMM_FUSE_SCORES */
	float *doutput;          /* [images][outputs] */
	struct hmm_arena arena;  /* of all these */
	size_t *end;             /* [rhos] HMM_FUSE_SCORES: where a perceptron's rows end */
};

/* All values 0; the pool is kept by reference. 0, or -1 reported. */
int hmm_fusion_open(
    struct hmm_fusion *fusion, const struct hmm_fusion_shape *shape, struct hmm_pool *pool);
void hmm_fusion_close(struct hmm_fusion *fusion);
void hmm_fusion_init(struct hmm_fusion *fusion, uint64_t seed);
void hmm_fusion_each(struct hmm_fusion *fusion, hmm_parameter_visit *visit, void *context);

/* output[items][outputs] of the blocks y, item by item, an item's in the order of its images; for
 * HMM_FUSE_CONCAT in that of the modalities. `place`: see hmm_learner. 0, or -1 reported. */
int hmm_fusion_forward(struct hmm_fusion *fusion, const struct hmm_item *const *item, size_t items,
    const float *y, const struct hmm_place *place, double *output);

/* Add the gradients of the perceptrons for d loss / d output; for `adam` see
 * hmm_mlp_backward_batch(). 0, or -1 reported. */
int hmm_fusion_backward(struct hmm_fusion *fusion, const struct hmm_item *const *item, size_t items,
    const double *doutput, const struct hmm_adam *adam);

/* After that d loss / d block, for each of an item's blocks once and in their order; `number` is
 * the item's, `y` the block, in whose place it may stand then, `at` its number among all. */
float *hmm_fusion_gradient(
    struct hmm_fusion *fusion, const struct hmm_item *item, size_t number, float *y, size_t at);

#endif
