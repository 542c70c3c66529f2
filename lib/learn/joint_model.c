#include "hmm/learn/joint_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/kernel/loss.h"
#include "hmm/learn/channels.h"
#include "hmm/learn/feed.h"
#include "hmm/learn/latents.h"

/* Metadata of a model that imputes. */
#define IMPUTE "impute"

static int
imputes(const struct hmm_joint_model *is)
{
	return is->impute > 0;
}

int
hmm_joint_model_described(const struct hmm_joint_model *is)
{
	return is->reduce != HMM_UNSET || is->fuse != HMM_UNSET || is->impute != HMM_UNSET ||
	       is->unconditional || is->latent != HMM_UNSET || is->hidden || is->init != HMM_UNSET;
}

int
hmm_joint_model_fill(struct hmm_joint_model *is, const struct hmm_model *file, int code)
{
	const int hypermm = is->system == HMM_HYPERMM;
	is->dropout = is->dropout >= 0 ? is->dropout : code && hypermm ? .5 : 0;
	if (file->weights)
		return 0;
	is->reduce = is->reduce == HMM_UNSET ? HMM_MEAN : is->reduce;
	is->fuse = is->fuse == HMM_UNSET ? HMM_CONCAT : is->fuse;
	is->impute =
	    imputes(is) ? is->impute : HMM_UNSET; /* the same model, whether it is said or not */
	if (imputes(is) && (is->system != HMM_MULTI_CNN || is->fuse != HMM_CONCAT))
		return hmm_error("--impute mean is for multi-cnn with --fuse concat");
	is->init = is->init != HMM_UNSET ? is->init : code ? HMM_PYTORCH : HMM_HYPERFAN;
	is->hidden = is->hidden ? is->hidden : hypermm && !code ? "512,128" : "512";
	return hmm_training_hidden(is->width, &is->width_count, is->hidden);
}

int
hmm_joint_model_read(struct hmm_joint_model *is, const struct hmm_model *file)
{
	const struct hmm_weights *weights = file->weights;
	size_t width[HMM_MLP_LAYERS + 1];
	const size_t layers = hmm_model_layers(width, file, "rho.0");
	const int system = hmm_model_choice(file, "model", HMM_JOINT_SYSTEMS);
	const int reduce = hmm_model_choice(file, "reduce", HMM_JOINT_REDUCTIONS);
	const int fuse = hmm_model_choice(file, "fuse", HMM_JOINT_FUSIONS);
	const int impute = hmm_weights_metadata(weights, IMPUTE)
	                       ? hmm_model_choice(file, IMPUTE, HMM_JOINT_IMPUTATIONS)
	                       : 0;
	char found[16], want[16];
	if (hmm_objective_read(&is->objective, file))
		return -1;
	if (system == HMM_UNSET || reduce == HMM_UNSET || fuse == HMM_UNSET || impute == HMM_UNSET ||
	    (impute && (system != HMM_MULTI_CNN || fuse != HMM_CONCAT)) ||
	    file->modalities.count == 0 || layers == 0 || width[layers] != is->objective.outputs)
		return hmm_model_refuse(file, "hmm-joint");
	if (is->system != HMM_UNSET && is->system != system)
		return hmm_error("%s: a model of kind %s, want %s", weights->path,
		    hmm_option_word(found, sizeof(found), HMM_JOINT_SYSTEMS, system),
		    hmm_option_word(want, sizeof(want), HMM_JOINT_SYSTEMS, is->system));
	is->system = system;
	is->reduce = reduce;
	is->fuse = fuse;
	is->impute = impute;
	is->unconditional = system == HMM_HYPERMM &&
	                    !hmm_weight_find(weights->weight, weights->count, "embedding.weight");
	is->width_count = layers - 1;
	memcpy(is->width, width + 1, is->width_count * sizeof(*width));
	return 0;
}

int
hmm_joint_model_allows(const struct hmm_joint_model *is, const char *only, int vote)
{
	char word[16];
	if (is->system != HMM_CNN && (only || vote))
		return hmm_error("--modality and --patient-score are for cnn, not for %s",
		    hmm_option_word(word, sizeof(word), HMM_JOINT_SYSTEMS, is->system));
	return vote && is->objective.target != HMM_BINARY
	           ? hmm_error("--patient-score vote is for --target binary, not for %s",
	                 hmm_target_names[is->objective.target])
	           : 0;
}

