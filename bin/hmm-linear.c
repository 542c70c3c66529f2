/* hmm-gather -c cache manifest.tsv | hmm-linear --train --model mean -o linear.safetensors
 * hmm-gather -c cache manifest.tsv | hmm-linear -w linear.safetensors >predictions.tsv */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "hmm/base/error.h"
#include "hmm/learn/channels.h"
#include "hmm/learn/pooled.h"

static int train;
static const char *weights_path, *output_path, *only;
static int system_of = HMM_UNSET; /* enum hmm_pooled_system */
static long folds = 5, seed;
static double lambda = HMM_UNSET;
static struct hmm_objective_options asked = {HMM_UNSET, HMM_UNSET, NULL};
static struct hmm_model file; /* zeroes: a new model */

static const struct hmm_option options[] = {
    HMM_OPTION_TEXT(
        'w', "weights", &weights_path, "FILE", "the model to predict with", HMM_UNNOTED),
    HMM_OPTION_FLAG(0, "train", &train, "train a model instead", HMM_UNNOTED),
    HMM_OPTION_TEXT('o', "output", &output_path, "FILE",
        "where --train writes the model, or the predictions go", HMM_UNNOTED),
    HMM_OPTION_CHOICE(0, "model", &system_of, HMM_POOLED_SYSTEMS, "which baseline", HMM_NOTED),
    HMM_OPTION_CHOICE(
        0, "target", &asked.target, HMM_TARGETS, "what labels are (default: binary)", HMM_NOTED),
    HMM_OPTION_TEXT(0, "times", &asked.times, "T,...",
        "of a time: where the share without the event is predicted", HMM_NOTED),
    HMM_OPTION_TEXT(0, "modality", &only, "NAME", "images of this modality alone", HMM_NOTED),
    HMM_OPTION_COUNT(0, "folds", &folds, "N",
        "inner folds of patients that choose the L2 penalty (default: 5)", HMM_NOTED),
    HMM_OPTION_NUMBER(
        0, "lambda", &lambda, "X", "this L2 penalty, and nothing is chosen", HMM_NOTED),
    HMM_OPTION_COUNT('s', "seed", &seed, "N", "of the inner folds (default: 0)", HMM_NOTED),
    HMM_OPTION_SKIP_UNKNOWN,
    HMM_OPTION_ANY_HISTORY,
    HMM_OPTION_IMPUTED,
};
static const struct hmm_usage usage = {
    "-w FILE [OPTION]... <features >predictions.tsv\n       hmm-linear --train --model MODEL "
    "-o FILE [OPTION]... <features",
    "Linear baselines on features that are pooled to a number a channel.", options,
    HMM_COUNT_OF(options)};

static int
predict(struct hmm_dataset *data, struct hmm_output *output, FILE *curve, struct hmm_pool *pool)
{
	(void)curve;
	(void)pool;
	struct hmm_objective objective = {0};
	struct hmm_pooled pooled = {0};
	struct hmm_items items = {0};
	const int bad = hmm_objective_read(&objective, &file) ||
	                hmm_pooled_load(&pooled, &objective, &file, data) ||
	                hmm_items_open(&items, data, &file.modalities, NULL, NULL,
	                    pooled.only ? HMM_SOME_IMAGES : 0) ||
	                hmm_training_fits(&file, data, &items) ||
	                hmm_items_predict(&items, &objective, output->file, hmm_pooled_score, &pooled);
	hmm_items_close(&items);
	hmm_pooled_close(&pooled);
	hmm_objective_close(&objective);
	return bad;
}

/* The modalities that are learned. 0, or -1 reported. */
static int
list_modalities(
    struct hmm_names *taken, const struct hmm_dataset *data, const struct hmm_objective *objective)
{
	struct hmm_names all = {0};
	int bad = hmm_items_modalities(&all, NULL, data, objective);
	for (size_t i = 0; i < all.count && !bad; i++)
		if (!only || !strcmp(only, all.name[i]))
			bad = hmm_names_add(taken, all.name[i]) < 0;
	if (!bad && taken->count == 0)
		bad = all.count == 0 ? hmm_error("no records of split 'train': hmm-split assigns train, "
		                                 "val, cal and test")
		                     : hmm_error("no record of split 'train' is of modality '%s'", only);
	hmm_names_close(&all);
	return bad;
}

static int
learn(struct hmm_dataset *data, struct hmm_output *output, FILE *curve, struct hmm_pool *pool)
{
	(void)curve;
	(void)pool;
	const struct hmm_pooled_options how = {folds, fmax(lambda, 0), (uint64_t)seed};
	struct hmm_objective objective = {0};
	struct hmm_pooled pooled = {0};
	struct hmm_names taken = {0};
	struct hmm_items items = {0};
	struct hmm_learned learned = {0};
	struct hmm_channels channels = {0};
	struct hmm_model_facts facts = {
	    &usage, &taken, &learned.history, &learned.groups, NULL, 0, NULL, &objective};
	int bad = hmm_model_options_fit(&usage) ||
	          hmm_objective_learn(&objective, &asked, data, NULL) ||
	          list_modalities(&taken, data, &objective) ||
	          hmm_channels_open(&channels, data, &taken, NULL, 0);
	const size_t shape[3] = {channels.most, data->x.shape[1], data->x.shape[2]};
	facts.channels = channels.own;
	bad = bad ||
	      hmm_items_open(&items, data, &taken, &objective, "train", only ? HMM_SOME_IMAGES : 0) ||
	      hmm_pooled_open(&pooled, system_of, only != NULL, &objective, taken.count, shape) ||
	      hmm_pooled_learn(&pooled, &objective, &learned, data, &items, &taken, &how) ||
	      hmm_pooled_save(output, &pooled, &facts);
	hmm_learned_free(&learned);
	hmm_channels_close(&channels);
	hmm_items_close(&items);
	hmm_names_close(&taken);
	hmm_pooled_close(&pooled);
	hmm_objective_close(&objective);
	return bad;
}

/* Beyond, either the penalty or the losses are lost in the rounding of their sum. */
static const double least_lambda = 1e-6, most_lambda = 1e12;

int
main(int argc, char **argv)
{
	if (hmm_option_parse(argc, argv, &usage) != argc)
		hmm_option_misuse("no operands wanted: features come on standard input");
	hmm_training_mode(&usage, train, weights_path, output_path, "folds|lambda|target|times");
	if (train ? system_of == HMM_UNSET : system_of != HMM_UNSET || only)
		hmm_option_misuse(
		    train ? "--train wants a --model" : "--model and --modality go with --train");
	if (system_of == HMM_MAJORITY)
		hmm_option_idle(&usage, "folds|lambda", "with --model majority");
	if (lambda != HMM_UNSET)
		hmm_option_idle(&usage, "folds|seed", "with --lambda");
	if (lambda != HMM_UNSET && !(lambda >= least_lambda && lambda <= most_lambda))
		hmm_option_misuse("--lambda: found %g, want %g to %g", lambda, least_lambda, most_lambda);
	if (folds < 2 || folds > 1000)
		hmm_option_misuse("--folds: found %ld, want 2 to 1000", folds);
	if (asked.target != HMM_UNSET)
		asked.loss = (int)hmm_pooled_loss((enum hmm_target)asked.target);
	if (hmm_objective_fits(&asked, LONG_MAX))
		return 2;
	if (weights_path && hmm_model_open(&file, weights_path)) {
		hmm_model_close(&file);
		return 1;
	}
	const int status = hmm_training_read(
	    HMM_FEATURES, weights_path, output_path, NULL, train ? learn : predict, NULL);
	hmm_model_close(&file);
	return status;
}
