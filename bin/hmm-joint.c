/* hmm-gather -c cache manifest.tsv | hmm-joint --train --model cnn -o cnn.safetensors
 * hmm-gather -c cache manifest.tsv | hmm-joint -w cnn.safetensors >predictions.tsv */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/learn/joint.h"
#include "hmm/kernel/loss.h"
#include "hmm/base/memory.h"
#include "hmm/base/option.h"
#include "hmm/learn/subjects.h"
#include "hmm/learn/training.h"

static int train, unconditional;
static const char *weights_path, *output_path, *only, *hidden;
static int model = HMM_UNSET, reduce = HMM_UNSET, fuse = HMM_UNSET, init = HMM_UNSET;
static enum { MEAN_SCORE, VOTE } patient_score = MEAN_SCORE;
static enum training_class_weight class_weight = TRAINING_UNWEIGHTED;
static long threads;
static double dropout = -1;
static struct training_options given = TRAINING_UNSET;

/* The values of model, reduce and fuse, and how the metadata of a model calls them. */
enum { HYPERMM, CNN, MULTI_CNN };
enum { CONCAT, SCORES };
static const char models[] = "hypermm|cnn|multi-cnn", reductions[] = "mean|sum|max",
                  fusions[] = "concat|scores";

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('w', "weights", &weights_path, "FILE",
        "the model to predict with, or to train further", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "train", &train, "train a model instead", HMM_UNNOTED),
    HMM_OPTION_TEXT('o', "output", &output_path, "FILE",
        "where --train writes the model, or the predictions go", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "model", &model, models, "which system", HMM_NOTED),
    HMM_OPTION_TEXT(0, "modality", &only, "NAME", "cnn: images of this modality alone", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "patient-score", &patient_score, "mean|vote",
        "cnn: of the images' probabilities, or of their classes", HMM_UNNOTED),
    HMM_OPTION_CHOICE(
        0, "reduce", &reduce, reductions, "hypermm: how a set becomes one latent", HMM_NOTED),
    HMM_OPTION_FLAG(0, "unconditional", &unconditional,
        "hypermm: one convolution for all modalities", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "fuse", &fuse, fusions, "multi-cnn: what is put together", HMM_NOTED),
    HMM_OPTION_TEXT(0, "hidden", &hidden, "N,...", "widths of the hidden layers", HMM_NOTED),
    HMM_OPTION_NUMBER(
        0, "dropout", &dropout, "P", "after each hidden layer, in training", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "init", &init, "hyperfan|pytorch", "of hypermm's hypernetwork", HMM_NOTED),
    HMM_OPTION_CHOICE(
        0, "class-weight", &class_weight, "none|balanced", "weigh classes equally", HMM_NOTED),
    TRAINING_OPTIONS(given),
};
static const struct hmm_usage usage = {
    "-w FILE [OPTION]... <features >predictions.tsv\n       hmm-joint --train --model MODEL "
    "[-w FILE] -o FILE [OPTION]... <features",
    "Systems that learn in one step, with the classification loss alone.", options,
    HMM_COUNT_OF(options)};

static const struct training_preset paper = {100, 10, HMM_STOP_VALIDATION, HMM_KEEP_LOSS, 0};
static const struct training_preset code = {100, 10, HMM_STOP_VALIDATION, HMM_KEEP_AUC, 1};

static const struct hmm_weights *weights; /* NULL: a new model */
static struct modalities known;           /* to the model */

static int
is_cnn(void)
{
	return model == CNN;
}

/* What images and sets the model wants. */
static int
wanted(void)
{
	if (is_cnn())
		return SUBJECTS_SOME;
	return model == MULTI_CNN ? SUBJECTS_UNIQUE | SUBJECTS_COMPLETE : 0;
}

/* ---- the model ---- */

static void
new_shape(struct hmm_joint_shape *shape)
{
	const int multi = model == MULTI_CNN, plain = is_cnn() || unconditional;
	shape->conv = multi ? HMM_CONV_EACH : plain ? HMM_CONV_SHARED : HMM_CONV_GENERATED;
	shape->fuse = !multi ? HMM_FUSE_REDUCE : fuse == SCORES ? HMM_FUSE_SCORES : HMM_FUSE_CONCAT;
	shape->reduce = (enum hmm_reduce)reduce;
	shape->hidden_count = training_hidden(shape->hidden, hidden);
}

/* A choice that the file's metadata name, or HMM_UNSET. */
static int
read_choice(const char *key, const char *words)
{
	const char *word = hmm_weights_metadata(weights, key);
	return word ? hmm_option_place(words, word) : HMM_UNSET;
}