/* What the tensors of a file say of the shape. 0, or -1 reported: other blocks are wanted. */
static int
read_shape(struct hmm_joint_shape *shape, const struct hmm_model *file)
{
	const struct hmm_weights *weights = file->weights;
	const struct hmm_weight *conv =
	    hmm_weight_find(weights->weight, weights->count, "conv.0.weight");
	size_t width[HMM_MLP_LAYERS + 1] = {0};
	if (shape->conv == HMM_CONV_GENERATED) {
		if (hmm_latents_sizes(&shape->latent, &shape->widest, file, "hmm-joint"))
			return -1;
	} else if (conv && conv->x.dimensions == 2) {
		shape->latent = conv->x.shape[0];
		shape->widest = conv->x.shape[1]; /* of each its own: of the first, where all are alike */
	}
	const size_t block = shape->latent * shape->positions;
	const size_t blocks = shape->fuse == HMM_FUSE_CONCAT ? shape->modalities : 1;
	hmm_model_layers(width, file, "rho.0");
	return block * blocks == width[0]
	           ? 0
	           : hmm_error("record 1: %zu positions, but %s wants %zu", shape->positions,
	                 weights->path, shape->latent ? width[0] / blocks / shape->latent : 0);
}

/* Whether a convolution that all modalities share is of numbers that have nothing in common. 0, or
 * -1 reported. */
static int
differ(const struct hmm_channels *channels, const struct hmm_names *modalities)
{
	for (size_t m = 0; m < modalities->count; m++)
		if (channels->own[m] != channels->most)
			return hmm_error(
			    "modality '%s' has %zu channels, others up to %zu: one convolution for "
			    "all of them wants as many of each",
			    modalities->name[m], channels->own[m], channels->most);
	return 0;
}

/* What a file has: the parameters, and the means of what imputes. */
static void
each_saved(void *self, hmm_parameter_visit *visit, void *context)
{
	struct hmm_joint *joint = self;
	hmm_joint_each(joint, visit, context);
	if (joint->shape.imputes)
		visit(&joint->mean, context);
}

/* Add the blocks of these images to the sums of their modalities, and divide these at the end. */
static int
sum_images(struct hmm_joint *joint, const struct hmm_items *items, double *sum, size_t *images)
{
	const size_t size = joint->shape.widest * joint->shape.positions;
	struct hmm_feed feed;
	int bad = 0;
	hmm_feed_open(&feed, items);
	hmm_feed_begin(&feed, NULL, 0);
	for (size_t i = 0; i < items->count && !bad; i++) {
		const struct hmm_item *item = &items->item[i];
		bad = hmm_feed_next(&feed, i, &item, 1, NULL);
		for (size_t k = 0; k < item->count && !bad; k++) {
			const struct hmm_item_image *image = &item->image[k];
			images[image->modality]++;
			for (size_t j = 0; j < size; j++)
				sum[image->modality * size + j] += (double)image->x[j];
		}
	}
	hmm_feed_close(&feed);
	for (size_t j = 0; j < joint->shape.modalities * size && !bad; j++)
		joint->mean.w[j] = (float)(sum[j] / (double)images[j / size]);
	return bad;
}

/* Of what imputes the mean of each modality's training images. 0, or -1 reported. */
static int
take_means(const struct hmm_joint_model *is, struct hmm_joint *joint,
    const struct hmm_dataset *data, const struct hmm_names *taken)
{
	const size_t modalities = joint->shape.modalities;
	struct hmm_items items = {0};
	if (!imputes(is))
		return 0;
	double *sum =
	    hmm_alloc(modalities, joint->shape.widest * joint->shape.positions * sizeof(*sum));
	size_t *images = hmm_alloc(modalities, sizeof(*images));
	hmm_warnings_off = 1; /* who is left out is the training's to say */
	int bad =
	    hmm_items_open(&items, data, taken, &is->objective, "train", hmm_joint_model_wants(is, 1));
	hmm_warnings_off = 0;
	bad = bad || !sum || !images || sum_images(joint, &items, sum, images);
	hmm_items_close(&items);
	free(sum);
	free(images);
	return bad ? -1 : 0;
}

