#include "hmm/gan/pass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "mirror.h"

/* ---- memory ---- */

static void
take_pass(struct hmm_pass *pass)
{
	struct hmm_arena *arena = &pass->arena;
	const size_t layers = pass->net->layers;
	pass->y = hmm_arena_take(arena, layers, sizeof(*pass->y));
	pass->raw = hmm_arena_take(arena, layers, sizeof(*pass->raw));
	pass->mean = hmm_arena_take(arena, layers, sizeof(*pass->mean));
	pass->inverse = hmm_arena_take(arena, layers, sizeof(*pass->inverse));
	for (size_t l = 0; l < layers; l++) {
		const struct hmm_layer *layer = pass->net->layer + l;
		const int normed = layer->kind == HMM_UNIT && layer->norm;
		float *y = hmm_arena_take(arena, hmm_layer_outputs(layer), sizeof(float));
		float *raw = normed ? hmm_arena_take(arena, hmm_layer_outputs(layer), sizeof(float)) : y;
		double *mean = hmm_arena_take(arena, layer->channels, sizeof(double));
		double *inverse = hmm_arena_take(arena, layer->channels, sizeof(double));
		if (!arena->block)
			continue;
		pass->y[l] = y;
		pass->raw[l] = raw;
		pass->mean[l] = mean;
		pass->inverse[l] = inverse;
	}
}

int
hmm_pass_open(struct hmm_pass *pass, struct hmm_net *net)
{
	*pass = (struct hmm_pass){.net = net};
	take_pass(pass);
	if (hmm_arena_make(&pass->arena))
		return -1;
	take_pass(pass);
	return 0;
}

void
hmm_pass_close(struct hmm_pass *pass)
{
	hmm_arena_free(&pass->arena);
	*pass = (struct hmm_pass){0};
}

static void
take_work(struct hmm_net_work *work)
{
	work->gradients = hmm_arena_take(&work->arena, work->gradients_size, sizeof(float));
	work->image = hmm_arena_take(&work->arena, work->image_size, sizeof(float));
	work->of_layer = hmm_arena_take(&work->arena, work->layers, sizeof(*work->of_layer));
	work->filled = hmm_arena_take(&work->arena, work->layers, 1);
}

static size_t
most(size_t a, size_t b)
{
	return a > b ? a : b;
}

int
hmm_net_work_open(struct hmm_net_work *work, struct hmm_pool *pool,
    const struct hmm_net *const *net, size_t nets, int train)
{
	*work = (struct hmm_net_work){.conv = {.pool = pool}};
	for (size_t n = 0; n < nets; n++) {
		size_t floats = 0;
		for (size_t l = 0; l < net[n]->layers; l++) {
			const struct hmm_layer *layer = net[n]->layer + l;
			floats += train ? hmm_layer_outputs(layer) : 0;
			if (layer->kind == HMM_UNIT) {
				work->image_size = most(work->image_size, hmm_layer_inputs(layer));
				if (hmm_strided_room(&work->conv, &layer->conv))
					return -1;
			}
		}
		work->gradients_size = most(work->gradients_size, floats);
		work->layers = most(work->layers, net[n]->layers);
	}
	take_work(work);
	if (hmm_arena_make(&work->arena))
		return -1;
	take_work(work);
	return 0;
}

void
hmm_net_work_close(struct hmm_net_work *work)
{
	hmm_arena_free(&work->arena);
	hmm_strided_free(&work->conv);
}

/* ---- forward ---- */

struct unit {
	const struct hmm_pass *pass;
	size_t number;
	enum hmm_pass_mode mode;
	float *gradient; /* of y */
	enum hmm_gradients gradients;
};

static const float *
output_of(const struct hmm_pass *pass, int layer)
{
	return layer == HMM_NET_INPUT ? pass->input : pass->y[layer];
}

static float
value_of(const struct hmm_net *net, int tensor, size_t c, float otherwise)
{
	return tensor == HMM_NET_NONE ? otherwise : net->w[net->tensor[tensor].at + c];
}