/* The model's kind stands in the file's metadata, its widths are those of its tensors. */
static int
read_shape(struct hmm_joint_shape *shape)
{
	size_t width[HMM_MLP_LAYERS + 1];
	const int kind = read_choice("model", models);
	const size_t layers = training_layers(width, weights, "rho.0");
	const size_t inputs = shape->channels * shape->positions;
	char found[16], want[16];
	reduce = read_choice("reduce", reductions);
	fuse = read_choice("fuse", fusions);
	if (kind == HMM_UNSET || reduce == HMM_UNSET || fuse == HMM_UNSET || known.count == 0 ||
	    layers == 0 || width[layers] != 1)
		return hmm_error("%s: not a model of hmm-joint --train", weights->path);
	if (model != HMM_UNSET && model != kind)
		return hmm_error("%s: a model of kind %s, want %s", weights->path,
		    hmm_option_word(found, sizeof(found), models, kind),
		    hmm_option_word(want, sizeof(want), models, model));
	model = kind;
	unconditional = !hmm_weight_find(weights->weight, weights->count, "embedding.weight");
	hidden = "";
	new_shape(shape);
	for (; shape->hidden_count < layers - 1; shape->hidden_count++)
		shape->hidden[shape->hidden_count] = width[shape->hidden_count + 1];
	const size_t blocks = shape->fuse == HMM_FUSE_CONCAT ? known.count : 1;
	if (inputs * blocks != width[0])
		return hmm_error(
		    "record 1: %zu values, but %s wants %zu", inputs, weights->path, width[0] / blocks);
	return 0;
}

/* Open the model for blocks like the data's; its modalities are in `known`. */
static int
open_model(struct hmm_joint *joint, const struct hmm_dataset *data, struct hmm_pool *pool)
{
	const size_t *block = data->record[0].x.shape;
	struct hmm_joint_shape shape = {.channels = block[0], .positions = block[1] * block[2]};
	if (weights && (modalities_of_model(&known, weights) || read_shape(&shape)))
		return -1;
	if (!weights) {
		if (modalities_of_data(&known, data))
			return -1;
		new_shape(&shape);
	}
	char word[16];
	if (!is_cnn() && (only || patient_score == VOTE))
		return hmm_error("--modality and --patient-score are for cnn, not for %s",
		    hmm_option_word(word, sizeof(word), models, model));
	shape.modality = known.name;
	shape.modalities = known.count;
	if (hmm_joint_open(joint, &shape, pool))
		return -1;
	return weights ? training_load(weights, hmm_joint_each, joint) : 0;
}

/* The modalities whose images are taken: one, or those of `all`. 0, or -1 reported. */
static int
pick(struct modalities *picked, const struct modalities *all)
{
	*picked = (struct modalities){0};
	for (size_t i = 0; i < all->count; i++)
		if ((!only || !strcmp(only, all->name[i])) && modalities_add(picked, all->name[i]))
			return -1;
	return picked->count ? 0
	                     : hmm_error("modality '%s' is not among those of the %s", only,
	                           train ? "data" : "model");
}

/* ---- predicting ---- */

/* A patient's score from images that were classified one by one. */
static int
score_images(struct hmm_joint *joint, const struct hmm_set *set, double *logit, double *score)
{
	double *logits = hmm_alloc(set->count, sizeof(*logits));
	size_t positives = 0;
	int bad = !logits;
	for (size_t i = 0; i < set->count && !bad; i++) {
		const struct hmm_set one = {.image = &set->image[i], .count = 1};
		bad = hmm_joint_forward(joint, &one, NULL, &logits[i]);
		positives += logits[i] > 0;
	}
	if (!bad && patient_score == VOTE) {
		*logit = (double)NAN;
		*score = (double)positives / (double)set->count;
	} else if (!bad) {
		*logit = hmm_loss_mean_logit(logits, set->count);
		*score = hmm_loss_sigmoid(*logit);
	}
	free(logits);
	return bad;
}

static int
score_set(struct hmm_joint *joint, const struct hmm_set *set, double *logit, double *score)
{
	if (is_cnn())
		return score_images(joint, set, logit, score);
	if (hmm_joint_forward(joint, set, NULL, logit))
		return -1;
	*score = hmm_loss_sigmoid(*logit);
	return 0;
}

static int
write_rows(struct hmm_joint *joint, const struct subjects *subjects, FILE *file)
{
	hmm_predictions_write_header(file);
	for (size_t i = 0; i < subjects->count; i++) {
		const struct hmm_set *set = &subjects->set[i];
		double logit = 0, score = 0;
		if (score_set(joint, set, &logit, &score) ||
		    subjects_write(file, subjects, set, logit, score))
			return -1;
	}
	return 0;
}

static int
predict(const struct hmm_dataset *data, struct hmm_pool *pool)
{
	struct hmm_joint joint = {0};
	struct subjects subjects = {0};
	struct modalities picked = {0};
	struct hmm_output output = {0};
	int bad = open_model(&joint, data, pool) || pick(&picked, &known) ||
	          subjects_open(&subjects, data, is_cnn() ? &picked : &known, NULL, wanted()) ||
	          hmm_output_open(&output, output_path);
	if (!bad) {
		bad = write_rows(&joint, &subjects, output.file);
		if (bad)
			hmm_output_abandon(&output);
		else
			bad = hmm_output_finish(&output);
	}
	subjects_close(&subjects);
	modalities_close(&picked);
	hmm_joint_close(&joint);
	return bad;
}