int
hmm_joint_model_open(struct hmm_joint *joint, const struct hmm_joint_model *is,
    const struct hmm_model *file, const struct hmm_names *modalities, struct hmm_dataset *data,
    uint64_t seed, struct hmm_pool *pool)
{
	const int multi = is->system == HMM_MULTI_CNN;
	const int plain = is->system == HMM_CNN || is->unconditional;
	struct hmm_channels channels = {0};
	struct hmm_joint_shape shape = {.conv = multi   ? HMM_CONV_EACH
	                                        : plain ? HMM_CONV_SHARED
	                                                : HMM_CONV_GENERATED,
	    .fuse = !multi                   ? HMM_FUSE_REDUCE
	            : is->fuse == HMM_SCORES ? HMM_FUSE_SCORES
	                                     : HMM_FUSE_CONCAT,
	    .reduce = (enum hmm_reduce)is->reduce,
	    .imputes = imputes(is),
	    .positions = data->x.shape[1] * data->x.shape[2],
	    .modalities = modalities->count,
	    .hidden_count = is->width_count,
	    .dropout = is->dropout,
	    .objective = &is->objective};
	memcpy(shape.hidden, is->width, sizeof(shape.hidden));
	const struct hmm_model *known = file->weights ? file : NULL;
	int bad = (known && read_shape(&shape, file)) ||
	          hmm_channels_open(&channels, data, modalities, known, shape.widest);
	const int shared = shape.conv == HMM_CONV_SHARED;
	if (!bad && shared && known && channels.most > shape.widest)
		bad = hmm_error("record 1: %zu channels, but %s wants %zu", channels.most,
		    file->weights->path, shape.widest);
	bad = bad || (shared && differ(&channels, modalities));
	shape.channels = channels.own;
	shape.widest = shared && known ? shape.widest : channels.most;
	if (!known)
		shape.latent = hmm_latents_width(is->latent, shape.widest, shape.positions);
	bad = bad || hmm_dataset_pad(data, shape.widest) || hmm_joint_open(joint, &shape, pool);
	hmm_channels_close(&channels);
	if (bad)
		return -1;
	if (known)
		return hmm_model_load(file, each_saved, joint);
	hmm_joint_init(joint, seed, (enum hmm_phi_start)is->init);
	return take_means(is, joint, data, modalities);
}

static int
add_all(struct hmm_names *to, const struct hmm_names *from, const char *only)
{
	for (size_t i = 0; i < from->count; i++)
		if ((!only || !strcmp(only, from->name[i])) && hmm_names_add(to, from->name[i]) < 0)
			return -1;
	return 0;
}

int
hmm_joint_model_modalities(struct hmm_names *taken, const struct hmm_joint_model *is,
    const struct hmm_model *file, const struct hmm_dataset *data, const char *only, int training)
{
	struct hmm_names all = {0};
	const int of_data = !file->weights || (training && is->system == HMM_CNN);
	*taken = (struct hmm_names){0};
	int bad = (of_data && hmm_items_modalities(&all, NULL, data, &is->objective)) ||
	          add_all(taken, of_data ? &all : &file->modalities, only);
	if (!bad && taken->count == 0 && !only)
		bad = hmm_error("no records of split 'train': hmm-split assigns train, val, cal and test");
	else if (!bad && taken->count == 0)
		bad = hmm_error(
		    "modality '%s' is not among those of the %s", only, of_data ? "data" : "model");
	hmm_names_close(&all);
	return bad ? -1 : 0;
}

/* Of all that a model knows: of those in the file, and of those that it learned. To free(); NULL,
 * reported. */
static size_t *
channels_of(const struct hmm_names *known, const struct hmm_model *file,
    const struct hmm_names *taken, const struct hmm_joint *joint)
{
	size_t *channels = hmm_alloc(known->count, sizeof(*channels));
	for (size_t i = 0; channels && i < known->count; i++) {
		const long now = hmm_names_find(taken, known->name[i]);
		const long then = hmm_names_find(&file->modalities, known->name[i]);
		channels[i] = now >= 0                      ? joint->channels[now]
		              : then >= 0 && file->channels ? file->channels[then]
		                                            : joint->shape.widest;
	}
	return channels;
}

