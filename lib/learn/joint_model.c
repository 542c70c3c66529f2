#include "hmm/learn/joint_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/kernel/loss.h"

int
hmm_joint_model_fill(struct hmm_joint_model *is, const struct hmm_model *file, int code)
{
	const int hypermm = is->system == HMM_HYPERMM;
	is->dropout = is->dropout >= 0 ? is->dropout : code && hypermm ? .5 : 0;
	if (file->weights)
		return 0;
	is->reduce = is->reduce == HMM_UNSET ? HMM_MEAN : is->reduce;
	is->fuse = is->fuse == HMM_UNSET ? HMM_CONCAT : is->fuse;
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
	char found[16], want[16];
	if (system == HMM_UNSET || reduce == HMM_UNSET || fuse == HMM_UNSET ||
	    file->modalities.count == 0 || layers == 0 || width[layers] != 1)
		return hmm_model_refuse(file, "hmm-joint");
	if (is->system != HMM_UNSET && is->system != system)
		return hmm_error("%s: a model of kind %s, want %s", weights->path,
		    hmm_option_word(found, sizeof(found), HMM_JOINT_SYSTEMS, system),
		    hmm_option_word(want, sizeof(want), HMM_JOINT_SYSTEMS, is->system));
	is->system = system;
	is->reduce = reduce;
	is->fuse = fuse;
	is->unconditional = !hmm_weight_find(weights->weight, weights->count, "embedding.weight");
	is->width_count = layers - 1;
	memcpy(is->width, width + 1, is->width_count * sizeof(*width));
	return 0;
}

/* Whether the file's perceptrons take what these blocks become. 0, or -1 reported. */
static int
check_inputs(const struct hmm_model *file, const struct hmm_joint_shape *shape)
{
	size_t width[HMM_MLP_LAYERS + 1] = {0};
	const size_t block = shape->channels * shape->positions;
	const size_t blocks = shape->fuse == HMM_FUSE_CONCAT ? shape->modalities : 1;
	hmm_model_layers(width, file, "rho.0");
	return block * blocks == width[0] ? 0
	                                  : hmm_error("record 1: %zu values, but %s wants %zu", block,
	                                        file->weights->path, width[0] / blocks);
}

int
hmm_joint_model_open(struct hmm_joint *joint, const struct hmm_joint_model *is,
    const struct hmm_model *file, size_t modalities, const size_t block[3], uint64_t seed,
    struct hmm_pool *pool)
{
	const int multi = is->system == HMM_MULTI_CNN;
	const int plain = is->system == HMM_CNN || is->unconditional;
	struct hmm_joint_shape shape = {.conv = multi   ? HMM_CONV_EACH
	                                        : plain ? HMM_CONV_SHARED
	                                                : HMM_CONV_GENERATED,
	    .fuse = !multi                   ? HMM_FUSE_REDUCE
	            : is->fuse == HMM_SCORES ? HMM_FUSE_SCORES
	                                     : HMM_FUSE_CONCAT,
	    .reduce = (enum hmm_reduce)is->reduce,
	    .channels = block[0],
	    .positions = block[1] * block[2],
	    .modalities = modalities,
	    .hidden_count = is->width_count,
	    .dropout = is->dropout};
	memcpy(shape.hidden, is->width, sizeof(shape.hidden));
	if ((file->weights && check_inputs(file, &shape)) || hmm_joint_open(joint, &shape, pool))
		return -1;
	if (file->weights)
		return hmm_model_load(file, hmm_joint_each, joint);
	hmm_joint_init(joint, seed, (enum hmm_phi_start)is->init);
	return 0;
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
	int bad = (of_data && hmm_items_modalities(&all, data)) ||
	          add_all(taken, of_data ? &all : &file->modalities, only);
	if (!bad && taken->count == 0 && !only)
		bad = hmm_error("no records of split 'train': hmm-split assigns train, val, cal and test");
	else if (!bad && taken->count == 0)
		bad = hmm_error(
		    "modality '%s' is not among those of the %s", only, of_data ? "data" : "model");
	hmm_names_close(&all);
	return bad ? -1 : 0;
}

int
hmm_joint_model_save(struct hmm_output *output, const struct hmm_joint_model *is,
    struct hmm_joint *joint, const struct hmm_usage *usage, const struct hmm_model *file,
    const struct hmm_names *taken, struct hmm_learned *learned)
{
	char system[16], reduction[16], fusion[16];
	const struct hmm_pair pairs[] = {
	    {"model", hmm_option_word(system, sizeof(system), HMM_JOINT_SYSTEMS, is->system)},
	    {"reduce", hmm_option_word(reduction, sizeof(reduction), HMM_JOINT_REDUCTIONS, is->reduce)},
	    {"fuse", hmm_option_word(fusion, sizeof(fusion), HMM_JOINT_FUSIONS, is->fuse)}};
	struct hmm_names known = {0};
	const struct hmm_model_facts facts = {
	    usage, &known, &learned->history, &learned->groups, pairs, HMM_COUNT_OF(pairs)};
	const int bad = add_all(&known, &file->modalities, NULL) || add_all(&known, taken, NULL) ||
	                (is->system == HMM_CNN && hmm_names_sort(&known, NULL)) ||
	                hmm_model_save(output, &facts, hmm_joint_each, joint);
	hmm_names_close(&known);
	return bad ? -1 : 0;
}

int
hmm_joint_model_wants(const struct hmm_joint_model *is, int training)
{
	if (is->system == HMM_CNN)
		return HMM_SOME_IMAGES | (training ? HMM_BY_IMAGE : 0);
	return is->system == HMM_MULTI_CNN ? HMM_ONE_OF_EACH | HMM_ALL_MODALITIES : 0;
}

/* A patient's score from images that are classified one by one. */
static int
score_images(
    const struct hmm_joint_score *score, const struct hmm_item *item, double *logit, double *share)
{
	double *logits = hmm_alloc(item->count, sizeof(*logits));
	size_t positives = 0;
	int bad = !logits;
	for (size_t i = 0; i < item->count && !bad; i++) {
		const struct hmm_item one = {.image = &item->image[i], .count = 1};
		bad = hmm_joint_logits(score->joint, &(const struct hmm_item *){&one}, 1, &logits[i]) ||
		      hmm_items_finite(item, logits[i]);
		positives += logits[i] > 0;
	}
	if (!bad && score->vote) {
		*logit = (double)NAN;
		*share = (double)positives / (double)item->count;
	} else if (!bad) {
		*logit = hmm_loss_mean_logit(logits, item->count);
		*share = hmm_loss_sigmoid(*logit);
	}
	free(logits);
	return bad;
}

int
hmm_joint_model_score(void *self, const struct hmm_item *item, double *logit, double *probability)
{
	const struct hmm_joint_score *score = self;
	if (score->by_image)
		return score_images(score, item, logit, probability);
	if (hmm_joint_logits(score->joint, &item, 1, logit) || hmm_items_finite(item, *logit))
		return -1;
	*probability = hmm_loss_sigmoid(*logit);
	return 0;
}
