#include "hmm/gan/imputer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/base/hash.h"
#include "hmm/gan/picture.h"

const char hmm_imputer_words[] = "pix2pix|cyclegan|mean|table|resize";

enum { INTENSITIES = 256, SIZE = 256, SIDE_MOST = 4096 };

struct hmm_imputer {
	const struct hmm_model *model;
	enum hmm_imputer_kind kind;
	struct hmm_imputer_options options;
	const unsigned char *table;    /* [INTENSITIES], or NULL */
	const struct hmm_tensor *mean; /* or NULL */
	struct hmm_bicubic there, back;
	size_t size;          /* side that it sees */
	size_t height, width; /* of the slices that these two are for */
	unsigned char *bytes; /* [out][size][size] */
	/* of a network */
	struct hmm_generator generator;
	struct hmm_net net;
	struct hmm_pass pass;
	struct hmm_net_work work;
	float *input; /* [in][size][size] */
};

/* ---- what a file is ---- */

/* The side of the file's generator that is wanted: its names, and what stands before its tensors'.
 */
static int
choose_side(struct hmm_imputer *imputer, const char **prefix)
{
	static const char *const prefixes[] = {"G_A.", "G_B."};
	const struct hmm_weights *file = imputer->model->weights;
	const char *from = hmm_weights_metadata(file, "from"), *to = hmm_weights_metadata(file, "to");
	struct hmm_imputer_options *options = &imputer->options;
	*prefix = "";
	if (!from || !to) {
		if (options->from && options->to && strcmp(options->from, options->to))
			return 0;
		return hmm_error("%s: does not say what it makes of what: want --from and --to, two "
		                 "modalities",
		    file->path);
	}
	const int both = imputer->kind == HMM_IMPUTE_CYCLEGAN;
	const int turned = both && (options->to ? !strcmp(options->to, from)
	                                        : options->from && !strcmp(options->from, to));
	const char *takes = turned ? to : from, *makes = turned ? from : to;
	if (!*from || !*to || strchr(from, '+') || strchr(to, '+') ||
	    !strcmp(from, to) != (imputer->kind == HMM_IMPUTE_RESIZE))
		return hmm_error(
		    "%s: makes '%s' of '%s', want two modalities, which are the same of resize", file->path,
		    to, from);
	if (both)
		*prefix = prefixes[turned];
	if ((options->from && strcmp(options->from, takes)) ||
	    (options->to && strcmp(options->to, makes)))
		return hmm_error("%s: makes %s of %s%s, found%s%s%s%s", file->path, to, from,
		    both ? " and back" : "", options->from ? " --from " : "",
		    options->from ? options->from : "", options->to ? " --to " : "",
		    options->to ? options->to : "");
	options->from = takes;
	options->to = makes;
	return 0;
}

static int
open_kind(struct hmm_imputer *imputer)
{
	const struct hmm_weights *file = imputer->model->weights;
	const char *word = hmm_weights_metadata(file, "generator");
	const int kind = word ? hmm_option_place(hmm_imputer_words, word) : HMM_IMPUTE_PIX2PIX;
	const char *program = hmm_weights_metadata(file, "program");
	if (kind == HMM_UNSET || (word && (!program || strcmp(program, hmm_program))))
		return hmm_model_refuse(imputer->model, hmm_program);
	imputer->kind = (enum hmm_imputer_kind)kind;
	return 0;
}

/* ---- baselines ---- */

static int
open_baseline(struct hmm_imputer *imputer)
{
	const struct hmm_weights *file = imputer->model->weights;
	const int mean = imputer->kind == HMM_IMPUTE_MEAN;
	const char *name = mean ? HMM_IMPUTER_MEAN : HMM_IMPUTER_TABLE;
	const struct hmm_weight *found = hmm_weight_find(file->weight, file->count, name);
	if (!found || found->x.dtype != HMM_U8 || found->x.dimensions != (mean ? 4 : 1) ||
	    (mean && !found->x.shape[0]) || (!mean && found->x.shape[0] != INTENSITIES))
		return hmm_error(
		    "%s: no tensor %s of %s", file->path, name, mean ? "an image's bytes" : "256 bytes");
	if (imputer->options.size != HMM_UNSET)
		return hmm_error("%s: has no network, want no --size", file->path);
	if (mean)
		imputer->mean = &found->x;
	else
		imputer->table = found->x.data;
	return 0;
}

