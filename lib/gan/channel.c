#include "channel.h"

#include <math.h>

static const double epsilon = 1e-5;
static const float slope = .2f;

enum { LANES = 8 }; /* a sum has so many parts, always the same */

static double
add_lanes(const double lane[LANES])
{
	return ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
	       ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

void
channel_add_bias(float *raw, const struct channel *channel)
{
	for (size_t i = 0; i < channel->count; i++)
		raw[i] += channel->bias;
}

double
channel_measure(struct channel *channel, const float *raw)
{
	const size_t count = channel->count, whole = count / LANES * LANES;
	double sum[LANES] = {0}, squares[LANES] = {0};
	for (size_t i = 0; i < whole; i += LANES)
		for (size_t k = 0; k < LANES; k++)
			sum[k] += (double)raw[i + k];
	for (size_t i = whole; i < count; i++)
		sum[i - whole] += (double)raw[i];
	const double mean = add_lanes(sum) / (double)count;
	for (size_t i = 0; i < whole; i += LANES)
		for (size_t k = 0; k < LANES; k++) {
			const double apart = (double)raw[i + k] - mean;
			squares[k] += apart * apart;
		}
	for (size_t i = whole; i < count; i++)
		squares[i - whole] += ((double)raw[i] - mean) * ((double)raw[i] - mean);
	const double variance = add_lanes(squares) / (double)count;
	channel->mean = mean;
	channel->inverse = 1 / sqrt(variance + epsilon);
	return variance;
}

/* Comparisons are such that NaN stays NaN. */
static void
activate(float *y, size_t count, enum hmm_activation activation)
{
	if (activation == HMM_RELU)
		for (size_t i = 0; i < count; i++)
			y[i] = y[i] <= 0 ? 0 : y[i];
	else if (activation == HMM_LEAKY)
		for (size_t i = 0; i < count; i++)
			y[i] = y[i] > 0 ? y[i] : slope * y[i];
	else if (activation == HMM_TANH)
		for (size_t i = 0; i < count; i++)
			y[i] = tanhf(y[i]);
}

void
channel_finish(float *y, const float *raw, const struct channel *channel)
{
	const size_t count = channel->count;
	if (channel->normed) {
		const float mean = (float)channel->mean;
		const float scale = (float)(channel->inverse * (double)channel->gamma);
		for (size_t i = 0; i < count; i++)
			y[i] = (raw[i] - mean) * scale + channel->beta;
	}
	if (channel->dropped)
		for (size_t i = 0; i < count; i++) {
			const uint32_t at = channel->first + (uint32_t)i;
			y[i] *= hmm_random_uniform(channel->place, at) < .5 ? 0 : 2;
		}
	activate(y, count, channel->activation);
}

/* From the gradient of y to that of what the activation and the dropout were given. What was
 * dropped is 0 in y, and a dropout is always followed by a ReLU. */
static void
back_through(float *gradient, const float *y, const struct channel *channel)
{
	const float kept = channel->dropped ? 2 : 1;
	const size_t count = channel->count;
	if (channel->activation == HMM_RELU)
		for (size_t i = 0; i < count; i++)
			gradient[i] = y[i] > 0 ? kept * gradient[i] : 0;
	else if (channel->activation == HMM_LEAKY)
		for (size_t i = 0; i < count; i++)
			gradient[i] = y[i] > 0 ? gradient[i] : slope * gradient[i];
	else if (channel->activation == HMM_TANH)
		for (size_t i = 0; i < count; i++)
			gradient[i] *= 1 - y[i] * y[i];
}

static double
total(const float *values, size_t count)
{
	const size_t whole = count / LANES * LANES;
	double sum[LANES] = {0};
	for (size_t i = 0; i < whole; i += LANES)
		for (size_t k = 0; k < LANES; k++)
			sum[k] += (double)values[i + k];
	for (size_t i = whole; i < count; i++)
		sum[i - whole] += (double)values[i];
	return add_lanes(sum);
}

/* The sum of gradient (raw - mean). */
static double
covary(const float *gradient, const float *raw, const struct channel *channel)
{
	const size_t count = channel->count, whole = count / LANES * LANES;
	const double mean = channel->mean;
	double sum[LANES] = {0};
	for (size_t i = 0; i < whole; i += LANES)
		for (size_t k = 0; k < LANES; k++)
			sum[k] += (double)gradient[i + k] * ((double)raw[i + k] - mean);
	for (size_t i = whole; i < count; i++)
		sum[i - whole] += (double)gradient[i] * ((double)raw[i] - mean);
	return add_lanes(sum);
}

struct channel_gradient
channel_back(float *gradient, const float *y, const float *raw, const struct channel *channel)
{
	const size_t count = channel->count;
	struct channel_gradient of = {0};
	back_through(gradient, y, channel);
	if (channel->normed) {
		const double n = (double)count, inverse = channel->inverse;
		const double sum = total(gradient, count), product = covary(gradient, raw, channel);
		const float mean = (float)channel->mean, level = (float)(sum / n);
		const float tilt = (float)(product * inverse * inverse / n);
		const float scale = (float)(inverse * (double)channel->gamma);
		of.gamma = (float)(product * inverse);
		of.beta = (float)sum;
		for (size_t i = 0; i < count; i++)
			gradient[i] = scale * (gradient[i] - level - (raw[i] - mean) * tilt);
	}
	of.bias = (float)total(gradient, count);
	return of;
}