/* ---- training ---- */

static int
save(struct hmm_joint *joint)
{
	char kind[16], reduction[16], fusion[16];
	struct hmm_pair *pairs = hmm_alloc(known.count + 3, sizeof(*pairs));
	int bad = !pairs || modalities_name_pairs(&known);
	if (!bad) {
		pairs[0] = (struct hmm_pair){"model", hmm_option_word(kind, sizeof(kind), models, model)};
		pairs[1] = (struct hmm_pair){
		    "reduce", hmm_option_word(reduction, sizeof(reduction), reductions, reduce)};
		pairs[2] =
		    (struct hmm_pair){"fuse", hmm_option_word(fusion, sizeof(fusion), fusions, fuse)};
		memcpy(pairs + 3, known.pair, known.count * sizeof(*pairs));
		bad = training_save(output_path, &usage, hmm_joint_each, joint, pairs, known.count + 3);
	}
	free(pairs);
	return bad;
}

/* The modalities to learn from; a cnn knows them and those of the model it starts from. */
static int
pick_training(struct modalities *picked, const struct hmm_dataset *data)
{
	struct modalities all;
	int bad = modalities_of_data(&all, data) || pick(picked, &all);
	modalities_close(&all);
	if (!bad && is_cnn() && !weights)
		modalities_close(&known);
	for (size_t i = 0; !bad && is_cnn() && i < picked->count; i++)
		bad = modalities_add(&known, picked->name[i]);
	return bad;
}

static int
learn(const struct hmm_dataset *data, struct hmm_pool *pool)
{
	const struct hmm_train_options how = training_options(&given);
	struct hmm_joint joint = {0};
	struct subjects training = {0}, validation = {0};
	struct modalities picked = {0};
	struct training_curve curve;
	int bad = open_model(&joint, data, pool) || pick_training(&picked, data);
	const int want = bad ? 0 : wanted() | (is_cnn() ? SUBJECTS_BY_IMAGE : 0);
	const struct modalities *taken = bad || is_cnn() ? &picked : &known;
	bad = bad || subjects_open(&training, data, taken, "train", want) ||
	      subjects_open(&validation, data, taken, "val", want) ||
	      training_curve_open(&curve, &given);
	if (!bad) {
		subjects_weigh(&training, class_weight == TRAINING_BALANCED);
		subjects_weigh(&validation, class_weight == TRAINING_BALANCED);
		if (!weights)
			hmm_joint_init(&joint, how.seed, (enum hmm_phi_start)init);
		const double usual = given.preset == TRAINING_CODE && model == HYPERMM ? .5 : 0;
		bad = hmm_joint_train(&joint, training.set, training.count, validation.set,
		    validation.count, dropout < 0 ? usual : dropout, &how, training_curve_report, &curve);
		bad = training_curve_close(&curve, bad) || bad || save(&joint);
	}
	subjects_close(&training);
	subjects_close(&validation);
	modalities_close(&picked);
	hmm_joint_close(&joint);
	return bad;
}

/* What describes a new model, where it was not given; nothing of it goes with -w. */
static void
fill_model(void)
{
	const int is_code = given.preset == TRAINING_CODE;
	if (weights_path &&
	    (reduce != HMM_UNSET || fuse != HMM_UNSET || unconditional || hidden || init != HMM_UNSET))
		hmm_option_misuse("--reduce, --unconditional, --fuse, --hidden and --init are for new "
		                  "models, not with -w");
	if (weights_path)
		return;
	if (model == HMM_UNSET)
		hmm_option_misuse("--train wants --model or -w FILE");
	reduce = reduce == HMM_UNSET ? HMM_MEAN : reduce;
	fuse = fuse == HMM_UNSET ? CONCAT : fuse;
	hidden = hidden ? hidden : model == HYPERMM && !is_code ? "512,128" : "512";
	if (init == HMM_UNSET)
		init = is_code ? HMM_PYTORCH : HMM_HYPERFAN;
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: features come on standard input");
	if (train ? !output_path : !weights_path)
		hmm_option_misuse("want either -w FILE or --train -o FILE");
	if (dropout >= 1)
		hmm_option_misuse("--dropout: found %g, want less than 1", dropout);
	training_fill(&given, given.preset == TRAINING_CODE ? &code : &paper);
	fill_model();

	struct hmm_weights *file = weights_path ? hmm_weights_open(weights_path) : NULL;
	struct hmm_pool *pool = hmm_pool_open((size_t)threads);
	weights = file;
	const int bad = !pool || (weights_path && !file) ||
	                training_run(HMM_FEATURES, train ? learn : predict, pool);
	hmm_pool_close(pool);
	modalities_close(&known);
	hmm_weights_close(file);
	return bad;
}