static int
run_baseline(struct hmm_imputer *imputer, struct hmm_record *slice, const char *place)
{
	const struct hmm_tensor *mean = imputer->mean;
	unsigned char *bytes = slice->x.data;
	size_t count = 0;
	char have[128], want[128];
	hmm_tensor_count(&slice->x, &count);
	if (mean && !hmm_tensor_is(&slice->x, mean->shape + 1, 3))
		return hmm_error("%s: shape %s, want %s, that of the mean image", place,
		    hmm_shape_text(have, sizeof(have), slice->x.shape, 3),
		    hmm_shape_text(want, sizeof(want), mean->shape + 1, 3));
	if (mean) {
		const size_t index = slice->index < 0 ? 0 : (size_t)slice->index;
		const size_t at = index < mean->shape[0] ? index : mean->shape[0] - 1;
		memcpy(bytes, (const unsigned char *)mean->data + at * count, count);
	}
	for (size_t i = 0; !mean && i < count; i++)
		bytes[i] = imputer->table[bytes[i]];
	return 0;
}

/* ---- a resize ---- */

/* Get ready for slices of that size. */
static int
fit(struct hmm_imputer *imputer, size_t height, size_t width)
{
	const size_t size = imputer->size;
	if (imputer->height == height && imputer->width == width)
		return 0;
	imputer->height = imputer->width = 0;
	hmm_bicubic_close(&imputer->there);
	hmm_bicubic_close(&imputer->back);
	if (hmm_bicubic_open(&imputer->there, height, width, size, size) ||
	    hmm_bicubic_open(&imputer->back, size, size, height, width))
		return -1;
	imputer->height = height;
	imputer->width = width;
	return 0;
}

static int
open_resize(struct hmm_imputer *imputer)
{
	const struct hmm_weights *file = imputer->model->weights;
	const struct hmm_weight *found = hmm_weight_find(file->weight, file->count, HMM_IMPUTER_SIDE);
	float side = 0;
	if (found && found->x.dtype == HMM_F32 && found->x.dimensions == 1 && found->x.shape[0] == 1)
		hmm_tensor_floats(&side, &found->x, 0, 1);
	if (!(side >= 1 && side <= SIDE_MOST))
		return hmm_error(
		    "%s: no tensor %s of a number from 1 to %d", file->path, HMM_IMPUTER_SIDE, SIDE_MOST);
	imputer->size = (size_t)side;
	if (imputer->options.size != HMM_UNSET && imputer->options.size != (long)imputer->size)
		return hmm_error("%s: --size: found %ld, want %zu, its own", file->path,
		    imputer->options.size, imputer->size);
	imputer->options.size = (long)imputer->size;
	imputer->bytes = hmm_alloc(imputer->size, imputer->size);
	return imputer->bytes ? 0 : -1;
}

static int
run_resize(struct hmm_imputer *imputer, struct hmm_record *slice)
{
	const size_t area = slice->x.shape[1] * slice->x.shape[2];
	unsigned char *bytes = slice->x.data;
	if (fit(imputer, slice->x.shape[1], slice->x.shape[2]))
		return -1;
	for (size_t c = 0; c < slice->x.shape[0]; c++) {
		hmm_bicubic_run(imputer->bytes, bytes + c * area, &imputer->there);
		hmm_bicubic_run(bytes + c * area, imputer->bytes, &imputer->back);
	}
	return 0;
}

/* ---- a network ---- */

/* The side that was asked for, or what the file says: hmm_generator_build() judges it. 0, or -1
 * reported. */
