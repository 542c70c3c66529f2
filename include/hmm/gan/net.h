/* Networks of convolutions: layers in the order of their computation, parameters and running
 * statistics under PyTorch's names, one image at a time. */
#ifndef HMM_NET_H
#define HMM_NET_H

#include "hmm/base/memory.h"
#include "hmm/base/random.h"
#include "hmm/base/tensor.h"
#include "hmm/gan/strided.h"
#include "hmm/kernel/adam.h"

enum hmm_activation { HMM_LINEAR, HMM_RELU, HMM_LEAKY /* .2 */, HMM_TANH };
enum hmm_norm { HMM_NO_NORM, HMM_BATCH_NORM, HMM_INSTANCE_NORM };

enum { HMM_NET_NAME = 192, HMM_NET_NONE = -1, HMM_NET_INPUT = -1 };

/* A parameter, or a running statistic (then it has no gradient). */
struct hmm_net_tensor {
	char name[HMM_NET_NAME];
	size_t shape[4];
	int dimensions;
	size_t at, count; /* its floats in the net's arrays */
	int running;
};

enum hmm_layer_kind {
	HMM_UNIT, /* a convolution; bias, norm, dropout, activation where it has them, in that order */
	HMM_JOIN, /* channels of ReLU(from) and then of other */
	HMM_SUM,  /* from + other */
};

struct hmm_layer {
	enum hmm_layer_kind kind;
	int from, other; /* layers, or HMM_NET_INPUT */
	size_t channels, height, width;
	/* of a unit */
	struct hmm_strided conv;
	int transposed;
	size_t reflect;                                /* pixels of padding that mirror the image */
	int weight, bias, gamma, beta, mean, variance; /* tensors, or HMM_NET_NONE */
	enum hmm_norm norm;
	int dropout; /* its number, from 0, or HMM_NET_NONE */
	enum hmm_activation activation;
};

struct hmm_net {
	struct hmm_layer *layer; /* [layers] */
	size_t layers;
	struct hmm_net_tensor *tensor; /* [tensors], in the order of PyTorch's state_dict */
	size_t tensors;
	size_t channels, height, width; /* of the input */
	size_t floats;                  /* of each array */
	struct hmm_arena arena;
	float *w, *gradient, *m, *v;            /* [floats]; all but w NULL where it is not trained */
	long steps;                             /* of Adam, taken so far */
	size_t layer_capacity, tensor_capacity; /* private: bytes */
};

/* ---- to build one: a net of zeroes with its input's size, then layers, then memory ---- */

/* What a unit is made of; names are of its modules, as "model.4". */
struct hmm_net_unit {
	int from;
	size_t out, kernel, stride, pad, reflect;
	int transposed;
	size_t output_pad; /* rows more than the transposed convolution reaches by itself */
	const char *name;
	int bias;
	enum hmm_norm norm;
	const char *norm_name;
	int dropout;
	enum hmm_activation activation;
};
/* Each adds a layer: its number, or -1 reported. */
int hmm_net_unit(struct hmm_net *net, const struct hmm_net_unit *unit);
int hmm_net_join(struct hmm_net *net, int from, int other);
int hmm_net_sum(struct hmm_net *net, int from, int other);

/* The memory of parameters, `train`: and of their gradients and moments. 0, or -1 reported. */
int hmm_net_make(struct hmm_net *net, int train);
void hmm_net_free(struct hmm_net *net); /* legal on zeroes */

/* Weights N(0, .02), biases 0, scales N(1, .02), by the seed, `salt` and their names. */
void hmm_net_init(struct hmm_net *net, uint64_t seed, const char *salt);

/* Whether tensors whose names begin with `prefix` are this net's, before it has memory: all of its
 * own, in their shapes, and no other but what norms count that have no use for it, and what hmm-gan
 * keeps beside a net. 0, or -1 reported with the file's name. */
int hmm_net_fits(const struct hmm_net *net, const struct hmm_weight *weight, size_t count,
    const char *prefix, const char *file);

/* Take the values from such tensors. 0, or -1 reported: one is not finite. */
int hmm_net_load(
    struct hmm_net *net, const struct hmm_weight *weight, size_t count, const char *prefix);

/* Floats of what a layer gives, and of what a unit's convolution is given, with its padding. */
size_t hmm_layer_outputs(const struct hmm_layer *layer);
size_t hmm_layer_inputs(const struct hmm_layer *layer);
size_t hmm_net_outputs(const struct hmm_net *net); /* of the last layer */

/* A step of Adam with what is in `gradient`. */
void hmm_net_step(struct hmm_net *net, double learning_rate, double beta1, struct hmm_pool *pool);

#endif
