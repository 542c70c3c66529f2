/* A perceptron: Linear, ReLU, Dropout, ..., Linear. With one logit it is rho and the throw-away
 * classifier of step 1, with several outputs the encoders and decoders of the Multi-VAE.
 * A pass takes any number of samples and reads each matrix once for all of them. */
#ifndef HMM_MLP_H
#define HMM_MLP_H

#include <stddef.h>

#include "hmm/learn/parameter.h"
#include "hmm/base/random.h"

enum { HMM_MLP_LAYERS = 8 };

struct hmm_mlp {
	size_t layers;
	size_t width[HMM_MLP_LAYERS + 1]; /* inputs, hidden ..., outputs */
	double dropout;                   /* after every hidden ReLU, while training */
	struct hmm_parameter weight[HMM_MLP_LAYERS], bias[HMM_MLP_LAYERS];
	/* of the last forward pass, a row a sample */
	size_t batch;                 /* samples there is room for */
	const float **in, **from;     /* the inputs; those of a later layer, scratch */
	float *out[HMM_MLP_LAYERS];   /* each layer's output, after ReLU and dropout */
	float *slope[HMM_MLP_LAYERS]; /* d out / d (output of the linear layer) */
	float *dy, *dx;               /* scratch of the backward pass */
};

/* Tensors are named <prefix>.<layer>.weight and .bias, from 0. `width` has
 * layers + 1 entries, the last one 1, or more. 0, or -1 reported. */
int hmm_mlp_open(struct hmm_mlp *mlp, const char *prefix, const size_t *width, size_t layers);
void hmm_mlp_close(struct hmm_mlp *mlp);

/* torch.nn.Linear's own: uniform within 1 / sqrt(inputs). */
void hmm_mlp_init(struct hmm_mlp *mlp, uint64_t seed);

/* Room for that many samples; 1 from the start. 0, or -1 reported. */
int hmm_mlp_reserve(struct hmm_mlp *mlp, size_t batch);

/* The outputs, [samples][outputs] in the perceptron's own memory. x[b] has width[0] floats, which
 * are kept by reference until the backward pass. place[b] says where to draw the dropout of a
 * sample, layer i at its stream + i; NULL: none, as in evaluation. */
const float *hmm_mlp_forward_batch(struct hmm_mlp *mlp, struct hmm_pool *pool,
    const float *const *x, const struct hmm_place *place, size_t samples);

/* The first output of one sample. */
float hmm_mlp_forward(
    struct hmm_mlp *mlp, struct hmm_pool *pool, const float *x, const struct hmm_place *place);

/* Add the gradients of the last forward pass for doutput = d loss / d output, [samples][outputs];
 * dx, unless NULL, becomes d loss / d x, [samples][width[0]]. Unless adam is NULL, every parameter
 * takes this step, as far as it can in the same pass. 0, or -1 reported. */
int hmm_mlp_backward_batch(struct hmm_mlp *mlp, struct hmm_pool *pool, const float *doutput,
    float *dx, size_t samples, const struct hmm_adam *adam);

void hmm_mlp_each(struct hmm_mlp *mlp, hmm_parameter_visit *visit, void *context);

#endif