static int
choose_size(struct hmm_imputer *imputer)
{
	const char *text = hmm_weights_metadata(imputer->model->weights, "size");
	long *size = &imputer->options.size;
	char *end = NULL;
	if (*size == HMM_UNSET)
		*size = text ? strtol(text, &end, 10) : SIZE;
	if (end && (end == text || *end))
		return hmm_error("%s: size '%.80s', want a number", imputer->model->weights->path, text);
	imputer->size = *size < 0 ? 0 : (size_t)*size;
	return 0;
}

static int
open_network(struct hmm_imputer *imputer, const char *prefix, struct hmm_pool *pool)
{
	const struct hmm_weights *file = imputer->model->weights;
	struct hmm_generator *generator = &imputer->generator;
	const struct hmm_net *net = &imputer->net;
	if (choose_size(imputer) ||
	    hmm_generator_infer(generator, file->weight, file->count, prefix, file->path))
		return -1;
	const size_t size = imputer->size, pixels = size * size;
	if (hmm_generator_build(&imputer->net, generator, size, size) ||
	    hmm_net_fits(net, file->weight, file->count, prefix, file->path) ||
	    hmm_net_make(&imputer->net, 0) ||
	    hmm_net_load(&imputer->net, file->weight, file->count, prefix) ||
	    hmm_pass_open(&imputer->pass, &imputer->net) ||
	    hmm_net_work_open(&imputer->work, pool, &net, 1, 0))
		return -1;
	imputer->input = hmm_alloc(generator->in * pixels, sizeof(float));
	imputer->bytes = hmm_alloc(3 * pixels, 1);
	return imputer->input && imputer->bytes ? 0 : -1;
}

int
hmm_imputer_place(struct hmm_place *place, const struct hmm_tensor *x, long index, uint64_t seed)
{
	char digest[HMM_HASH_SIZE], name[HMM_HASH_SIZE + 128];
	const size_t *shape = x->shape;
	if (hmm_hash_bytes(digest, x->data, shape[0] * shape[1] * shape[2]))
		return -1;
	snprintf(
	    name, sizeof(name), "%s\n%zu,%zu,%zu\n%ld", digest, shape[0], shape[1], shape[2], index);
	*place = (struct hmm_place){.seed = seed, .subject = hmm_random_name(name)};
	return 0;
}

/* The network's output as bytes, with as many channels as the slice has. */
static void
follow_channels(struct hmm_imputer *imputer, const float *output, size_t channels)
{
	const size_t pixels = imputer->size * imputer->size;
	const size_t made = imputer->generator.out;
	hmm_picture_bytes(imputer->bytes, output, made * pixels);
	if (channels == 1 && made == 3)
		hmm_picture_grey(imputer->bytes, imputer->bytes, pixels);
	for (size_t c = 1; made == 1 && c < channels; c++)
		memcpy(imputer->bytes + c * pixels, imputer->bytes, pixels);
}

static int
run_network(struct hmm_imputer *imputer, struct hmm_record *slice, const char *place)
{
	const size_t channels = slice->x.shape[0], height = slice->x.shape[1];
	const size_t width = slice->x.shape[2], area = height * width, in = imputer->generator.in;
	const size_t size = imputer->size, pixels = size * size;
	const struct hmm_picture_cut whole = {0, 0, size, size, 0};
	unsigned char *bytes = slice->x.data;
	if (channels != in && channels != 1)
		return hmm_error("%s: %zu channels, want 1, which the generator takes", place, channels);
	if (fit(imputer, height, width))
		return -1;
	hmm_picture_load(imputer->input, &slice->x, in, &imputer->there, imputer->bytes, &whole);
	struct hmm_place drawn;
	if (hmm_imputer_place(&drawn, &slice->x, slice->index, imputer->options.seed))
		return -1;
	const float *output = hmm_pass_forward(&imputer->pass, imputer->input,
	    imputer->options.eval ? HMM_PASS_EVAL : HMM_PASS_IMAGE,
	    imputer->options.no_dropout ? NULL : &drawn, &imputer->work);
	if (!hmm_all_finite(output, hmm_net_outputs(&imputer->net)))
		return hmm_error("%s: the generator gives numbers that are not finite", place);
	follow_channels(imputer, output, channels);
	for (size_t c = 0; c < channels; c++)
		hmm_bicubic_run(bytes + c * area, imputer->bytes + c * pixels, &imputer->back);
	return 0;
}

