#include "hmm/gan/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/text.h"

enum { LINE = 16 }; /* floats of a cache line: where a tensor begins */

/* ---- building ---- */

static int
add_layer(struct hmm_net *net, const struct hmm_layer *layer)
{
	if (hmm_grow(
	        (void **)&net->layer, &net->layer_capacity, (net->layers + 1) * sizeof(*net->layer)))
		return -1;
	net->layer[net->layers] = *layer;
	return (int)net->layers++;
}

/* Its number, HMM_NET_NONE where it is not wanted, or -2 reported. */
static int
add_tensor(struct hmm_net *net, int wanted, const char *module, const char *name,
    const size_t *shape, int dimensions)
{
	struct hmm_net_tensor tensor = {.dimensions = dimensions, .at = net->floats, .count = 1};
	if (!wanted)
		return HMM_NET_NONE;
	if (hmm_grow((void **)&net->tensor, &net->tensor_capacity,
	        (net->tensors + 1) * sizeof(*net->tensor)))
		return -2;
	snprintf(tensor.name, sizeof(tensor.name), "%s.%s", module, name);
	for (int d = 0; d < dimensions; d++) {
		tensor.shape[d] = shape[d];
		tensor.count *= shape[d];
	}
	tensor.running = !strncmp(name, "running", strlen("running"));
	net->tensor[net->tensors] = tensor;
	net->floats += (tensor.count + LINE - 1) / LINE * LINE;
	return (int)net->tensors++;
}

struct size {
	size_t channels, height, width;
};

static struct size
size_of(const struct hmm_net *net, int layer)
{
	if (layer == HMM_NET_INPUT)
		return (struct size){net->channels, net->height, net->width};
	const struct hmm_layer *of = net->layer + layer;
	return (struct size){of->channels, of->height, of->width};
}

static struct hmm_strided
plan_unit(const struct hmm_net_unit *unit, struct size in)
{
	const size_t around = 2 * unit->reflect;
	if (!unit->transposed)
		return hmm_strided_plan(in.channels, in.height + around, in.width + around, unit->out,
		    unit->kernel, unit->stride, unit->pad);
	const size_t more = unit->kernel - 2 * unit->pad + unit->output_pad;
	return (struct hmm_strided){unit->out, (in.height - 1) * unit->stride + more,
	    (in.width - 1) * unit->stride + more, in.channels, in.height, in.width, unit->kernel,
	    unit->stride, unit->pad};
}

int
hmm_net_unit(struct hmm_net *net, const struct hmm_net_unit *unit)
{
	const struct hmm_strided conv = plan_unit(unit, size_of(net, unit->from));
	const size_t shape[] = {conv.out, conv.in, conv.kernel, conv.kernel};
	const int affine = unit->norm == HMM_BATCH_NORM;
	struct hmm_layer layer = {.kind = HMM_UNIT,
	    .from = unit->from,
	    .other = HMM_NET_NONE,
	    .channels = unit->out,
	    .height = unit->transposed ? conv.in_height : conv.out_height,
	    .width = unit->transposed ? conv.in_width : conv.out_width,
	    .conv = conv,
	    .transposed = unit->transposed,
	    .reflect = unit->reflect,
	    .norm = unit->norm,
	    .dropout = unit->dropout,
	    .activation = unit->activation};
	layer.weight = add_tensor(net, 1, unit->name, "weight", shape, 4);
	layer.bias = add_tensor(net, unit->bias, unit->name, "bias", &unit->out, 1);
	layer.gamma = add_tensor(net, affine, unit->norm_name, "weight", &unit->out, 1);
	layer.beta = add_tensor(net, affine, unit->norm_name, "bias", &unit->out, 1);
	layer.mean = add_tensor(net, affine, unit->norm_name, "running_mean", &unit->out, 1);
	layer.variance = add_tensor(net, affine, unit->norm_name, "running_var", &unit->out, 1);
	if (layer.weight == -2 || layer.bias == -2 || layer.gamma == -2 || layer.beta == -2 ||
	    layer.mean == -2 || layer.variance == -2)
		return -1;
	return add_layer(net, &layer);
}

static int
add_pair(struct hmm_net *net, enum hmm_layer_kind kind, int from, int other)
{
	const struct size size = size_of(net, from);
	const size_t more = kind == HMM_JOIN ? size_of(net, other).channels : 0;
	return add_layer(net, &(struct hmm_layer){.kind = kind,
	                          .from = from,
	                          .other = other,
	                          .channels = size.channels + more,
	                          .height = size.height,
	                          .width = size.width});
}

int
hmm_net_join(struct hmm_net *net, int from, int other)
{
	return add_pair(net, HMM_JOIN, from, other);
}

int
hmm_net_sum(struct hmm_net *net, int from, int other)
{
	return add_pair(net, HMM_SUM, from, other);
}

/* ---- memory ---- */

static void
take_arrays(struct hmm_net *net, int train)
{
	net->w = hmm_arena_take(&net->arena, net->floats, sizeof(float));
	if (!train)
		return;
	net->gradient = hmm_arena_take(&net->arena, net->floats, sizeof(float));
	net->m = hmm_arena_take(&net->arena, net->floats, sizeof(float));
	net->v = hmm_arena_take(&net->arena, net->floats, sizeof(float));
}

int
hmm_net_make(struct hmm_net *net, int train)
{
	take_arrays(net, train);
	if (hmm_arena_make(&net->arena))
		return -1;
	take_arrays(net, train);
	return 0;
}

