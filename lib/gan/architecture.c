#include "hmm/gan/architecture.h"

#include <stdio.h>

#include "hmm/base/error.h"

enum { DROPPING = 5 }; /* a U-Net's blocks with dropout are its halvings but these */
enum { PREFIX = 128 };

/* Names of modules, "model.model.1.model.3.model" and a number. */
struct scope {
	char conv[HMM_NET_NAME], norm[HMM_NET_NAME];
};

static void
name_pair(struct scope *scope, const char *prefix, size_t conv, size_t norm)
{
	snprintf(scope->conv, sizeof(scope->conv), "%s.%zu", prefix, conv);
	snprintf(scope->norm, sizeof(scope->norm), "%s.%zu", prefix, norm);
}

/* ---- U-Net ---- */

enum { UNET_LEAST = 3, UNET_MOST = 12 };

static size_t
unet_channels(const struct hmm_generator *of, size_t level)
{
	return of->ngf << (level < 3 ? level : 3);
}

/* Of level 1 and on. */
static void
unet_prefix(char prefix[PREFIX], size_t level)
{
	int at = snprintf(prefix, PREFIX, "model.model.1.model");
	for (size_t k = 1; k < level; k++)
		at += snprintf(prefix + at, PREFIX - (size_t)at, ".3.model");
}

static int
unet_down(struct hmm_net *net, const struct hmm_generator *of, size_t level, int from)
{
	char prefix[PREFIX];
	struct scope scope;
	unet_prefix(prefix, level);
	if (level)
		name_pair(&scope, prefix, 1, 2);
	else
		name_pair(&scope, "model.model", 0, 0);
	const int innermost = level == of->depth - 1;
	return hmm_net_unit(net, &(struct hmm_net_unit){.from = from,
	                             .out = unet_channels(of, level),
	                             .kernel = 4,
	                             .stride = 2,
	                             .pad = 1,
	                             .name = scope.conv,
	                             .bias = of->norm == HMM_INSTANCE_NORM,
	                             .norm = level && !innermost ? of->norm : HMM_NO_NORM,
	                             .norm_name = scope.norm,
	                             .dropout = HMM_NET_NONE,
	                             .activation = innermost ? HMM_RELU : HMM_LEAKY});
}

static int
unet_up(struct hmm_net *net, const struct hmm_generator *of, size_t level, int from)
{
	char prefix[PREFIX];
	struct scope scope;
	unet_prefix(prefix, level);
	const int innermost = level == of->depth - 1;
	const int drops = of->dropout && level + 1 < of->depth && level + 1 >= DROPPING;
	if (level)
		name_pair(&scope, prefix, innermost ? 3 : 5, innermost ? 4 : 6);
	else
		name_pair(&scope, "model.model", 3, 0);
	return hmm_net_unit(net, &(struct hmm_net_unit){.from = from,
	                             .out = level ? unet_channels(of, level - 1) : of->out,
	                             .kernel = 4,
	                             .stride = 2,
	                             .pad = 1,
	                             .transposed = 1,
	                             .name = scope.conv,
	                             .bias = !level || of->norm == HMM_INSTANCE_NORM,
	                             .norm = level ? of->norm : HMM_NO_NORM,
	                             .norm_name = scope.norm,
	                             .dropout = drops ? (int)(of->depth - 2 - level) : HMM_NET_NONE,
	                             .activation = level ? HMM_RELU : HMM_TANH});
}

static int
build_unet(struct hmm_net *net, const struct hmm_generator *of)
{
	int down[UNET_MOST], at = HMM_NET_INPUT;
	for (size_t level = 0; level < of->depth; level++)
		if ((at = down[level] = unet_down(net, of, level, at)) < 0)
			return -1;
	for (size_t level = of->depth; level-- > 0;) {
		if (level + 1 < of->depth && (at = hmm_net_join(net, down[level], at)) < 0)
			return -1;
		if ((at = unet_up(net, of, level, at)) < 0)
			return -1;
	}
	return 0;
}

/* ---- ResNet ---- */

