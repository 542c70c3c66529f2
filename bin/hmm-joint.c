/* hmm-gather -c cache manifest.tsv | hmm-joint --train --model cnn -o cnn.safetensors
 * hmm-gather -c cache manifest.tsv | hmm-joint -w cnn.safetensors >predictions.tsv */
#include "hmm/base/error.h"
#include "hmm/learn/joint_model.h"
#include "hmm/learn/training.h"

static int train;
static const char *weights_path, *output_path, *only;
static struct hmm_joint_model is = HMM_JOINT_MODEL_UNSET;
static enum { MEAN_SCORE, VOTE } patient_score = MEAN_SCORE;
static enum hmm_class_weight class_weight = HMM_UNWEIGHTED;
static long threads;
static struct hmm_training given = HMM_TRAINING_UNSET;
static struct hmm_model file; /* zeroes: a new model */

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT('w', "weights", &weights_path, "FILE",
        "the model to predict with, or to train further", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "train", &train, "train a model instead", HMM_UNNOTED),
    HMM_OPTION_TEXT('o', "output", &output_path, "FILE",
        "where --train writes the model, or the predictions go", HMM_UNNOTED),
    HMM_OPTION_COUNT(
        'j', "threads", &threads, "N", "threads (default: all processors)", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "model", &is.system, HMM_JOINT_SYSTEMS, "which system", HMM_NOTED),
    HMM_OPTION_TEXT(0, "modality", &only, "NAME", "cnn: images of this modality alone", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "patient-score", &patient_score, "mean|vote",
        "cnn: of the images' probabilities, or of their classes", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "reduce", &is.reduce, HMM_JOINT_REDUCTIONS,
        "hypermm: how a set becomes one latent", HMM_NOTED),
    HMM_OPTION_FLAG(0, "unconditional", &is.unconditional,
        "hypermm: one convolution for all modalities", HMM_NOTED),
    HMM_OPTION_CHOICE(
        0, "fuse", &is.fuse, HMM_JOINT_FUSIONS, "multi-cnn: what is put together", HMM_NOTED),
    HMM_OPTION_CHOICE(0, "impute", &is.impute, HMM_JOINT_IMPUTATIONS,
        "multi-cnn: of a modality that a subject lacks, the training's mean", HMM_NOTED),
    HMM_OPTION_COUNT(0, "latent", &is.latent, "N", "channels after the convolution", HMM_NOTED),
    HMM_OPTION_TEXT(0, "hidden", &is.hidden, "N,...", "widths of the hidden layers", HMM_NOTED),
    HMM_OPTION_NUMBER(
        0, "dropout", &is.dropout, "P", "after each hidden layer, in training", HMM_NOTED),
    HMM_OPTION_CHOICE(
        0, "init", &is.init, "hyperfan|pytorch", "of hypermm's hypernetwork", HMM_NOTED),
    HMM_OPTION_CHOICE(
        0, "class-weight", &class_weight, "none|balanced", "weigh classes equally", HMM_NOTED),
    HMM_TRAINING_OPTIONS(given),
    HMM_OPTION_SKIP_UNKNOWN,
    HMM_OPTION_ANY_HISTORY,
    HMM_OPTION_IMPUTED,
};
static const struct hmm_usage usage = {
    "-w FILE [OPTION]... <features >predictions.tsv\n       hmm-joint --train --model MODEL "
    "[-w FILE] -o FILE [OPTION]... <features",
    "Systems that learn in one step, with the label's loss alone.", options, HMM_COUNT_OF(options)};

static const struct hmm_training_preset presets[HMM_PRESETS] = {
    {100, 10, 1, 1e-4, 5e-4, HMM_PLATEAU, HMM_STOP_VALIDATION, HMM_KEEP_LOSS, 0},
    {100, 10, 1, 1e-4, 5e-4, HMM_PLATEAU, HMM_STOP_VALIDATION, HMM_KEEP_AUC, 1}};