static struct channel
channel_of(const struct hmm_pass *pass, size_t number, size_t c)
{
	const struct hmm_net *net = pass->net;
	const struct hmm_layer *layer = net->layer + number;
	struct channel channel = {.count = layer->height * layer->width,
	    .activation = layer->activation,
	    .normed = layer->norm != HMM_NO_NORM,
	    .bias = value_of(net, layer->bias, c, 0),
	    .gamma = value_of(net, layer->gamma, c, 1),
	    .beta = value_of(net, layer->beta, c, 0),
	    .mean = pass->mean[number][c],
	    .inverse = pass->inverse[number][c],
	    .dropped = pass->dropped && layer->dropout != HMM_NET_NONE,
	    .place = pass->place};
	channel.place.stream = HMM_DROPOUT_STREAM + (uint32_t)layer->dropout;
	channel.first = (uint32_t)(c * channel.count);
	return channel;
}

/* running = .9 running + .1 that of the image, its variance unbiased. */
static void
follow(struct hmm_net *net, const struct hmm_layer *layer, size_t c, const struct channel *channel,
    double variance)
{
	const double count = (double)channel->count;
	float *mean = net->w + net->tensor[layer->mean].at + c;
	float *running = net->w + net->tensor[layer->variance].at + c;
	*mean = (float)(.9 * (double)*mean + .1 * channel->mean);
	*running = (float)(.9 * (double)*running + .1 * variance * count / (count - 1));
}

static void
finish_channel(void *job, size_t c, size_t thread)
{
	(void)thread;
	const struct unit *unit = job;
	const struct hmm_pass *pass = unit->pass;
	const struct hmm_layer *layer = pass->net->layer + unit->number;
	struct channel channel = channel_of(pass, unit->number, c);
	float *raw = pass->raw[unit->number] + c * channel.count;
	if (layer->bias != HMM_NET_NONE)
		channel_add_bias(raw, &channel);
	if (channel.normed && unit->mode == HMM_PASS_EVAL && layer->norm == HMM_BATCH_NORM) {
		channel.mean = (double)value_of(pass->net, layer->mean, c, 0);
		channel.inverse = 1 / sqrt((double)value_of(pass->net, layer->variance, c, 1) + 1e-5);
	} else if (channel.normed) {
		const double variance = channel_measure(&channel, raw);
		if (unit->mode == HMM_PASS_TRAIN && layer->norm == HMM_BATCH_NORM)
			follow(pass->net, layer, c, &channel, variance);
		pass->mean[unit->number][c] = channel.mean;
		pass->inverse[unit->number][c] = channel.inverse;
	}
	channel_finish(pass->y[unit->number] + c * channel.count, raw, &channel);
}

/* A unit's input as its convolution sees it. */
static const float *
padded(const struct hmm_pass *pass, const struct hmm_layer *layer, struct hmm_net_work *work)
{
	const float *input = output_of(pass, layer->from);
	if (!layer->reflect)
		return input;
	mirror(work->image, input, &layer->conv, layer->reflect, work->conv.pool);
	return work->image;
}

static void
unit_forward(struct unit *unit, struct hmm_net_work *work)
{
	const struct hmm_pass *pass = unit->pass;
	const struct hmm_layer *layer = pass->net->layer + unit->number;
	const float *weights = pass->net->w + pass->net->tensor[layer->weight].at;
	const float *input = padded(pass, layer, work);
	float *raw = pass->raw[unit->number];
	if (layer->transposed)
		hmm_strided_back(raw, input, weights, &layer->conv, &work->conv);
	else
		hmm_strided_forward(raw, input, weights, &layer->conv, &work->conv);
	hmm_pool_run(work->conv.pool, finish_channel, unit, layer->channels);
}