/* Its layers but the blocks: of 3x3 or 7x7. */
static int
resnet_layer(struct hmm_net *net, const struct hmm_generator *of, int from, size_t number,
    size_t out, size_t stride, int transposed)
{
	const int edge = stride == 1, last = edge && number > 1;
	struct scope scope;
	name_pair(&scope, "model", number, number + 1);
	return hmm_net_unit(net, &(struct hmm_net_unit){.from = from,
	                             .out = out,
	                             .kernel = edge ? 7 : 3,
	                             .stride = stride,
	                             .pad = edge ? 0 : 1,
	                             .reflect = edge ? 3 : 0,
	                             .transposed = transposed,
	                             .output_pad = 1,
	                             .name = scope.conv,
	                             .bias = last || of->norm == HMM_INSTANCE_NORM,
	                             .norm = last ? HMM_NO_NORM : of->norm,
	                             .norm_name = scope.norm,
	                             .dropout = HMM_NET_NONE,
	                             .activation = last ? HMM_TANH : HMM_RELU});
}

static int
resnet_block(struct hmm_net *net, const struct hmm_generator *of, int from, size_t number)
{
	struct scope scope;
	char prefix[PREFIX];
	snprintf(prefix, sizeof(prefix), "model.%zu.conv_block", 10 + number);
	struct hmm_net_unit unit = {.from = from,
	    .out = 4 * of->ngf,
	    .kernel = 3,
	    .stride = 1,
	    .reflect = 1,
	    .name = scope.conv,
	    .bias = of->norm == HMM_INSTANCE_NORM,
	    .norm = of->norm,
	    .norm_name = scope.norm,
	    .dropout = of->dropout ? (int)number : HMM_NET_NONE,
	    .activation = HMM_RELU};
	name_pair(&scope, prefix, 1, 2);
	if ((unit.from = hmm_net_unit(net, &unit)) < 0)
		return -1;
	name_pair(&scope, prefix, of->dropout ? 6 : 5, of->dropout ? 7 : 6);
	unit.dropout = HMM_NET_NONE;
	unit.activation = HMM_LINEAR;
	const int second = hmm_net_unit(net, &unit);
	return second < 0 ? -1 : hmm_net_sum(net, from, second);
}

static int
build_resnet(struct hmm_net *net, const struct hmm_generator *of)
{
	const size_t ngf = of->ngf, behind = 10 + of->depth;
	int at = resnet_layer(net, of, HMM_NET_INPUT, 1, ngf, 1, 0);
	at = at < 0 ? at : resnet_layer(net, of, at, 4, 2 * ngf, 2, 0);
	at = at < 0 ? at : resnet_layer(net, of, at, 7, 4 * ngf, 2, 0);
	for (size_t block = 0; at >= 0 && block < of->depth; block++)
		at = resnet_block(net, of, at, block);
	at = at < 0 ? at : resnet_layer(net, of, at, behind, 2 * ngf, 2, 1);
	at = at < 0 ? at : resnet_layer(net, of, at, behind + 3, ngf, 2, 1);
	at = at < 0 ? at : resnet_layer(net, of, at, behind + 7, of->out, 1, 0);
	return at < 0 ? -1 : 0;
}

int
hmm_generator_build(
    struct hmm_net *net, const struct hmm_generator *generator, size_t height, size_t width)
{
	const int unet = generator->kind == HMM_UNET;
	const size_t step = unet ? (size_t)1 << generator->depth : 4, least = unet ? step : 8;
	if (height % step || width % step || height < least || width < least ||
	    height > HMM_GENERATOR_SIDE || width > HMM_GENERATOR_SIDE)
		return hmm_error("%s: images of %zu x %zu, want sides of %zu to %d, multiples of %zu",
		    unet ? "a U-Net" : "a ResNet", height, width, least, HMM_GENERATOR_SIDE, step);
	*net = (struct hmm_net){.channels = generator->in, .height = height, .width = width};
	return unet ? build_unet(net, generator) : build_resnet(net, generator);
}

/* ---- PatchGAN ---- */

enum { PATCH_LAYERS = 5, PATCH_LEAST = 24 };

int
hmm_discriminator_build(
    struct hmm_net *net, size_t in, size_t ndf, enum hmm_norm norm, size_t height, size_t width)
{
	static const size_t number[PATCH_LAYERS] = {0, 2, 5, 8, 11};
	if (height < PATCH_LEAST || width < PATCH_LEAST)
		return hmm_error("a PatchGAN: images of %zu x %zu, want sides of %d or more", height, width,
		    PATCH_LEAST);
	*net = (struct hmm_net){.channels = in, .height = height, .width = width};
	int at = HMM_NET_INPUT;
	for (size_t l = 0; l < PATCH_LAYERS; l++) {
		const int first = l == 0, last = l == PATCH_LAYERS - 1;
		struct scope scope;
		name_pair(&scope, "model", number[l], number[l] + 1);
		at = hmm_net_unit(net, &(struct hmm_net_unit){.from = at,
		                           .out = last ? 1 : ndf << l,
		                           .kernel = 4,
		                           .stride = l < 3 ? 2 : 1,
		                           .pad = 1,
		                           .name = scope.conv,
		                           .bias = first || last || norm == HMM_INSTANCE_NORM,
		                           .norm = first || last ? HMM_NO_NORM : norm,
		                           .norm_name = scope.norm,
		                           .dropout = HMM_NET_NONE,
		                           .activation = last ? HMM_LINEAR : HMM_LEAKY});
		if (at < 0)
			return -1;
	}
	return 0;
}