/* ---- any of them ---- */

/* How a network imputes is of no use without one. 0, or -1 reported. */
static int
check_way(const struct hmm_imputer *imputer)
{
	const struct hmm_imputer_options *options = &imputer->options;
	if (hmm_imputer_is_network(imputer->kind) || (!options->eval && !options->no_dropout))
		return 0;
	return hmm_error("%s: has no network, want no --%s", imputer->model->weights->path,
	    options->eval ? "eval" : "no-dropout");
}

int
hmm_imputer_is_network(enum hmm_imputer_kind kind)
{
	return kind == HMM_IMPUTE_PIX2PIX || kind == HMM_IMPUTE_CYCLEGAN;
}

struct hmm_imputer *
hmm_imputer_open(
    const struct hmm_model *model, struct hmm_imputer_options *options, struct hmm_pool *pool)
{
	const char *prefix;
	struct hmm_imputer *imputer = hmm_alloc(1, sizeof(*imputer));
	if (!imputer)
		return NULL;
	imputer->model = model;
	imputer->options = *options;
	if (open_kind(imputer) || choose_side(imputer, &prefix) || check_way(imputer) ||
	    (hmm_imputer_is_network(imputer->kind)   ? open_network(imputer, prefix, pool)
	        : imputer->kind == HMM_IMPUTE_RESIZE ? open_resize(imputer)
	                                             : open_baseline(imputer))) {
		hmm_imputer_close(imputer);
		return NULL;
	}
	*options = imputer->options;
	options->products = hmm_imputer_is_network(imputer->kind);
	return imputer;
}

void
hmm_imputer_close(struct hmm_imputer *imputer)
{
	if (!imputer)
		return;
	hmm_pass_close(&imputer->pass);
	hmm_net_work_close(&imputer->work);
	hmm_net_free(&imputer->net);
	hmm_bicubic_close(&imputer->there);
	hmm_bicubic_close(&imputer->back);
	free(imputer->input);
	free(imputer->bytes);
	free(imputer);
}

int
hmm_imputer_run(struct hmm_imputer *imputer, struct hmm_record *slice, const char *place)
{
	return hmm_imputer_is_network(imputer->kind) ? run_network(imputer, slice, place)
	       : imputer->kind == HMM_IMPUTE_RESIZE  ? run_resize(imputer, slice)
	                                             : run_baseline(imputer, slice, place);
}

/* ---- writing ---- */

int
hmm_imputer_save(
    struct hmm_output *output, const struct hmm_model_facts *facts, const struct hmm_gan *gan)
{
	size_t count = 0, most = 0;
	for (size_t side = 0; side < gan->sides; side++)
		most += gan->generator[side].tensors;
	struct hmm_weight *weight = hmm_alloc(most, sizeof(*weight));
	char(*name)[HMM_NET_NAME + 8] = hmm_alloc(most, sizeof(*name));
	for (size_t side = 0; weight && name && side < gan->sides; side++) {
		const struct hmm_net *net = &gan->generator[side];
		for (size_t t = 0; t < net->tensors; t++, count++) {
			const struct hmm_net_tensor *tensor = &net->tensor[t];
			snprintf(name[count], sizeof(*name), "%s%s",
			    gan->sides == 1 ? ""
			    : side          ? "G_B."
			                    : "G_A.",
			    tensor->name);
			weight[count].name = name[count];
			weight[count].x = (struct hmm_tensor){
			    .dtype = HMM_F32, .dimensions = tensor->dimensions, .data = net->w + tensor->at};
			memcpy(weight[count].x.shape, tensor->shape, sizeof(tensor->shape));
		}
	}
	const int bad = !weight || !name || hmm_model_write(output, facts, weight, count);
	free(weight);
	free(name);
	return bad ? -1 : 0;
}