static int
predict(struct hmm_dataset *data, struct hmm_output *output, FILE *curve, struct hmm_pool *pool)
{
	(void)curve;
	struct hmm_joint joint = {0};
	struct hmm_names taken = {0};
	struct hmm_items items = {0};
	struct hmm_joint_score score = {&joint, is.system == HMM_CNN, patient_score == VOTE};
	const int bad =
	    hmm_joint_model_modalities(&taken, &is, &file, data, only, train) ||
	    hmm_joint_model_open(&joint, &is, &file, &taken, data, 0, pool) ||
	    hmm_items_open(&items, data, &taken, NULL, NULL, hmm_joint_model_wants(&is, 0)) ||
	    hmm_training_fits(&file, data, &items) ||
	    hmm_items_predict(&items, &is.objective, output->file, hmm_joint_model_score, &score);
	hmm_items_close(&items);
	hmm_names_close(&taken);
	hmm_joint_close(&joint);
	return bad;
}

static int
learn(struct hmm_dataset *data, struct hmm_output *output, FILE *curve, struct hmm_pool *pool)
{
	const struct hmm_loop_options how = hmm_training_options(&given, curve);
	struct hmm_learned learned = {0};
	const int wants = hmm_joint_model_wants(&is, 1);
	struct hmm_joint joint = {.shape.objective = &is.objective};
	struct hmm_names taken = {0};
	const struct hmm_learner learner = hmm_joint_learner(&joint);
	const struct hmm_training_data on = {data, &is.objective, &taken, {wants, wants, wants},
	    class_weight, file.weights ? &file : NULL, &usage, pool};
	const int bad = hmm_objective_learn(&is.objective, &given.objective, data, &file) ||
	                hmm_joint_model_modalities(&taken, &is, &file, data, only, train) ||
	                hmm_joint_model_open(&joint, &is, &file, &taken, data, how.seed, pool) ||
	                hmm_training_run(&learner, &on, &how, &learned) ||
	                hmm_joint_model_baseline(&is, &joint, data, &taken) ||
	                hmm_joint_model_save(output, &is, &joint, &usage, &file, &taken, &learned);
	hmm_learned_free(&learned);
	hmm_names_close(&taken);
	hmm_joint_close(&joint);
	return bad;
}

static void
check_options(void)
{
	if (!given.show_options && (train ? !output_path : !weights_path))
		hmm_option_misuse("want either -w FILE or --train -o FILE");
	hmm_training_idle(&usage, train || given.show_options, "dropout|class-weight");
	if (is.dropout > 0 && is.hidden && is.hidden[0] == '0')
		hmm_option_misuse("--dropout does nothing with --hidden 0");
	if (is.dropout >= 1)
		hmm_option_misuse("--dropout: found %g, want less than 1", is.dropout);
	if (weights_path && hmm_joint_model_described(&is))
		hmm_option_misuse("--reduce, --fuse, --hidden and the like are for a new model: no -w");
	if (!weights_path && is.system == HMM_UNSET)
		hmm_option_misuse("--train wants --model or -w FILE");
}

/* The model's file, if any, and what is not for its system. 0, or -1 reported. */
static int
open_file(void)
{
	if (weights_path && (hmm_model_open(&file, weights_path) || hmm_joint_model_read(&is, &file)))
		return -1;
	return hmm_joint_model_allows(&is, only, patient_score == VOTE);
}

int
main(int argc, char **argv)
{
	threads = hmm_processors();
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: features come on standard input");
	check_options();

	struct hmm_pool *pool = NULL;
	int status = 1;
	if (open_file())
		;
	else if (hmm_training_fill(&given, presets) ||
	         hmm_joint_model_fill(&is, &file, given.preset == HMM_CODE))
		status = 2;
	else if (given.show_options)
		status = hmm_training_show(&usage);
	else if ((pool = hmm_pool_open((size_t)threads)))
		status = hmm_training_read(HMM_FEATURES, train ? NULL : weights_path, output_path,
		    train ? given.curve : NULL, train ? learn : predict, pool);
	hmm_pool_close(pool);
	hmm_objective_close(&is.objective);
	hmm_model_close(&file);
	return status;
}