/* ---- from a file ---- */

struct names {
	const struct hmm_weight *weight;
	size_t count;
	const char *prefix;
};

static const struct hmm_tensor *
find(const struct names *names, const char *name)
{
	char full[2 * HMM_NET_NAME];
	snprintf(full, sizeof(full), "%s%s", names->prefix, name);
	const struct hmm_weight *found = hmm_weight_find(names->weight, names->count, full);
	return found ? &found->x : NULL;
}

/* A convolution has a bias where an instance norm follows, whose parameters are none; a batch norm
 * has a weight. */
static enum hmm_norm
norm_of(const struct names *names, const char *bias, const char *scale)
{
	return find(names, bias)    ? HMM_INSTANCE_NORM
	       : find(names, scale) ? HMM_BATCH_NORM
	                            : HMM_NO_NORM;
}

/* The convolution of that name has four dimensions. */
static const struct hmm_tensor *
find_conv(const struct names *names, const char *name)
{
	const struct hmm_tensor *found = find(names, name);
	return found && found->dimensions == 4 ? found : NULL;
}

static int
infer_unet(struct hmm_generator *of, const struct names *names)
{
	const struct hmm_tensor *first = find_conv(names, "model.model.0.weight");
	const struct hmm_tensor *last = find_conv(names, "model.model.3.weight");
	if (!first || !last)
		return -1;
	*of = (struct hmm_generator){HMM_UNET, first->shape[1], last->shape[1], first->shape[0], 1,
	    norm_of(names, "model.model.0.bias", "model.model.1.model.2.weight"), 1};
	for (; of->depth < UNET_MOST; of->depth++) {
		char prefix[PREFIX], name[HMM_NET_NAME];
		unet_prefix(prefix, of->depth);
		snprintf(name, sizeof(name), "%s.1.weight", prefix);
		if (!find(names, name))
			break;
	}
	return of->depth < UNET_LEAST ? -1 : 0;
}

static int
infer_resnet(struct hmm_generator *of, const struct names *names)
{
	char name[HMM_NET_NAME];
	const struct hmm_tensor *first = find_conv(names, "model.1.weight"), *last;
	if (!first)
		return -1;
	*of = (struct hmm_generator){HMM_RESNET, first->shape[1], 0, first->shape[0], 0,
	    norm_of(names, "model.1.bias", "model.2.weight"),
	    find_conv(names, "model.10.conv_block.6.weight") != NULL};
	for (; of->depth < HMM_GENERATOR_BLOCKS; of->depth++) {
		snprintf(name, sizeof(name), "model.%zu.conv_block.1.weight", 10 + of->depth);
		if (!find(names, name))
			break;
	}
	snprintf(name, sizeof(name), "model.%zu.weight", 17 + of->depth);
	if (!(last = find_conv(names, name)))
		return -1;
	of->out = last->shape[0];
	return 0;
}

int
hmm_generator_infer(struct hmm_generator *generator, const struct hmm_weight *weight, size_t count,
    const char *prefix, const char *name)
{
	const struct names names = {weight, count, prefix};
	if (infer_unet(generator, &names) && infer_resnet(generator, &names))
		return hmm_error("%s: no generator of pix2pix or cycleGAN: found %zu tensors, the first "
		                 "%.80s; want %smodel.model.0.weight (U-Net) or %smodel.1.weight (ResNet)",
		    name, count, count ? weight[0].name : "none", prefix, prefix);
	if (generator->ngf < 1 || generator->ngf > HMM_GENERATOR_WIDTH)
		return hmm_error("%s: a generator whose first layer has %zu channels, want 1 to %d", name,
		    generator->ngf, HMM_GENERATOR_WIDTH);
	if ((generator->in != 1 && generator->in != 3) || (generator->out != 1 && generator->out != 3))
		return hmm_error("%s: takes %zu channels and makes %zu, want 1 or 3", name, generator->in,
		    generator->out);
	return 0;
}
