/* An image through a network, and the gradients back. */
#ifndef HMM_PASS_H
#define HMM_PASS_H

#include "hmm/gan/net.h"

/* Whose statistics a norm takes, and what else differs. */
enum hmm_pass_mode {
	HMM_PASS_TRAIN, /* the image's; batch norm's running ones follow them; dropout */
	HMM_PASS_IMAGE, /* the image's, and dropout: how the authors test */
	HMM_PASS_EVAL,  /* batch norm's running ones (of instance norm, the image's); no dropout */
};

/* What the layers gave, for the way back. */
struct hmm_pass {
	struct hmm_net *net;      /* not owned */
	const float *input;       /* not owned */
	float **y, **raw;         /* [layers]: behind a unit's activation, and its convolution */
	double **mean, **inverse; /* [layers][channels] of a norm */
	int dropped;
	struct hmm_place place;
	struct hmm_arena arena;
};

/* Memory that passes through one or more networks share, one after another. */
struct hmm_net_work {
	struct hmm_strided_work conv; /* its pool too */
	struct hmm_arena arena;
	float *gradients; /* of all layers' y */
	float *image;     /* a layer's input, padded, or a gradient on its way */
	size_t gradients_size, image_size;
	float **of_layer; /* [layers]: into gradients */
	char *filled;     /* [layers] */
	size_t layers;
};

/* For that many networks; `train`: with room for gradients. 0, or -1 reported. */
int hmm_net_work_open(struct hmm_net_work *work, struct hmm_pool *pool,
    const struct hmm_net *const *net, size_t nets, int train);
void hmm_net_work_close(struct hmm_net_work *work); /* legal on zeroes */

/* 0, or -1 reported. */
int hmm_pass_open(struct hmm_pass *pass, struct hmm_net *net);
void hmm_pass_close(struct hmm_pass *pass); /* legal on zeroes */

/* The output, which the pass owns, of an input that is kept by reference. What dropout number j
 * drops is drawn at `place`, its stream being HMM_DROPOUT_STREAM + j; NULL: nothing is dropped. */
enum { HMM_DROPOUT_STREAM = 0x47410000 };
const float *hmm_pass_forward(struct hmm_pass *pass, const float *input, enum hmm_pass_mode mode,
    const struct hmm_place *place, struct hmm_net_work *work);

/* From the gradient of the output to the net's gradients, and to that of the input (NULL: not
 * wanted). Not after HMM_PASS_EVAL. */
enum hmm_gradients { HMM_GRADIENTS_NONE, HMM_GRADIENTS_SET, HMM_GRADIENTS_ADD };
void hmm_pass_backward(const struct hmm_pass *pass, const float *output_gradient,
    float *input_gradient, enum hmm_gradients gradients, struct hmm_net_work *work);

#endif
