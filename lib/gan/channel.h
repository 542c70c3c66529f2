/* What a unit does to a channel behind its convolution, and back. */
#ifndef CHANNEL_H
#define CHANNEL_H

#include "hmm/gan/net.h"

struct channel {
	size_t count; /* pixels */
	enum hmm_activation activation;
	int normed;
	float bias, gamma, beta;
	double mean, inverse; /* of the norm: 1 / sqrt(variance + 1e-5) */
	int dropped;          /* half of the values, by what is drawn at place, `first` on */
	struct hmm_place place;
	uint32_t first;
};

/* raw += bias. */
void channel_add_bias(float *raw, const struct channel *channel);

/* mean, inverse from raw; the biased variance is returned. */
double channel_measure(struct channel *channel, const float *raw);

/* y from raw, which may be the same array. */
void channel_finish(float *y, const float *raw, const struct channel *channel);

/* The gradients of what stands before: of y in, of raw out; and of the bias, gamma and beta. */
struct channel_gradient {
	float bias, gamma, beta;
};
struct channel_gradient channel_back(
    float *gradient, const float *y, const float *raw, const struct channel *channel);

#endif