void
hmm_net_free(struct hmm_net *net)
{
	hmm_arena_free(&net->arena);
	free(net->layer);
	free(net->tensor);
	*net = (struct hmm_net){0};
}

size_t
hmm_layer_outputs(const struct hmm_layer *layer)
{
	return layer->channels * layer->height * layer->width;
}

size_t
hmm_layer_inputs(const struct hmm_layer *layer)
{
	const struct hmm_strided *conv = &layer->conv;
	return layer->transposed ? conv->out * conv->out_height * conv->out_width
	                         : conv->in * conv->in_height * conv->in_width;
}

size_t
hmm_net_outputs(const struct hmm_net *net)
{
	return hmm_layer_outputs(net->layer + net->layers - 1);
}

/* ---- values ---- */

enum { INIT_STREAM = 0x47400000 };

void
hmm_net_init(struct hmm_net *net, uint64_t seed, const char *salt)
{
	for (size_t t = 0; t < net->tensors; t++) {
		const struct hmm_net_tensor *tensor = net->tensor + t;
		char name[2 * HMM_NET_NAME];
		snprintf(name, sizeof(name), "%s.%s", salt, tensor->name);
		const struct hmm_place place = {
		    .seed = seed, .subject = hmm_random_name(name), .stream = INIT_STREAM};
		const int is_weight = hmm_ends_in(tensor->name, ".weight");
		const double centre =
		    hmm_ends_in(name, "running_var") || (is_weight && tensor->dimensions == 1);
		for (size_t i = 0; i < tensor->count; i++)
			net->w[tensor->at + i] =
			    (float)(centre + (is_weight ? .02 * hmm_random_normal(place, (uint32_t)i) : 0));
	}
}

static int
is_of(const struct hmm_net *net, const char *name)
{
	for (size_t t = 0; t < net->tensors; t++)
		if (!strcmp(net->tensor[t].name, name))
			return 1;
	return 0;
}

/* What hmm-gan itself keeps beside a net: whom it has seen, and a cycleGAN's other side. */
static int
is_beside(const char *name, const char *prefix)
{
	return !strncmp(name, "groups", strlen("groups")) ||
	       (*prefix && !strncmp(name, "G_", 2) && strncmp(name, prefix, strlen(prefix)) != 0);
}

/* Checkpoints of before PyTorch 0.4 have running statistics of instance norms, which did not use
 * them; later ones count batches. */
static int
is_idle(const char *name)
{
	return !strncmp(name, "model.", strlen("model.")) &&
	       (hmm_ends_in(name, ".num_batches_tracked") || hmm_ends_in(name, ".running_mean") ||
	           hmm_ends_in(name, ".running_var"));
}

int
hmm_net_fits(const struct hmm_net *net, const struct hmm_weight *weight, size_t count,
    const char *prefix, const char *file)
{
	for (size_t t = 0; t < net->tensors; t++) {
		const struct hmm_net_tensor *tensor = net->tensor + t;
		char name[2 * HMM_NET_NAME], have[128], want[128];
		snprintf(name, sizeof(name), "%s%s", prefix, tensor->name);
		const struct hmm_weight *found = hmm_weight_find(weight, count, name);
		hmm_shape_text(want, sizeof(want), tensor->shape, tensor->dimensions);
		if (!found)
			return hmm_error("%s: no tensor '%s' %s", file, name, want);
		if (!hmm_tensor_is(&found->x, tensor->shape, tensor->dimensions))
			return hmm_error("%s: tensor '%s' has shape %s, want %s", file, name,
			    hmm_shape_text(have, sizeof(have), found->x.shape, found->x.dimensions), want);
	}
	for (size_t i = 0; i < count; i++) {
		const char *name = weight[i].name;
		if (is_beside(name, prefix))
			continue;
		const int own = !strncmp(name, prefix, strlen(prefix));
		name += own ? strlen(prefix) : 0;
		if (!own || (!is_idle(name) && !is_of(net, name)))
			return hmm_error("%s: tensor '%.80s' is none of the generator's that the others are",
			    file, weight[i].name);
	}
	return 0;
}

int
hmm_net_load(struct hmm_net *net, const struct hmm_weight *weight, size_t count, const char *prefix)
{
	for (size_t t = 0; t < net->tensors; t++) {
		const struct hmm_net_tensor *tensor = net->tensor + t;
		char name[2 * HMM_NET_NAME];
		snprintf(name, sizeof(name), "%s%s", prefix, tensor->name);
		float *values = hmm_weight_floats(weight, count, name, tensor->shape, tensor->dimensions);
		if (!values)
			return -1;
		memcpy(net->w + tensor->at, values, tensor->count * sizeof(*values));
		free(values);
	}
	return 0;
}

/* ---- Adam ---- */

enum { CHUNK = 1 << 16 }; /* floats of a part */

struct step {
	struct hmm_net *net;
	struct hmm_adam adam;
};

static void
step_chunk(void *job, size_t part, size_t thread)
{
	(void)thread;
	const struct step *step = job;
	const struct hmm_net *net = step->net;
	const size_t at = part * CHUNK, left = net->floats - at;
	hmm_adam_dense(net->w + at, net->m + at, net->v + at, net->gradient + at,
	    left < CHUNK ? left : CHUNK, &step->adam);
}

void
hmm_net_step(struct hmm_net *net, double learning_rate, double beta1, struct hmm_pool *pool)
{
	struct step step = {net, hmm_adam_of(++net->steps, learning_rate, 0, beta1)};
	hmm_pool_run(pool, step_chunk, &step, (net->floats + CHUNK - 1) / CHUNK);
}