static void
pair_channel(void *job, size_t c, size_t thread)
{
	(void)thread;
	const struct unit *unit = job;
	const struct hmm_pass *pass = unit->pass;
	const struct hmm_layer *layer = pass->net->layer + unit->number;
	const size_t count = layer->height * layer->width;
	const float *from = output_of(pass, layer->from), *other = output_of(pass, layer->other);
	float *y = pass->y[unit->number] + c * count;
	if (layer->kind == HMM_SUM) {
		for (size_t i = 0; i < count; i++)
			y[i] = from[c * count + i] + other[c * count + i];
		return;
	}
	const size_t first = pass->net->layer[layer->from].channels;
	if (c >= first)
		memcpy(y, other + (c - first) * count, count * sizeof(*y));
	else
		for (size_t i = 0; i < count; i++)
			y[i] = from[c * count + i] <= 0 ? 0 : from[c * count + i];
}

const float *
hmm_pass_forward(struct hmm_pass *pass, const float *input, enum hmm_pass_mode mode,
    const struct hmm_place *place, struct hmm_net_work *work)
{
	pass->input = input;
	pass->dropped = place && mode != HMM_PASS_EVAL;
	pass->place = place ? *place : (struct hmm_place){0};
	for (size_t l = 0; l < pass->net->layers; l++) {
		struct unit unit = {.pass = pass, .number = l, .mode = mode};
		if (pass->net->layer[l].kind == HMM_UNIT)
			unit_forward(&unit, work);
		else
			hmm_pool_run(work->conv.pool, pair_channel, &unit, pass->net->layer[l].channels);
	}
	return pass->y[pass->net->layers - 1];
}

/* ---- backward ---- */

static void
put_gradient(const struct hmm_net *net, int tensor, size_t c, float value, enum hmm_gradients how)
{
	if (tensor == HMM_NET_NONE || how == HMM_GRADIENTS_NONE)
		return;
	float *to = net->gradient + net->tensor[tensor].at + c;
	*to = how == HMM_GRADIENTS_ADD ? *to + value : value;
}

static void
back_channel(void *job, size_t c, size_t thread)
{
	(void)thread;
	const struct unit *unit = job;
	const struct hmm_pass *pass = unit->pass;
	const struct hmm_layer *layer = pass->net->layer + unit->number;
	const struct channel channel = channel_of(pass, unit->number, c);
	const size_t at = c * channel.count;
	const struct channel_gradient of = channel_back(
	    unit->gradient + at, pass->y[unit->number] + at, pass->raw[unit->number] + at, &channel);
	put_gradient(pass->net, layer->bias, c, of.bias, unit->gradients);
	put_gradient(pass->net, layer->gamma, c, of.gamma, unit->gradients);
	put_gradient(pass->net, layer->beta, c, of.beta, unit->gradients);
}

struct sum {
	float *to;
	const float *from, *where; /* NULL: everywhere; else where that is above 0 */
	int add;
	size_t count;
};

enum { CHUNK = 1 << 14 };

static void
sum_chunk(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct sum *sum = job;
	const size_t first = part * CHUNK;
	const size_t end = first + CHUNK < sum->count ? first + CHUNK : sum->count;
	for (size_t i = first; i < end; i++) {
		const float value = !sum->where || sum->where[i] > 0 ? sum->from[i] : 0;
		sum->to[i] = sum->add ? sum->to[i] + value : value;
	}
}

/* Add to the gradient of a layer's y, or set it where this is the first that arrives. */
static void
hand_down(int layer, const float *gradient, const float *where, size_t count, float *input_gradient,
    struct hmm_net_work *work)
{
	float *to = layer == HMM_NET_INPUT ? input_gradient : work->of_layer[layer];
	struct sum sum = {to, gradient, where, layer != HMM_NET_INPUT && work->filled[layer], count};
	if (layer != HMM_NET_INPUT)
		work->filled[layer] = 1;
	if (to && to != gradient)
		hmm_pool_run(work->conv.pool, sum_chunk, &sum, (count + CHUNK - 1) / CHUNK);
}