int
hmm_joint_model_save(struct hmm_output *output, struct hmm_joint_model *is, struct hmm_joint *joint,
    const struct hmm_usage *usage, const struct hmm_model *file, const struct hmm_names *taken,
    struct hmm_learned *learned)
{
	char system[16], reduction[16], fusion[16], latent[24];
	const int narrow =
	    joint->shape.conv == HMM_CONV_GENERATED && joint->shape.latent != joint->shape.widest;
	snprintf(latent, sizeof(latent), "%zu", joint->shape.latent);
	struct hmm_pair pair[5] = {
	    {"model", hmm_option_word(system, sizeof(system), HMM_JOINT_SYSTEMS, is->system)},
	    {"reduce", hmm_option_word(reduction, sizeof(reduction), HMM_JOINT_REDUCTIONS, is->reduce)},
	    {"fuse", hmm_option_word(fusion, sizeof(fusion), HMM_JOINT_FUSIONS, is->fuse)}};
	size_t pairs = 3;
	if (narrow)
		pair[pairs++] = (struct hmm_pair){HMM_LATENT_KEY, latent};
	if (imputes(is))
		pair[pairs++] = (struct hmm_pair){IMPUTE, "mean"};
	struct hmm_names known = {0};
	struct hmm_model_facts facts = {.usage = usage,
	    .modalities = &known,
	    .history = &learned->history,
	    .groups = &learned->groups,
	    .pair = pair,
	    .pairs = pairs,
	    .objective = &is->objective};
	size_t *channels = NULL;
	int bad = add_all(&known, &file->modalities, NULL) || add_all(&known, taken, NULL) ||
	          (is->system == HMM_CNN && hmm_names_sort(&known, NULL)) ||
	          !(channels = channels_of(&known, file, taken, joint));
	facts.channels = channels;
	bad = bad || hmm_model_save(output, &facts, each_saved, joint);
	free(channels);
	hmm_names_close(&known);
	return bad ? -1 : 0;
}

int
hmm_joint_model_wants(const struct hmm_joint_model *is, int training)
{
	if (is->system == HMM_CNN)
		return HMM_SOME_IMAGES | (training ? HMM_BY_IMAGE : 0);
	if (is->system == HMM_MULTI_CNN)
		return HMM_ONE_OF_EACH | (imputes(is) ? 0 : HMM_ALL_MODALITIES);
	return 0;
}

/* A patient's outputs from images that are taken one by one; the share of those of label 1 into
 * *votes. */
static int
score_images(
    const struct hmm_joint_score *score, const struct hmm_item *item, double *output, double *votes)
{
	const struct hmm_objective *objective = score->joint->shape.objective;
	const size_t K = objective->outputs;
	double *outputs = hmm_alloc(item->count, K * sizeof(*outputs));
	double number[HMM_OBJECTIVE_CLASSES + 1];
	size_t positives = 0;
	int bad = !outputs;
	for (size_t i = 0; i < item->count && !bad; i++) {
		const struct hmm_item one = {.image = &item->image[i], .count = 1};
		double *own = outputs + i * K;
		bad = hmm_joint_outputs(score->joint, &(const struct hmm_item *){&one}, 1, own) ||
		      hmm_objective_numbers(objective, number, own, item->subject);
		positives += own[0] > 0;
	}
	if (!bad)
		hmm_objective_mean(objective, output, outputs, item->count);
	*votes = (double)positives / (double)item->count;
	free(outputs);
	return bad;
}

int
hmm_joint_model_score(void *self, const struct hmm_item *item, double *number)
{
	const struct hmm_joint_score *score = self;
	double output[HMM_OBJECTIVE_CLASSES], votes = 0;
	if (score->by_image ? score_images(score, item, output, &votes)
	                    : hmm_joint_outputs(score->joint, &item, 1, output))
		return -1;
	if (score->vote) {
		number[0] = (double)NAN;
		number[1] = votes;
		return 0;
	}
	return hmm_objective_numbers(score->joint->shape.objective, number, output, item->subject);
}

int
hmm_joint_model_baseline(struct hmm_joint_model *is, struct hmm_joint *joint,
    const struct hmm_dataset *data, const struct hmm_names *taken)
{
	const struct hmm_joint_score score = {joint, 1, 0};
	struct hmm_items items = {0};
	struct hmm_feed feed = {0};
	double votes;
	if (is->system != HMM_CNN || is->objective.loss != HMM_COX)
		return 0;
	hmm_warnings_off = 1; /* who is left out was said of the same */
	int bad =
	    hmm_items_open(&items, data, taken, &is->objective, "train", hmm_joint_model_wants(is, 0));
	hmm_warnings_off = 0;
	double *output = bad ? NULL : hmm_alloc(items.count, sizeof(*output));
	const struct hmm_item **item = bad ? NULL : hmm_alloc(items.count, sizeof(*item));
	bad = bad || !output || !item;
	if (!bad) {
		hmm_feed_open(&feed, &items);
		hmm_feed_begin(&feed, NULL, 0);
	}
	for (size_t i = 0; i < items.count && !bad; i++) {
		item[i] = &items.item[i];
		bad = hmm_feed_next(&feed, i, &item[i], 1, NULL) ||
		      score_images(&score, item[i], &output[i], &votes);
	}
	bad = bad || hmm_objective_baseline(&is->objective, item, items.count, output);
	hmm_feed_close(&feed);
	free(output);
	free(item);
	hmm_items_close(&items);
	return bad ? -1 : 0;
}