static void
unit_weights(const struct unit *unit, struct hmm_net_work *work)
{
	const struct hmm_net *net = unit->pass->net;
	const struct hmm_layer *layer = net->layer + unit->number;
	const int add = unit->gradients == HMM_GRADIENTS_ADD;
	float *weights = net->gradient + net->tensor[layer->weight].at;
	const float *input = padded(unit->pass, layer, work);
	if (layer->transposed)
		hmm_strided_weights(weights, unit->gradient, input, add, &layer->conv, &work->conv);
	else
		hmm_strided_weights(weights, input, unit->gradient, add, &layer->conv, &work->conv);
}

/* The gradient of a unit's input: straight to where it belongs if nothing is there yet. */
static void
unit_input(const struct unit *unit, float *input_gradient, struct hmm_net_work *work)
{
	const struct hmm_net *net = unit->pass->net;
	const struct hmm_layer *layer = net->layer + unit->number;
	const float *weights = net->w + net->tensor[layer->weight].at;
	const int from = layer->from;
	float *to = from == HMM_NET_INPUT ? input_gradient : work->of_layer[from];
	const int direct = !layer->reflect && (from == HMM_NET_INPUT || !work->filled[from]);
	float *result = direct ? to : work->image;
	if (layer->transposed)
		hmm_strided_forward(result, unit->gradient, weights, &layer->conv, &work->conv);
	else
		hmm_strided_back(result, unit->gradient, weights, &layer->conv, &work->conv);
	if (layer->reflect)
		mirror_back(work->image, &layer->conv, layer->reflect, work->conv.pool);
	const size_t around = 2 * layer->reflect;
	const size_t count = layer->reflect ? layer->conv.in * (layer->conv.in_height - around) *
	                                          (layer->conv.in_width - around)
	                                    : hmm_layer_inputs(layer);
	hand_down(from, result, NULL, count, input_gradient, work);
}

static void
pair_back(const struct unit *unit, float *input_gradient, struct hmm_net_work *work)
{
	const struct hmm_layer *layer = unit->pass->net->layer + unit->number;
	const size_t pixels = layer->height * layer->width;
	if (layer->kind == HMM_SUM) {
		hand_down(
		    layer->from, unit->gradient, NULL, hmm_layer_outputs(layer), input_gradient, work);
		hand_down(
		    layer->other, unit->gradient, NULL, hmm_layer_outputs(layer), input_gradient, work);
		return;
	}
	const size_t first = unit->pass->net->layer[layer->from].channels * pixels;
	hand_down(layer->from, unit->gradient, unit->pass->y[layer->from], first, input_gradient, work);
	hand_down(layer->other, unit->gradient + first, NULL, hmm_layer_outputs(layer) - first,
	    input_gradient, work);
}

void
hmm_pass_backward(const struct hmm_pass *pass, const float *output_gradient, float *input_gradient,
    enum hmm_gradients gradients, struct hmm_net_work *work)
{
	const struct hmm_net *net = pass->net;
	float *at = work->gradients;
	for (size_t l = 0; l < net->layers; l++) {
		work->of_layer[l] = at;
		work->filled[l] = 0;
		at += hmm_layer_outputs(net->layer + l);
	}
	hand_down((int)net->layers - 1, output_gradient, NULL, hmm_net_outputs(net), NULL, work);
	for (size_t l = net->layers; l-- > 0;) {
		struct unit unit = {
		    .pass = pass, .number = l, .gradient = work->of_layer[l], .gradients = gradients};
		const struct hmm_layer *layer = net->layer + l;
		if (layer->kind != HMM_UNIT) {
			pair_back(&unit, input_gradient, work);
			continue;
		}
		hmm_pool_run(work->conv.pool, back_channel, &unit, layer->channels);
		if (gradients != HMM_GRADIENTS_NONE)
			unit_weights(&unit, work);
		if (layer->from != HMM_NET_INPUT || input_gradient)
			unit_input(&unit, input_gradient, work);
	}
}
